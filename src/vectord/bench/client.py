"""The load client, a process of its own: `python -m vectord.bench.client`, an order on standard input.

The order holds a target, calls, when they leave (`Schedule`) and whose answers are wanted.
It prints one line of JSON, and measures its own CPU time, which the server lacks on the same cores.
"""

import asyncio
import base64
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from .decode import first_vector, whole
from .load import Done, Load, Schedule
from .summary import percentiles
from .target import Target
from .workload import Call


def main() -> None:
    """Send the calls and print what came of it."""
    order = json.loads(sys.stdin.read())
    target = Target(**order["target"])
    calls = [Call(tuple(texts), query) for texts, query in order["calls"]]
    requests = [target.sent(call) for call in calls]
    load = Load(target, requests, Schedule(**order["schedule"]), frozenset(order["keep"]))
    try:
        before = time.process_time()
        done = run(load)
        cpu = time.process_time() - before
        print(json.dumps(told(done, calls, cpu)))
    except (OSError, ValueError) as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}))


def run(load: Load) -> Done:
    """Run on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(load.run())
    return uvloop.run(load.run())


def told(done: Done, calls: Sequence[Call], cpu: float) -> dict[str, Any]:
    """Return the figures of a round: seconds, counts of what was answered, CPU seconds, vectors in base64."""
    answered = [calls[number] for number in done.latency]
    return {
        "seconds": done.seconds,
        "requests": len(answered),
        "texts": sum(len(call.texts) for call in answered),
        "words": sum(call.words for call in answered),
        "failed": dict(done.failed),
        "latency": percentiles(list(done.latency.values())),
        "client_cpu": cpu,
        "vectors": {
            str(number): base64.b64encode(first_vector(whole(*answer)).tobytes()).decode()
            for number, answer in done.kept.items()
        },
    }


if __name__ == "__main__":
    main()
