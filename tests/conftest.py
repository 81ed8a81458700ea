import pytest

from tests.shared import Checkpoints


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoints:
    """Tiny checkpoints by family, shape and style; nobody changes what lies there."""
    return Checkpoints(tmp_path_factory.mktemp("checkpoints"))
