"""The kubelet of these tests does what Kubernetes' does: a container that misbehaves is what shows it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helm.rendering import Object

from .cluster import await_that
from .container import Ending
from .kubelet import Kubelet
from .pod import Pod
from .store import Store
from .variables import quantity, resource_of

FOREVER = "import time; time.sleep(60)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open('on', 'w'); time.sleep(60)"
Runs = Callable[..., Pod]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Runs]:
    """Return what starts a pod of one Python container; all end with the test."""
    kubelet, started = Kubelet(tmp_path, Store({}), "ns"), list[Pod]()

    def runs(code: str, grace: int = 5, init: str = "", **spec: object) -> Pod:
        container = {"name": "one", "command": ["python3", "-c", code], "ports": [], **spec}
        inits = [{"name": "init", "command": ["python3", "-c", init], "ports": []}] if init else []
        found: Object = {
            "containers": [container], "initContainers": inits, "terminationGracePeriodSeconds": grace,
        }  # fmt: skip
        template: Object = {"metadata": {"labels": {}}, "spec": found}
        started.append(kubelet.run(template, f"pod-{len(started)}"))
        return started[-1]

    yield runs
    for pod in started:
        pod.discard()


def probed(code: str, **numbers: object) -> Object:
    return {
        "exec": {"command": ["python3", "-c", code]},
        "periodSeconds": 0.1,
        "timeoutSeconds": 5,
        **numbers,
    }


def exists(name: str) -> str:
    """Return a check that a file is there."""
    return f"import os; assert os.path.exists({name!r})"


def test_a_container_that_ends_is_started_again_at_once_and_then_after_a_while(run: Runs) -> None:
    pod = run("raise SystemExit(3)")
    await_that(lambda: pod.restarts == 2, 10)
    time.sleep(0.5)
    assert pod.endings == [Ending(3, forced=False)] * 2


def test_one_that_fails_its_liveness_probe_is_started_again(run: Runs) -> None:
    pod = run(FOREVER, livenessProbe=probed("raise SystemExit(1)", failureThreshold=2))
    await_that(lambda: pod.restarts == 1, 10)
    assert pod.endings == [Ending(-15, forced=False)]


def test_until_it_has_started_no_other_probe_asks(run: Runs) -> None:
    fails = probed("raise SystemExit(1)", failureThreshold=1)
    pod = run(FOREVER, startupProbe=probed("raise SystemExit(1)", failureThreshold=100), livenessProbe=fails)
    time.sleep(1)
    assert (pod.ready, pod.restarts) == (False, 0)


def test_one_that_does_not_start_in_time_is_started_again(run: Runs) -> None:
    pod = run(FOREVER, startupProbe=probed("raise SystemExit(1)", failureThreshold=3))
    await_that(lambda: pod.restarts == 1, 10)


def test_ready_is_what_the_readiness_probe_says_last(run: Runs) -> None:
    here = "open('here', 'w'); import time; time.sleep(1); import os; os.remove('here'); time.sleep(60)"
    pod = run(here, readinessProbe=probed(exists("here"), failureThreshold=1))
    await_that(lambda: pod.ready, 10)
    await_that(lambda: not pod.ready, 10)
    assert pod.restarts == 0


def test_a_pod_that_is_deleted_serves_no_more_though_its_container_goes_on(run: Runs) -> None:
    pod = run(FOREVER, lifecycle={"preStop": {"sleep": {"seconds": 1}}})
    await_that(lambda: pod.serves, 10)
    began = time.monotonic()
    pod.delete()
    assert (pod.serves, pod.ready) == (False, True)
    assert pod.gone.wait(10)
    assert 1 <= time.monotonic() - began < 4
    assert pod.endings == [Ending(-15, forced=False)]


def test_a_hook_runs_before_the_signal(run: Runs) -> None:
    hook = {"preStop": {"exec": {"command": ["python3", "-c", "open('hook', 'w')"]}}}
    seen = (
        "import os, signal, time; signal.signal(15, lambda *_: os._exit(7 if os.path.exists('hook') else 8))"
    )
    pod = run(f"{seen}; open('on', 'w'); time.sleep(60)", lifecycle=hook, readinessProbe=probed(exists("on")))
    await_that(lambda: pod.ready, 10)
    pod.delete()
    assert pod.gone.wait(10)
    assert pod.endings == [Ending(7, forced=False)]


def test_one_that_outstays_its_grace_is_killed(run: Runs) -> None:
    pod = run(DEAF, grace=2, readinessProbe=probed(exists("on")))
    await_that(lambda: pod.ready, 10)
    pod.delete()
    assert pod.gone.wait(10)
    assert pod.endings == [Ending(-9, forced=True)]


def test_init_containers_end_first(run: Runs) -> None:
    pod = run(f"{exists('made')}; {FOREVER}", init="open('made', 'w')")
    await_that(lambda: pod.ready, 10)
    assert pod.restarts == 0


def test_a_program_that_is_not_here_never_gets_ready(run: Runs) -> None:
    pod = run(FOREVER, command=["no-such-program"])
    await_that(lambda: pod.log.exists() and "no-such-program" in pod.log.read_text(), 10)
    assert not pod.ready


def test_quantities_are_kubernetes() -> None:
    assert [quantity(one) for one in ("500m", "2", "1Gi", "1.5")] == [0.5, 2, 2**30, 1.5]
    assert resource_of({"resources": {"requests": {"cpu": "1500m"}}}, "requests.cpu", "1") == "2"
