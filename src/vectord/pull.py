"""`vectord pull`: models into the hub's cache, so that serving needs no network."""

import os
import sys
import time
from functools import partial

from .asked import every_model
from .config import Settings
from .errors import CheckpointError
from .models.hub import pulled
from .models.resolve import Reference, resolve


def pull(settings: Settings, *, update: bool) -> int:
    """Get every model that the settings name, a line for each; return the exit status."""
    failed = False
    for asked in every_model(settings):
        try:
            print(pull_one(asked.reference, update=update), flush=True)
        except CheckpointError as error:
            print(f"vectord: {error}", file=sys.stderr, flush=True)
            failed = True
    return int(failed)


def pull_one(reference: Reference, *, update: bool) -> str:
    """Get one model and return the line that says what is there. Raises `CheckpointError`."""
    began = time.perf_counter()
    place = resolve(reference, partial(pulled, update=update))
    if place.revision is None:
        return f"{place.source}: is in {place.path}, nothing to pull"
    sizes = [file.stat().st_size for file in place.path.rglob("*") if file.is_file()]
    return (
        f"{place.source}@{place.revision}: {len(sizes)} files, {sum(sizes) / 1e6:,.1f} MB, "
        f"checked, {time.perf_counter() - began:.1f} s, in {place.path}"
    )


def quiet_unless_watched() -> None:
    """Show progress bars to people only; in a log each step of a bar would be a line."""
    if not sys.stderr.isatty():
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
