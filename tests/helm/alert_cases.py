"""What each alert must see and must not see: changes to a healthy pool, a time, and whether it fires."""

from dataclasses import dataclass
from typing import Literal

from .series import HEALTHY, NEVER, Values, held, steady, then

FAILED = 'requests_total{status="500"}'
TEI_FAILED = 'requests_total{status="424"}'
ANSWERED = 'requests_total{status="200"}'
REFUSED = 'requests_total{status="429"}'
FULL = 'refusals_total{reason="too_many_requests"}'


def late(share: float) -> Values:
    """Return that this share of requests queues for more than a second, and less than 2.5."""
    return {
        f'phase_seconds_bucket{{phase="queue",le="{le}"}}': steady(10 * (1 - share)) for le in ("0.25", "1")
    }


@dataclass(frozen=True)
class Case:
    """One look at one alert. `by`: the labels that it has when it fires, or none where it must not."""

    alert: str
    what: str
    changes: Values
    at: str
    by: tuple[Literal["namespace", "service", "pod"], ...] = ()

    @property
    def values(self) -> Values:
        return {**HEALTHY, **self.changes}


NOTHING: Values = dict.fromkeys(HEALTHY, NEVER)
AWAY_AT_10M: Values = {"replicas": then(held(1, 10), "stale")}
SERVICE: tuple[Literal["service"], ...] = ("service",)
POD: tuple[Literal["service", "pod"], ...] = ("service", "pod")
IDLE: Values = {ANSWERED: held(7), **{key: held(7) for key in HEALTHY if key.startswith("phase")}}

CASES: tuple[Case, ...] = (
    Case("VectordAbsent", "no pod was ever scraped", NOTHING, "6m", ("namespace", "service")),
    Case("VectordAbsent", "no pod was ever scraped, not yet", NOTHING, "4m"),
    Case("VectordAbsent", "the last pod is away", AWAY_AT_10M, "16m", ("namespace", "service")),
    Case("VectordAbsent", "the last pod is away, not yet", AWAY_AT_10M, "14m"),
    Case(
        "VectordAbsent",
        "the last pod was away for three minutes",
        {"replicas": then(held(1, 10), "stale", "_x11", held(1, 40))},
        "17m",
    ),
    Case(
        "VectordAbsent",
        "one of two pods is away",
        {**AWAY_AT_10M, 'replicas{pod="b"}': held(1)},
        "30m",
    ),
    Case("VectordFails", "2 % fail", {FAILED: steady(0.2)}, "6m", SERVICE),
    Case("VectordFails", "2 % fail, not yet", {FAILED: steady(0.2)}, "4m"),
    Case(
        "VectordFails",
        "2 % are answered with 503",
        {'requests_total{status="503"}': steady(0.2)},
        "6m",
        SERVICE,
    ),
    Case("VectordFails", "0.5 % fail", {FAILED: steady(0.05)}, "30m"),
    Case("VectordFails", "2 % fail on TEI's routes", {TEI_FAILED: steady(0.2)}, "6m", SERVICE),
    Case(
        "VectordFails",
        "clients ask for what the model cannot do, on TEI's routes",
        {TEI_FAILED: steady(5), 'refusals_total{reason="wrong_task"}': steady(5)},
        "30m",
    ),
    Case(
        "VectordFails",
        "2 % fail while clients ask for what the model cannot do",
        {
            FAILED: steady(0.2),
            'refusals_total{reason="wrong_task"}': steady(5),
            'requests_total{status="400"}': steady(5),
        },
        "6m",
        SERVICE,
    ),
    Case(
        "VectordFails",
        "all requests are wrong",
        {ANSWERED: held(0), 'requests_total{status="400"}': steady(9)},
        "30m",
    ),
    Case("VectordFails", "nobody asks", {**IDLE, FAILED: held(7)}, "30m"),
    Case(
        "VectordFails",
        "a pod that had failed starts anew and counts from 0",
        {FAILED: then(held(90, 10), held(0, 30)), ANSWERED: then(steady(10, 10), steady(10, 30))},
        "17m",
    ),
    Case(
        "VectordFails",
        "2 % fail again after a start",
        {FAILED: then(held(90, 10), steady(0.2, 30))},
        "20m",
        SERVICE,
    ),
    Case("VectordFull", "5 % are turned away", {FULL: steady(0.5), REFUSED: steady(0.5)}, "6m", SERVICE),
    Case("VectordFull", "5 % are turned away, not yet", {FULL: steady(0.5), REFUSED: steady(0.5)}, "4m"),
    Case(
        "VectordFull",
        "5 % are turned away for what waits",
        {'refusals_total{reason="too_many_waiting"}': steady(0.5), REFUSED: steady(0.5)},
        "6m",
        SERVICE,
    ),
    Case("VectordFull", "0.5 % are turned away", {FULL: steady(0.05), REFUSED: steady(0.05)}, "30m"),
    Case("VectordFull", "a burst was turned away", {FULL: then(held(0, 8), held(600, 30))}, "12m45s"),
    Case(
        "VectordFull", "clients' own deadlines pass", {'refusals_total{reason="deadline"}': steady(5)}, "30m"
    ),
    Case("VectordFull", "nobody asks", {**IDLE, FULL: held(7)}, "30m"),
    Case("VectordSlow", "2 % wait for more than a second", late(0.02), "11m", SERVICE),
    Case("VectordSlow", "2 % wait for more than a second, not yet", late(0.02), "9m"),
    Case("VectordSlow", "0.5 % wait for more than a second", late(0.005), "30m"),
    Case("VectordSlow", "nobody asks", IDLE, "30m"),
    Case(
        "VectordSlow",
        "another phase is slow",
        {
            f'phase_seconds_bucket{{phase="run",le="{le}"}}': steady(10 * (le != "1"))
            for le in ("1", "2.5", "+Inf")
        },
        "30m",
    ),
    Case(
        "VectordHangs", "an input waits", {"oldest_seconds": then(held(0, 10), held(31, 30))}, "11m30s", POD
    ),
    Case(
        "VectordHangs", "an input waits, not yet", {"oldest_seconds": then(held(0, 10), held(31, 30))}, "11m"
    ),
    Case(
        "VectordHangs",
        "an input waited for half a minute more",
        {"oldest_seconds": then(held(0, 10), held(31, 0.5), held(0))},
        "12m",
    ),
    Case("VectordHangs", "inputs wait for less", {"oldest_seconds": held(29)}, "30m"),
    Case(
        "VectordGaveUp",
        "a runner was given up",
        {"abandoned_runners_total": then(held(0, 10), held(1))},
        "11m",
        POD,
    ),
    Case(
        "VectordGaveUp",
        "a runner was given up long ago",
        {"abandoned_runners_total": then(held(0, 5), held(1))},
        "66m",
    ),
    Case(
        "VectordGaveUp",
        "the pod started anew since",
        {"abandoned_runners_total": then(held(1, 10), held(0))},
        "11m",
    ),
)
NOT_ABSENT = dict.fromkeys(case.alert for case in CASES if case.alert != "VectordAbsent")
CASES += tuple(Case(alert, "nothing is scraped", NOTHING, "30m") for alert in NOT_ABSENT)
