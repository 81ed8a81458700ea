"""Series of a pool as Prometheus would have scraped them, in the notation of promtool's tests of rules."""

import re
from collections.abc import Mapping

INTERVAL = 15  # seconds between two samples; the chart's own scrape interval
MINUTES = 75
NEVER = ""  # no sample at all
NAME = re.compile(r"(?P<name>\w+)(?:\{(?P<labels>.*)\})?")
Values = Mapping[str, str]  # of each series: its name without vectord_, its labels, and its samples


def steady(per_second: float, minutes: float = MINUTES) -> str:
    """Return a counter that grows evenly from 0."""
    return f"0+{per_second * INTERVAL:g}x{samples(minutes)}"


def held(value: float, minutes: float = MINUTES) -> str:
    """Return a value that stays."""
    return f"{value:g}+0x{samples(minutes)}"


def samples(minutes: float) -> int:
    """Return how many samples follow the first one."""
    return round(minutes * 60 / INTERVAL)


def then(*parts: str) -> str:
    """Return what follows one upon another, each a sample after the last."""
    return " ".join(parts)


# ten requests a second, all answered; what can go wrong is there with 0, as in the server
HEALTHY: Values = {
    "replicas": held(1),
    'requests_total{status="200"}': steady(10),
    **{f'requests_total{{status="{one}"}}': held(0) for one in (400, 424, 429, 500, 503)},
    **{
        f'refusals_total{{reason="{one}"}}': held(0)
        for one in ("too_many_requests", "too_many_waiting", "deadline", "wrong_task")
    },
    **{f'phase_seconds_bucket{{phase="queue",le="{le}"}}': steady(10) for le in ("0.25", "1", "2.5", "+Inf")},
    "oldest_seconds": held(0),
    "abandoned_runners_total": held(0),
}
# and all of that as bad as can be
BROKEN: Values = {
    **HEALTHY,
    'requests_total{status="500"}': steady(10),
    'refusals_total{reason="too_many_requests"}': steady(10),
    'phase_seconds_bucket{phase="queue",le="1"}': held(0),
    "oldest_seconds": held(100),
    "abandoned_runners_total": steady(1),
}


def scraped(values: Values, namespace: str, service: str, pod: str = "a") -> list[dict[str, str]]:
    """Return series as promtool reads them, with the labels that a target has; a series may name its pod."""
    found = []
    for key, told in values.items():
        match = NAME.fullmatch(key)
        assert match, key
        labels = [f'namespace="{namespace}"', f'service="{service}"', *filter(None, [match["labels"]])]
        if "pod=" not in key:
            labels.append(f'pod="{pod}"')
        if told != NEVER:
            found.append({"series": f"vectord_{match['name']}{{{','.join(labels)}}}", "values": told})
    return found
