"""The files around the weights, as repositories on the hub have them."""

import json
from collections.abc import Mapping
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


def write_tokenizer(out: Path, words: Vocabulary) -> None:
    """Write tokenizer.json and the two files beside it."""
    out.mkdir(parents=True, exist_ok=True)
    words.tokenizer.save(str(out / "tokenizer.json"))
    write_json(out / "tokenizer_config.json", {**words.config, **words.special})
    write_json(out / "special_tokens_map.json", dict(words.special))


def write_modules(out: Path, embedder: Embedder, width: int) -> None:
    """Write what sentence-transformers reads: modules, pooling, length limit and prompts."""
    kinds = ["Pooling", *("Dense" for _ in embedder.dense), "Normalize"]
    folders = {f"{index}_{kind}": kind for index, kind in enumerate(kinds, 1)}
    write_json(out / "modules.json", _modules({"": "Transformer", **folders}))
    for index, size in enumerate(embedder.dense):
        write_dense(out / f"{index + 2}_Dense", embedder.dense[index - 1] if index else width, size)
    write_json(out / "1_Pooling/config.json", _pooling(embedder, width))
    write_json(
        out / "sentence_bert_config.json", {"max_seq_length": embedder.max_length, "do_lower_case": False}
    )
    write_json(out / "config_sentence_transformers.json", _prompts(embedder))


def write_dense(folder: Path, in_size: int, out_size: int) -> None:
    """Write a dense module without bias or activation."""
    activation = "torch.nn.modules.linear.Identity"
    sizes = {"in_features": in_size, "out_features": out_size, "bias": False}
    write_json(folder / "config.json", {**sizes, "activation_function": activation})
    drawn = torch.randn(out_size, in_size, generator=torch.Generator().manual_seed(out_size))
    save_file({"linear.weight": drawn / in_size**0.5}, folder / "model.safetensors", {"format": "pt"})


def rename(out: Path, before: str, after: str) -> None:
    """Give the tensors whose names begin in one way another beginning."""
    file = out / "model.safetensors"
    tensors = {
        after + name.removeprefix(before) if name.startswith(before) else name: tensor
        for name, tensor in load_file(file).items()
    }
    save_file(tensors, file, {"format": "pt"})


def _modules(kinds: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"idx": index, "name": str(index), "path": path, "type": f"{MODULES}.{kind}"}
        for index, (path, kind) in enumerate(kinds.items())
    ]


def _pooling(embedder: Embedder, width: int) -> dict[str, Any]:
    modes = {f"pooling_mode_{mode}": mode == embedder.pooling for mode in POOLING_MODES}
    return {"word_embedding_dimension": width, **modes, "include_prompt": True}


def _prompts(embedder: Embedder) -> dict[str, Any]:
    versions = {"sentence_transformers": "3.0.0", "transformers": "4.41.2", "pytorch": "2.3.0"}
    prompts = {"prompts": dict(embedder.prompts), "default_prompt_name": None, "similarity_fn_name": "cosine"}
    return {"__version__": versions, **prompts}
