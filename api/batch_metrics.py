"""What the metrics say of batches."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

# Of a batch in the fill ratio: about the last twenty count.
NEWEST = 0.1
TOKENS = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768)


@dataclass(slots=True)
class Series:
    """One model's series; to find them anew takes longer than to count. `filled` is the fill ratio's mean."""

    tokens: Counter
    padded: Counter
    size: Histogram
    seconds: Counter
    fill: Gauge
    filled: float | None = None


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
        self._by_model: dict[str, Series] = {}

    def declare(self, model: str) -> Series:
        """Let a model's series begin with 0."""
        found = self._by_model[model] = Series(
            self._tokens.labels(model),
            self._padded.labels(model),
            self._size.labels(model),
            self._seconds.labels(model),
            self._fill.labels(model),
        )
        return found

    def finished(self, model: str, tokens: int, padded_tokens: int, seconds: float) -> None:
        """Count one batch that a model ran."""
        series = self._by_model.get(model) or self.declare(model)
        ratio = tokens / max(padded_tokens, 1)
        before = ratio if series.filled is None else series.filled
        series.filled = before + NEWEST * (ratio - before)
        series.fill.set(series.filled)
        series.tokens.inc(tokens)
        series.padded.inc(padded_tokens)
        series.size.observe(tokens)
        series.seconds.inc(seconds)
