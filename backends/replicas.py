"""How many sessions a model gets, and what each of them gets of the bid.

On CPUs a session already runs as many batches at once as its bid says: ONNX Runtime on the threads that call
it, OpenVINO in one compiled model with a stream and an infer request for each runner. More sessions were as
fast and hold the weights again that a runtime has packed for itself (docs/performance.md), so `auto` is one.
They are worth asking for where a hang must not stop the whole model: each is given up and replaced alone.

A CUDA device has a session of its own, so `auto` is one on each device like the best. That was decided and
not measured.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from vectord.core import Bid
from vectord.errors import SettingError


def how_many(asked: int | Literal["auto"], bid: Bid, cores: int) -> int:
    """Return how many sessions a model gets. Raises `SettingError` where there is no core or device for one.

    `cores` is the budget of the process: every session has a runner, and a runner holds a core while it runs.
    """
    if asked == "auto":
        return max(1, min(len(bid.devices), cores))
    if asked > cores:
        raise SettingError(f"--replicas {asked}: each needs a core of its own, and there are {cores}")
    if bid.devices and asked > len(bid.devices):
        raise SettingError(
            f"--replicas {asked}: each needs a device of its own; alike and able to hold the model are "
            f"{', '.join(bid.devices)}"
        )
    return asked


def parts(bid: Bid, count: int) -> Iterator[Bid]:
    """Yield the bid of each session: on devices the whole bid, on CPUs a part of its runners and threads.

    Where there are fewer runners than sessions, each has one, and they share the threads of all.
    """
    runners, rest = divmod(bid.runners, count)
    threads = bid.threads if runners else max(1, bid.runners * bid.threads // count)
    for index in range(count):
        if bid.devices:
            yield replace(bid, device=bid.devices[index])
        else:
            yield replace(bid, runners=max(1, runners + (index < rest)), threads=threads)
