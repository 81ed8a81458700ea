"""The declared families as a table: what `vectord families` prints and docs/families.md shows."""

from collections.abc import Iterator

from .core import Output
from .models.families import DECLARED, Family
from .models.families.measured import Measured, measured

HEAD = ("family", "gives", "for example", "onnx", "openvino", "torch", "bfloat16", "its worst token")
BACKENDS = ("onnx", "openvino", "torch")
GIVES: dict[Output, str] = {
    "embedding": "embeddings",
    "tokens": "token vectors",
    "logits": "scores of labels or pairs",
    "token_logits": "scores of tokens",
    "sparse": "sparse vectors (SPLADE)",
    "weights": "token weights (bge-m3)",
    "vectors": "token vectors to compare (ColBERT)",
}


def families_table() -> list[tuple[str, ...]]:
    """Return a row for each family and output that it is measured with."""
    return [row for family in DECLARED for row in rows_of(family)]


def rows_of(family: Family) -> Iterator[tuple[str, ...]]:
    """Yield a family's rows; its name and examples stand in the first."""
    outputs = measured().get(family.name, {})
    first = (family.name, ", ".join(family.examples))
    for output, one in outputs.items():
        name, examples = first
        yield (name, GIVES[output], examples, *cells(one))
        first = ("", "")


def cells(one: Measured) -> Iterator[str]:
    """Yield the largest difference of each backend, and the cosines of bfloat16."""
    for backend in BACKENDS:
        found = one.farthest.get(backend)
        yield "not measured" if found is None else f"{found:.0e}"
    for cosine in (one.bfloat16, one.worst_token):
        yield "" if cosine is None else f"{cosine:.5f}"


def aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Yield the rows as lines of text with columns of equal width."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
