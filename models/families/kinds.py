"""Which layers see all tokens and which a window, where they take turns."""

from collections.abc import Callable

from ..config import Config

GLOBAL, LOCAL = "full_attention", "sliding_attention"


def layer_kinds(config: Config, count: int, local: Callable[[int], bool]) -> list[str]:
    """Read `layer_types`; where there are none, `local` says of each index whether it sees a window."""
    kinds = config.words("layer_types") or [LOCAL if local(index) else GLOBAL for index in range(count)]
    if len(kinds) != count or not set(kinds) <= {GLOBAL, LOCAL}:
        raise config.wrong("layer_types", f"{count} of {GLOBAL} and {LOCAL}", kinds)
    return kinds
