"""What the metrics say of batches."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

# Of a batch in the fill ratio: about the last twenty count.
NEWEST = 0.1
TOKENS = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768)


class BatchMetrics:
    """Counts batches: their tokens, how well they were filled, their time."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._tokens = Counter("vectord_tokens", "Real tokens run.", ["model"], registry=registry)
        self._padded = Counter(
            "vectord_padded_tokens", "Tokens run, padding included.", ["model"], registry=registry
        )
        self._size = Histogram(
            "vectord_batch_tokens", "Real tokens of a batch.", ["model"], buckets=TOKENS, registry=registry
        )
        self._seconds = Counter(
            "vectord_batch_seconds", "Time that batches ran.", ["model"], registry=registry
        )
        self._fill = Gauge(
            "vectord_batch_fill_ratio",
            "Real tokens over padded tokens, mean of the latest batches.",
            ["model"],
            registry=registry,
        )
        self._fills: dict[str, float] = {}

    def declare(self, model: str) -> None:
        """Let a model's series begin with 0."""
        for series in (self._tokens, self._padded, self._size, self._seconds, self._fill):
            series.labels(model)

    def finished(self, model: str, tokens: int, padded_tokens: int, seconds: float) -> None:
        """Count one batch that a model ran."""
        ratio = tokens / max(padded_tokens, 1)
        before = self._fills.get(model, ratio)
        self._fills[model] = before + NEWEST * (ratio - before)
        self._fill.labels(model).set(self._fills[model])
        self._tokens.labels(model).inc(tokens)
        self._padded.labels(model).inc(padded_tokens)
        self._size.labels(model).observe(tokens)
        self._seconds.labels(model).inc(seconds)
