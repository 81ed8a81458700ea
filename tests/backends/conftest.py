from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Undo what torch sessions say about the threads of the process."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
