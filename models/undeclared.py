"""An architecture that no family declares: read as far as others' files or code need it to run."""

import re
from importlib.util import find_spec
from math import prod
from pathlib import Path

from vectord.core import Foreign, Head
from vectord.errors import CheckpointError

from . import own_onnx, own_openvino
from .config import Config, brief
from .families import FAMILIES, Family
from .families.labels import label_count
from .sentence import read_limit
from .stored import is_stored, stored_tensors
from .tokenizer import model_max_length

# what architectures call the size of their states, and how many positions they have
SIZES = ("hidden_size", "d_model", "n_embd", "dim")
POSITIONS = ("max_position_embeddings", "n_positions", "n_ctx")
# where transformers lists the architectures that it knows
TABLES = ("models/auto/auto_mappings.py", "models/auto/configuration_auto.py")


def undeclared(name: str) -> Family:
    """Return a stand-in for the family that is not there: its network and its labels are given by others."""
    return Family(
        name=name,
        model_type=name,
        arch=foreign,
        names={},
        classifier=lambda config: Head("logits", None, given=label_count(config)),
        token_classifier=lambda config: Head("token_logits", None, given=label_count(config)),
    )


def foreign(config: Config) -> Foreign:
    """Read what there is to run the network. Raises `CheckpointError` where nothing is."""
    path, name = config.path.parent, config.word("model_type")
    onnx, openvino = own_onnx.read(path), own_openvino.read(path)
    files = [file for file in (onnx, openvino) if file is not None]
    missing = without_transformers(name)
    if not files and missing:
        raise unknown(config, name, missing)
    stored = is_stored(path) or not files
    # as float32 where headers say how much it is, else as the files have it
    weights = [4 * prod(one.shape) for one in stored_tensors(path).values()] if stored else []
    sizes = [one.stat().st_size for file in files[:1] for one in (file.path, *file.beside)]
    return Foreign(
        name=name,
        hidden_size=config.size(one_of(config, SIZES)),
        vocab_size=config.size("vocab_size"),
        token_types=config.size("type_vocab_size", 2, least=0),
        max_positions=positions(config),
        weight_bytes=sum(weights or sizes),
        stored=stored,
        onnx=onnx,
        openvino=openvino,
    )


def unknown(config: Config, name: str, missing: str) -> CheckpointError:
    """Return the error for an architecture that nothing runs: it names what would."""
    known, files = ", ".join(sorted(FAMILIES)), f"{own_onnx.PLACES[0]} or {own_openvino.PLACES[0]}"
    return CheckpointError(
        f"{config.path}: unknown architecture {brief(name)[:80]!r}; vectord knows {known}; "
        f"others need their own {files}, or transformers ({missing})"
    )


def without_transformers(name: str) -> str | None:
    """Return why transformers cannot run an architecture; None where it can. It is not imported for that."""
    found = find_spec("transformers")
    if found is None or find_spec("torch") is None:
        return "not installed: pip install 'vectord[torch]'"
    root = Path(next(iter(found.submodule_search_locations or ())))
    tables = (root / table for table in TABLES)
    listed = re.compile(rf'"{re.escape(name)}"\s*[,:]')
    if any(listed.search(table.read_text(encoding="utf-8")) for table in tables if table.exists()):
        return None
    return "the installed one does not know it"


def one_of(config: Config, keys: tuple[str, ...]) -> str:
    """Return the first of several keys for one thing that config.json has, else the first of all."""
    return next((key for key in keys if config.has(key)), keys[0])


def positions(config: Config) -> int:
    """Return how many positions the network has; where it has no end of them, the limit that is stated."""
    key, path = one_of(config, POSITIONS), config.path.parent
    stated = read_limit(path) or model_max_length(path)
    return config.size(key, None if config.has(key) else stated)
