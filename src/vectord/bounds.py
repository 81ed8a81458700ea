"""Between what bounds numbers among the settings are sensible."""

# Anything below is refused at start.
LEAST = {
    "threads": 1,
    "replicas": 1,
    "cache_bytes": 0,
    "cache_mb": 0,
    "max_batch_tokens": 1,
    "max_concurrent_requests": 1,
    "max_client_batch_size": 1,
    "max_request_tokens": 1,
    "max_waiting_tokens": 1,
    "payload_limit": 1,
    "read_seconds": 0.1,
    "hang_seconds": 0.1,
    "drain_seconds": 0,
    "port": 0,
    "metrics_port": 0,
}
# A larger port would be taken modulo 65,536; nobody waits for more than a day.
MOST = {
    "port": 65_535,
    "metrics_port": 65_535,
    "read_seconds": 86_400,
    "hang_seconds": 86_400,
    "drain_seconds": 86_400,
}


def misfit(name: str, value: float) -> str | None:
    """Return what a setting's value must be; None if it is."""
    if LEAST.get(name, value) <= value <= MOST.get(name, value):
        return None
    return f"from {LEAST[name]} to {MOST[name]}" if name in MOST else f"at least {LEAST[name]}"
