"""vectord: an embedding and rerank server, and the engine inside it.

async with vectord.open_engine("all-MiniLM-L6-v2") as engine:
    vectors = (await engine.embed(["hello"])).vectors
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .scheduler import Engine

__version__ = "0.1.0"


def open_engine(*models: str, **settings: Any) -> "Engine":
    """Load models and return the engine that the server uses; close it, or use it with `async with`.

    `models` and `settings` are what `vectord serve` takes (docs/settings.md). Raises
    `vectord.errors.StartError`.
    """
    from .compose import build_engine
    from .file import load_settings

    return build_engine(load_settings({"models": models, **settings}))


__all__ = ["__version__", "open_engine"]
