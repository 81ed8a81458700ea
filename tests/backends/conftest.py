from collections.abc import Iterator

import pytest
import torch

from vectord.hardware import detect

from .running import Device


def pytest_configure(config: pytest.Config) -> None:
    """Take `--device cuda:N`: torch's part of the tests of this folder runs there, and nothing else does."""
    kind, _, index = config.getoption("--device").partition(":")
    if kind == "cuda":
        Device.asked = int(index or 0)
        if Device.asked not in [one.index for one in detect().cuda]:
            raise pytest.UsageError(f"--device {kind}:{Device.asked}: nvidia-smi finds no such device")
    elif kind != "cpu":
        raise pytest.UsageError(f"--device {kind}: give cpu, cuda or cuda:INDEX")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if Device.asked is None:
        return
    chosen = [item for item in items if item.get_closest_marker("cuda") or on_torch(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


def on_torch(item: pytest.Item) -> bool:
    """Whether a test is of a backend, and that is torch."""
    call = getattr(item, "callspec", None)
    return call is not None and "torch" in str(call.id).split("-")


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Undo what torch sessions say about the threads of the process."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
