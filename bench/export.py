"""The default model as fastembed takes it: torch.onnx's export of transformers' network, and its tokenizer.

The checkpoint brings no ONNX file. fastembed reads the most tokens from tokenizer_config.json, where
sentence-transformers has its own file for it; the copy says what holds.
"""

import json
import shutil
import warnings
from pathlib import Path

from vectord.core import ModelCard

TOKENIZER = ("config.json", "tokenizer.json", "special_tokens_map.json")
POOLINGS = {"mean": "MEAN", "cls": "CLS"}
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def export(card: ModelCard, folder: Path) -> str | None:
    """Write the files; return why that cannot be, if so."""
    pooling = POOLINGS.get(str(card.head.pooling))
    if pooling is None or card.family != "bert":
        return "fastembed runs models like BERT with pooling of the mean or of CLS"
    for name in TOKENIZER:
        if (card.path / name).exists():
            shutil.copy(card.path / name, folder / name)
    config = json.loads((card.path / "tokenizer_config.json").read_text())
    config |= {"model_max_length": card.max_length, "max_length": card.max_length}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    about = {"pooling": pooling, "normalize": card.normalize, "width": card.width}
    (folder / "peer.json").write_text(json.dumps(about))
    try:
        write_graph(card.path, folder / "model.onnx")
    except Exception as error:  # torch and transformers fail in any way
        return f"its network could not be exported: {(str(error).splitlines() or [type(error).__name__])[0]}"
    return None


def write_graph(path: Path, file: Path) -> None:
    """Export the network: token ids to the last states."""
    import torch
    from transformers import AutoModel

    class States(torch.nn.Module):  # type: ignore[misc]  # torch is not typed here
        def __init__(self) -> None:
            super().__init__()
            self.model = AutoModel.from_pretrained(
                path, dtype=torch.float32, attn_implementation="eager"
            ).eval()

        def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
            return self.model(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state

    example = tuple(torch.ones(2, 16, dtype=torch.int64) for _ in INPUTS)
    axes = {name: {0: "inputs", 1: "width"} for name in (*INPUTS, "last_hidden_state")}
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter: deprecated, and its graphs are the fastest
        torch.onnx.export(
            States(), example, file, dynamo=False, opset_version=18, input_names=list(INPUTS),
            output_names=["last_hidden_state"], dynamic_axes=axes,
        )  # fmt: skip
