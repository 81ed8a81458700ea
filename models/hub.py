"""A repository of the model hub as a directory: from the hub's cache, else fetched."""

from functools import partial
from pathlib import Path

from vectord.errors import CheckpointError

from . import own_onnx, own_openvino
from .config import Config, brief
from .families import FAMILIES
from .stored import is_stored, weight_files

# what serving needs of a repository, the hub lets * stand for / too; pickles and code are never fetched
CONFIGS, WEIGHTS = ["*.json"], ["*.safetensors"]
ESSENTIAL = ("config.json", "tokenizer.json")
UNNEEDED = ["onnx/*", "openvino/*", "original/*", "*/*/*"]
# what runs a network that no family declares: files, with the weights beside them, in no other precision
OWN = [f"{place}*" for place in own_onnx.PLACES] + [
    place.replace(".xml", suffix) for place in own_openvino.PLACES for suffix in (".xml", ".bin")
]


def from_hub(target: str, revision: str | None) -> Path:
    """Return a repository's folder in the hub's cache, fetched if need be. Raises `CheckpointError`."""
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
        path = Path(found)
        if not whole(path):
            raise LocalEntryNotFoundError("the cache holds only part of it")
    except HFValidationError as error:
        raise CheckpointError(f"{target!r} is neither a directory nor a hub id: {error}") from None
    except LocalEntryNotFoundError:
        path = fetch(target, revision)
    return path


def whole(path: Path) -> bool:
    """Whether a cached copy has all that serving needs: a download may have been cut off."""
    try:
        if not all((path / name).exists() for name in ESSENTIAL):
            return False
        if declared(path) or is_stored(path):  # weights come last
            return bool(weight_files(path))
        return own_onnx.read(path) is not None or own_openvino.read(path) is not None
    except CheckpointError:
        return False


def declared(path: Path) -> bool:
    """Whether a family declares the architecture. Raises `CheckpointError`."""
    file = path / "config.json"
    return not file.exists() or Config.read(file).word("model_type") in FAMILIES


def fetch(target: str, revision: str | None) -> Path:
    """Download a repository into the hub cache. Raises `CheckpointError` with the way out."""
    from huggingface_hub.constants import HF_HUB_OFFLINE

    where = f"{target}@{revision}" if revision else target
    if HF_HUB_OFFLINE:
        raise CheckpointError(
            f"{where} is not in the hub cache and HF_HUB_OFFLINE is set: unset it, or give a directory"
        )
    try:
        return download(target, revision)
    except CheckpointError:
        raise
    except Exception as error:  # the hub library's many causes (network, 401, 404, revision) end the same way
        raise CheckpointError(f"cannot get {where} from the hub: {way_out(error)}") from None


def download(target: str, revision: str | None) -> Path:
    """Fetch what is small, then what it says is needed; the hub library shows its progress bars."""
    import huggingface_hub as hub

    get = partial(hub.snapshot_download, target)
    path = Path(get(revision=revision, allow_patterns=CONFIGS, ignore_patterns=UNNEEDED))
    commit = path.name  # the rest is of the same one, whatever happens meanwhile
    if not declared(path):
        get(revision=commit, allow_patterns=OWN)
    get(revision=commit, allow_patterns=WEIGHTS, ignore_patterns=UNNEEDED)
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
        case _:
            return f"{brief(error)} (check the network; HF_ENDPOINT for a mirror; or give a local directory)"
