"""The files around the weights, as repositories on the hub have them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from .recipe import Embedder, Vocabulary

MODULES = "sentence_transformers.models"
POOLING_MODES = (
    "cls_token",
    "mean_tokens",
    "max_tokens",
    "mean_sqrt_len_tokens",
    "weightedmean_tokens",
    "lasttoken",
)


def write_json(path: Path, value: Any) -> None:
    """Write one file, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def rename_tensors(out: Path, name_of: Callable[[str], str], **more: torch.Tensor) -> None:
    """Give the stored tensors other names; add `more`, __ standing for a dot."""
    file = out / "model.safetensors"
    named = {name_of(name): tensor for name, tensor in load_file(file).items()}
    added = {name.replace("__", "."): tensor for name, tensor in more.items()}
    save_file({**named, **added}, file, {"format": "pt"})


def drawn(*size: int, seed: int = 0) -> torch.Tensor:
    """Return a random matrix that about keeps the length of what it maps."""
    return torch.randn(size, generator=torch.Generator().manual_seed(seed)) * size[-1] ** -0.5


def write_tokenizer(out: Path, words: Vocabulary) -> None:
    """Write tokenizer.json and the two files beside it."""
    out.mkdir(parents=True, exist_ok=True)
    words.tokenizer.save(str(out / "tokenizer.json"))
    write_json(out / "tokenizer_config.json", {**words.config, **words.special})
    write_json(out / "special_tokens_map.json", dict(words.special))


def write_modules(out: Path, embedder: Embedder, width: int) -> None:
    """Write what sentence-transformers reads: modules, pooling, length limit and prompts."""
    kinds = ["Pooling", *("Dense" for _ in embedder.dense), "Normalize"]
    folders = {f"{index}_{kind}": f"{MODULES}.{kind}" for index, kind in enumerate(kinds, 1)}
    write_module_list(out, {"": f"{MODULES}.Transformer", **folders})
    for index, size in enumerate(embedder.dense):
        write_dense(out / f"{index + 2}_Dense", embedder.dense[index - 1] if index else width, size)
    write_json(out / "1_Pooling/config.json", _pooling(embedder, width))
    write_json(
        out / "sentence_bert_config.json", {"max_seq_length": embedder.max_length, "do_lower_case": False}
    )
    write_json(out / "config_sentence_transformers.json", _prompts(embedder))


def write_module_list(out: Path, kinds: Mapping[str, str]) -> None:
    """Write modules.json: the class of each module by its folder."""
    write_json(
        out / "modules.json",
        [
            {"idx": index, "name": str(index), "path": path, "type": kind}
            for index, (path, kind) in enumerate(kinds.items())
        ],
    )


def write_dense(folder: Path, in_size: int, out_size: int) -> None:
    """Write a dense module without bias or activation."""
    activation = "torch.nn.modules.linear.Identity"
    sizes = {"in_features": in_size, "out_features": out_size, "bias": False}
    write_json(folder / "config.json", {**sizes, "activation_function": activation})
    matrix = drawn(out_size, in_size, seed=out_size)
    save_file({"linear.weight": matrix}, folder / "model.safetensors", {"format": "pt"})


def rename(out: Path, before: str, after: str) -> None:
    """Give the tensors whose names begin in one way another beginning."""
    rename_tensors(out, lambda name: after + name.removeprefix(before) if name.startswith(before) else name)


def _pooling(embedder: Embedder, width: int) -> dict[str, Any]:
    modes = {f"pooling_mode_{mode}": mode == embedder.pooling for mode in POOLING_MODES}
    return {"word_embedding_dimension": width, **modes, "include_prompt": True}


def _prompts(embedder: Embedder) -> dict[str, Any]:
    versions = {"sentence_transformers": "3.0.0", "transformers": "4.41.2", "pytorch": "2.3.0"}
    prompts = {"prompts": dict(embedder.prompts), "default_prompt_name": None, "similarity_fn_name": "cosine"}
    return {"__version__": versions, **prompts}
