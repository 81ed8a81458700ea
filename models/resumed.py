"""Large files of a repository, fetched so that a later process goes on where an earlier one ended."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from vectord.errors import CheckpointError

LARGE = 10_000_000  # bytes; the library writes so many at once, and nothing of a part of them


def fetch_large(target: str, commit: str, allow: Sequence[str], ignore: Sequence[str] = ()) -> None:
    """Put a commit's large files into the hub's cache, where the hub library finds and links them.

    The library goes on after a lost connection, yet begins anew in every process; here the part that came
    stays under the file's digest. Raises `CheckpointError` if there is no room, and what the library raises.
    """
    import huggingface_hub as hub
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.file_download import repo_folder_name

    found = hub.snapshot_download(
        target, revision=commit, allow_patterns=[*allow], ignore_patterns=[*ignore], dry_run=True
    )
    wanted = [one for one in found if one.will_download]
    check_room(sum(one.file_size or 0 for one in wanted), Path(HF_HUB_CACHE))
    folder = repo_folder_name(repo_id=target, repo_type="model")
    blobs, locks = Path(HF_HUB_CACHE) / folder / "blobs", Path(HF_HUB_CACHE) / ".locks" / folder
    for place in (blobs, locks):
        place.mkdir(parents=True, exist_ok=True)
    for one in wanted:
        if (one.file_size or 0) >= LARGE:
            fetch_file(hub.hf_hub_url(target, one.filename, revision=commit), blobs, locks, one.filename)


def fetch_file(url: str, blobs: Path, locks: Path, name: str) -> None:
    """Fetch one file into the cache's blobs, from where an earlier try ended; `locks` are the library's."""
    from huggingface_hub import get_hf_file_metadata
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils._fixes import WeakFileLock
    from huggingface_hub.utils._headers import build_hf_headers

    told = get_hf_file_metadata(url)
    if not told.etag or not told.size:  # a mirror that says neither: the library's way it is
        return
    whole, part = blobs / told.etag, blobs / f"{told.etag}.part"
    with WeakFileLock(locks / f"{told.etag}.lock"):
        if whole.exists():
            return
        part.touch()
        with part.open("r+b") as file:
            have = file.seek(0, 2)
            if have > told.size:  # of nothing that the hub has
                have = file.truncate(0)
                file.seek(0)
            http_get(
                url,
                file,
                resume_size=have,
                headers=build_hf_headers(),
                expected_size=told.size,
                displayed_filename=name,
            )
        part.replace(whole)


def check_room(needed: int, cache: Path) -> None:
    """Raise `CheckpointError` if the cache's disk has not so many bytes left."""
    place = next(one for one in (cache, *cache.parents) if one.exists())
    free = shutil.disk_usage(place).free
    if needed > free:
        raise CheckpointError(
            f"{needed / 1e6:,.0f} MB are needed in {cache} and {free / 1e6:,.0f} MB are free: "
            "make room, or set HF_HOME to another disk"
        )
