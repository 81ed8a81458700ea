"""`vectord plan --measure`: what it prints of each backend and precision."""

import re
from pathlib import Path

import pytest

from tests.checkpoints.outliers import add_outliers
from vectord import measure
from vectord.backends.likeness import Figure
from vectord.file import load_settings
from vectord.hardware import detect
from vectord.measure import Speed, verdicts
from vectord.plan import plan

from .shared import Checkpoints

NATIVE = {
    "float32": True,
    "bfloat16": detect().native_bfloat16,
    "float16": detect().native_float16,
    "int8": detect().native_int8,
}


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "SECONDS", 0.02)


def lines(path: Path, cache: Path, **settings: str) -> list[str]:
    stated = load_settings({"models": (f"mini={path}",), "cache_dir": cache, **settings}, {})
    text = "\n".join(plan(stated, measured=True))
    return text[text.index("measured ") :].splitlines()


def test_every_backend_and_precision_is_measured(checkpoint: Checkpoints, tmp_path: Path) -> None:
    head, *rest = lines(checkpoint("bert"), tmp_path)
    assert head.split() == "measured tokens/s 1 x 128 8 x 64 32 x 16 8 x 256".split()
    rows = [re.fullmatch(r"  (\w+) +(\w+) +[\d,]+ +[\d,]+ +[\d,]+ +[\d,]+", line) for line in rest]
    measured = {(row[1], row[2]) for row in rows if row}
    floats = {(name, dtype) for name in ("openvino", "torch") for dtype in NATIVE if dtype != "int8"}
    wanted = {("onnx", "float32"), *floats, ("onnx", "int8"), ("openvino", "int8")}
    assert measured == {(name, dtype) for name, dtype in wanted if NATIVE[dtype]}
    assert any(line.startswith("fastest   ") for line in rest)
    if NATIVE["int8"]:
        assert any(re.match(r"int8      on onnx \d+\.\d\d x \w+ \w+", line) for line in rest)
        assert any("embedding: worst cosine 0.99" in line for line in rest)


def test_settings_narrow_what_is_measured(checkpoint: Checkpoints, tmp_path: Path) -> None:
    rest = lines(checkpoint("bert"), tmp_path, backend="onnx", dtype="float32")[1:]
    assert [line.split()[:2] for line in rest] == [["onnx", "float32"], ["fastest", "onnx"]]


@pytest.mark.skipif(not NATIVE["int8"], reason="this CPU does not multiply 8-bit integers")
def test_a_refusal_stands_in_the_table(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("bert", tmp_path / "outliers")
    add_outliers(path, 300)
    rest = lines(path, tmp_path / "cache", backend="onnx")[1:]
    assert rest[0].split()[:2] == ["onnx", "float32"]
    assert rest[1].startswith(
        "  onnx       int8      mini: int8 on onnx changes the answers too much: embedding"
    )
    assert rest[2:] == ["fastest   onnx float32"]


def test_int8_that_does_not_pay_is_said_so() -> None:
    figure = Figure("embedding: mean cosine", 0.998, 0.99)
    exact = Speed("openvino", "bfloat16", (100.0, 400.0))
    slow = Speed("onnx", "int8", (110.0, 440.0), (figure,))
    fast = Speed("openvino", "int8", (150.0, 600.0), (figure,))
    assert list(verdicts([exact, slow])) == [
        "fastest   onnx int8",
        "int8      on onnx 1.10 x openvino bfloat16; below 1.2, which does not pay for what it changes",
        "          embedding: mean cosine 0.99800 (at least 0.99)",
    ]
    assert "int8      on openvino 1.50 x openvino bfloat16" in list(verdicts([exact, slow, fast]))
    assert list(verdicts([fast])) == ["fastest   openvino int8"]
