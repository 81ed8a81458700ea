"""The torch backend beside the card's matrix rate and sentence-transformers: one table, under ten minutes.

Models of the real sizes with random weights, drawn on the device. Both run in bfloat16 and get token ids, so
that nobody's tokenizer counts; sentence-transformers gets them sorted by length in batches of 32, as `encode`
does. FLOPs are 2 x parameters outside the embedding x tokens, and attention's. `--device cpu --tiny` runs
all of it anywhere, to see that it runs; such figures say nothing of speed.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

import vectord.backends.torch.session as loading
from vectord.core import Arch, Batch, Bid, Causal, Encoding, ModelCard, Output, Session
from vectord.models.card import read_card
from vectord.models.resolve import Place

from .cuda_models import SIZES, DrawnWeights, drawn, write_hollow

SHAPES = {"16": 16, "128": 128, "512": 512, "mixed": 0}
OUTPUT: list[Output] = ["embedding"]
BATCH_TOKENS = 16_384
TEXTS_OF_ST = 32
ROUNDS_AT_LEAST = 3
HEAD = ("model", "tokens", "tokens/s", "of the rate", "of its products' rate", "p50 ms at 1", "x FLOPs time",
        "ST tokens/s", "times ST")  # fmt: skip


def main() -> None:
    """Measure, print the table, write JSON and Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--tiny", action="store_true", help="small networks, to try the script out")
    parser.add_argument("--models", default=",".join(SIZES))
    parser.add_argument("--seconds", type=float, default=420.0, help="for all measuring, loading not counted")
    parser.add_argument("--out", type=Path, default=Path("bench-cuda"))
    asked = parser.parse_args()
    device, names = torch.device(asked.device), asked.models.split(",")
    share = asked.seconds / (len(names) * len(SHAPES) * 3 + 2)
    if asked.tiny:
        torch.set_num_threads(1)
    rate = matrix_rate(device, asked.tiny, share)
    found: dict[str, Any] = {"machine": machine(device), "matrix_flops": rate, "rows": []}
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            path = write_hollow(name, Path(folder), asked.tiny)
            found["rows"] += measured(name, path, device, share, rate)
    asked.out.with_suffix(".json").write_text(json.dumps(found, indent=1))
    asked.out.with_suffix(".md").write_text(table(found))
    print(table(found))


