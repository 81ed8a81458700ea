"""A repository of the model hub as a directory: from the hub's cache, else fetched."""

import errno
from pathlib import Path

from vectord.errors import CheckpointError

from . import own_onnx, own_openvino
from .config import Config, brief
from .digest import check_digests
from .families import FAMILIES
from .resumed import fetch_large
from .stored import METADATA, PARTS, is_stored, weight_files
from .undeclared import has_own_file

# what serving needs of a repository, the hub lets * stand for / too; code and pickled weights are never
# fetched, and the two files of torch.save that are, bge-m3's, are never unpickled
CONFIGS, WEIGHTS = ["*.json", METADATA, *PARTS], ["*.safetensors"]
ESSENTIAL = ("config.json", "tokenizer.json")
UNNEEDED = ["onnx/*", "openvino/*", "original/*", "*/*/*"]
# what runs a network that no family declares: files, with the weights beside them, in no other precision
OWN = [f"{place}*" for place in own_onnx.PLACES] + [
    place.replace(".xml", suffix) for place in own_openvino.PLACES for suffix in (".xml", ".bin")
]


def from_hub(target: str, revision: str | None) -> Path:
    """Return a repository's folder in the hub's cache, fetched if need be. Raises `CheckpointError`."""
    return cached(target, revision) or fetch(target, revision)


def pulled(target: str, revision: str | None, *, update: bool = False) -> Path:
    """Return a repository's folder in the hub's cache, its files compared with the hub's digests.

    A whole copy is not fetched again, unless by `update` where a branch or tag has moved; a fetch that was
    cut off goes on where it ended. Raises `CheckpointError`.
    """
    from huggingface_hub.constants import HF_HUB_OFFLINE

    path = None if update and not HF_HUB_OFFLINE else cached(target, revision)
    path = path or fetch(target, revision, resumed=True)
    try:
        check_digests(path)
    except CheckpointError as error:
        raise CheckpointError(f"{target}: {error}") from None
    return path


def cached(target: str, revision: str | None) -> Path | None:
    """Return a whole copy's folder, None where there is none. Raises `CheckpointError` for a wrong id."""
    import huggingface_hub as hub
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        found = hub.snapshot_download(
            target,
            revision=revision,
            allow_patterns=CONFIGS + WEIGHTS,
            ignore_patterns=UNNEEDED,
            local_files_only=True,
        )
    except HFValidationError as error:
        raise CheckpointError(f"{target!r} is neither a directory nor a hub id: {error}") from None
    except LocalEntryNotFoundError:
        return None
    return Path(found) if whole(Path(found)) else None


def whole(path: Path) -> bool:
    """Whether a cached copy has all that serving needs: a download may have been cut off."""
    try:
        if not all((path / name).exists() for name in ESSENTIAL):
            return False
        if is_stored(path):  # weights come last
            return bool(weight_files(path))
        return has_own_file(path)
    except CheckpointError:
        return False


def declared(path: Path) -> bool:
    """Whether a family declares the architecture. Raises `CheckpointError`."""
    file = path / "config.json"
    return not file.exists() or Config.read(file).word("model_type") in FAMILIES


def fetch(target: str, revision: str | None, *, resumed: bool = False) -> Path:
    """Download a repository into the hub cache. Raises `CheckpointError` with the way out.

    `resumed`: large files go on where an earlier process ended.
    """
    from huggingface_hub.constants import HF_HUB_OFFLINE

    where = f"{target}@{revision}" if revision else target
    if HF_HUB_OFFLINE:
        raise CheckpointError(
            f"{where} is not in the hub cache and HF_HUB_OFFLINE is set: unset it, or give a directory"
        )
    try:
        return download(target, revision, resumed=resumed)
    except CheckpointError as error:
        raise CheckpointError(
            f"cannot get {where} from the hub: {error}" if resumed else str(error)
        ) from None
    except Exception as error:  # the hub library's many causes (network, 401, 404, revision) end the same way
        raise CheckpointError(f"cannot get {where} from the hub: {way_out(error)}") from None


def download(target: str, revision: str | None, *, resumed: bool) -> Path:
    """Fetch what is small, then what it says is needed; the hub library shows its progress bars."""
    import huggingface_hub as hub

    path = Path(
        hub.snapshot_download(target, revision=revision, allow_patterns=CONFIGS, ignore_patterns=UNNEEDED)
    )
    commit = path.name  # the rest is of the same one, whatever happens meanwhile

    def get(allow: list[str], ignore: list[str]) -> None:
        if resumed:
            fetch_large(target, commit, allow, ignore)
        hub.snapshot_download(target, revision=commit, allow_patterns=allow, ignore_patterns=ignore)

    if not declared(path):
        get(OWN, [])
    get(WEIGHTS, UNNEEDED)
    if not is_stored(path):
        get(OWN, [])
    return path


def way_out(error: Exception) -> str:
    """Return what the hub library's error means and what to do, in one line."""
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    match error:
        case GatedRepoError():
            return "it is gated; accept its terms on its page and set HF_TOKEN"
        case RepositoryNotFoundError():
            return "it is not there or is private; check the name, and set HF_TOKEN for a private model"
        case RevisionNotFoundError():
            return "it has no such revision; check what stands after @"
        case OSError(errno=errno.ENOSPC):
            return f"{brief(error)}: make room, or set HF_HOME to another disk"
        case _:
            return f"{brief(error)} (check the network; HF_ENDPOINT for a mirror; or give a local directory)"