def machine(device: torch.device) -> str:
    """Return what the figures hold for."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "a CPU"
    return f"{name}, torch {torch.__version__}, {time.strftime('%Y-%m-%d')}"


def timed(run: Callable[[], object], device: torch.device, seconds: float) -> float:
    """Return the median seconds of a run, after one that does not count."""
    times: list[float] = []
    start = time.perf_counter()
    while len(times) <= ROUNDS_AT_LEAST or time.perf_counter() - start < seconds:
        begin = time.perf_counter()
        run()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        times.append(time.perf_counter() - begin)
    return median(times[1:])


def matrix_rate(
    device: torch.device, tiny: bool, seconds: float, shape: tuple[int, int, int] = (8192, 8192, 8192)
) -> float:
    """Return the FLOPs a second of a bfloat16 product, rows x inner x columns."""
    rows, inner, columns = (min(size, 256) for size in shape) if tiny else shape
    left = torch.randn(rows, inner, device=device, dtype=torch.bfloat16)
    right = torch.randn(columns, inner, device=device, dtype=torch.bfloat16)
    repeats = 1 if tiny else 10  # so that one launch more or less does not count

    def run() -> None:
        for _ in range(repeats):
            torch.nn.functional.linear(left, right)

    return repeats * 2 * rows * inner * columns / timed(run, device, seconds)


def measured(
    name: str, path: Path, device: torch.device, seconds: float, rate: float
) -> Iterator[dict[str, Any]]:
    """Yield a row for each shape."""
    card = read_card(name, Place(name, path, None))
    session, peer = open_session(card, device), open_peer(path, device)
    width = card.network.hidden_size if isinstance(card.network, Arch) else 0
    own_rate = matrix_rate(device, width < 512, seconds, (BATCH_TOKENS, width, 4 * width))
    for shape, length in SHAPES.items():
        inputs = encodings(card, length, BATCH_TOKENS if width >= 512 else 600)
        tokens = sum(map(len, inputs))
        batches = [Batch.of(inputs[start : start + 4096]) for start in range(0, len(inputs), 4096)]
        run = timed(lambda batches=batches: [session.run(one, OUTPUT) for one in batches], device, seconds)  # type: ignore[misc]
        one = Batch.of(inputs[:1])
        alone = timed(lambda one=one: session.run(one, OUTPUT), device, seconds)  # type: ignore[misc]
        theirs = timed(lambda inputs=inputs: peer(inputs), device, seconds)  # type: ignore[misc]
        done = flops(card, inputs) / run
        yield {
            "model": name, "shape": shape, "tokens_per_s": tokens / run, "share": done / rate,
            "share_of_own": done / own_rate, "p50_ms_alone": 1e3 * alone,
            "times_flops_alone": alone * rate / flops(card, inputs[:1]),
            "st_tokens_per_s": tokens / theirs, "times_st": theirs / run,
        }  # fmt: skip
    session.close()


def open_session(card: ModelCard, device: torch.device) -> Session:
    """Load the card on the device, its weights drawn there."""
    vars(loading)["Weights"] = DrawnWeights
    bid = Bid(1, "bfloat16", "", threads=torch.get_num_threads(), device=str(device))
    return loading.TorchSession(card, bid)


def open_peer(path: Path, device: torch.device) -> Callable[[Sequence[Encoding]], object]:
    """Return sentence-transformers' forward over tokenised inputs, with the best attention it has."""
    from importlib.util import find_spec

    from sentence_transformers import SentenceTransformer

    attention = "flash_attention_2" if find_spec("flash_attn") and device.type == "cuda" else "sdpa"
    kwargs = {"dtype": torch.bfloat16, "attn_implementation": attention}
    model = SentenceTransformer(str(path), device=str(device), model_kwargs=kwargs).eval()
    with torch.no_grad():
        for weight in model.parameters():
            drawn(weight)

    def run(inputs: Sequence[Encoding]) -> list[Any]:
        ordered = sorted(inputs, key=len, reverse=True)
        with torch.inference_mode():
            return [forward(ordered[at : at + TEXTS_OF_ST]) for at in range(0, len(ordered), TEXTS_OF_ST)]

    def forward(chunk: Sequence[Encoding]) -> Any:
        ids = np.zeros((len(chunk), len(chunk[0])), np.int64)
        mask = np.zeros_like(ids)
        for row, one in enumerate(chunk):
            ids[row, : len(one)], mask[row, : len(one)] = one.token_ids, 1
        features = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
        moved = {key: value.to(device) for key, value in features.items()}
        return model(moved)["sentence_embedding"].float().cpu()

    return run


def encodings(card: ModelCard, length: int, tokens: int) -> list[Encoding]:
    """Return inputs of one length, or of mixed ones (log-normal, median 50), that fill a batch."""
    random, found, left = np.random.default_rng(0), list[Encoding](), tokens
    while left > 0:
        size = length or int(np.clip(random.lognormal(3.9, 0.8), 4, 512))
        size = min(size, card.max_length)
        ids = random.integers(2, card.network.vocab_size, size).astype(np.int32)
        found.append(Encoding(ids, np.zeros_like(ids)))
        left -= size
    return found


def flops(card: ModelCard, inputs: Sequence[Encoding]) -> float:
    """Return 2 x parameters outside the embedding x tokens, and what attention takes; windows count whole."""
    arch = card.arch
    weights = sum(
        int(np.prod(one.shape)) for key, one in card.tensors.items() if not key.startswith("embedding.")
    )
    squares = sum(len(one) ** 2 for one in inputs)
    attention = sum(
        4 * layer.attention.heads * layer.attention.head_size * squares
        / (2 if isinstance(layer.attention.mask, Causal) else 1)
        for layer in arch.layers
    )  # fmt: skip
    return 2.0 * weights * sum(map(len, inputs)) + attention


def table(found: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    lines = [f"{found['machine']}; bfloat16 matrix rate {found['matrix_flops'] / 1e12:.3g} TFLOP/s", ""]
    lines += ["| " + " | ".join(HEAD) + " |", "|---|---|" + "---:|" * (len(HEAD) - 2)]
    for row in found["rows"]:
        cells = (
            row["model"], row["shape"], f"{row['tokens_per_s']:,.0f}", f"{row['share']:.0%}",
            f"{row['share_of_own']:.0%}", f"{row['p50_ms_alone']:.2f}", f"{row['times_flops_alone']:.1f}",
            f"{row['st_tokens_per_s']:,.0f}", f"{row['times_st']:.2f}",
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
