"""Linear maps in 8 bits: the numbers themselves, and sessions made of them."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save_file

from tests.shared import Checkpoints
from vectord.backends.form import Form
from vectord.backends.graph import Graph, arrays, emit
from vectord.backends.graph.builder import Builder
from vectord.backends.matrices import write_matrices
from vectord.backends.onnx import open_session
from vectord.backends.openvino import compile_model
from vectord.backends.quantise import quantise
from vectord.core import Bid, Hardware, Options, Refusal
from vectord.hardware import detect
from vectord.models.stored import tensors_of
from vectord.models.weights import view

from .running import Model, Rows, cosines, farthest, installed

WIDE, TALL = 256, 96  # columns and rows of the matrix
needs_int8 = pytest.mark.skipif(not detect().native_int8, reason="this CPU does not multiply 8-bit integers")
BACKENDS = ("onnx", "openvino")
FAMILIES = ("bert", "bert_rerank", "modernbert", "nomic_moe", "deberta", "qwen3")


@pytest.fixture
def matrix() -> Rows:
    random = np.random.default_rng(0)
    # rows of very different sizes, one of them zero
    sizes = np.geomspace(1e-6, 1e6, TALL).astype(np.float32)[:, None]
    sizes[7] = 0
    return random.standard_normal((TALL, WIDE), np.float32) * sizes


def test_a_matrix_is_kept_within_half_a_level(matrix: Rows) -> None:
    made = quantise(matrix)
    restored = made["levels"] * made["scale"][:, None]
    assert np.all(np.abs(restored - matrix) <= 0.5001 * np.abs(matrix).max(axis=1, keepdims=True) / 127)
    assert made["levels"].dtype == np.int8
    assert made["levels"].min() == -made["levels"].max() == -127
    np.testing.assert_allclose(made["sums"][0], restored.sum(axis=1), rtol=1e-4, atol=1e-9)
    assert not restored[7].any()


def rows() -> Rows:
    """Return rows with one-sided outliers, equal numbers and zeros."""
    random = np.random.default_rng(1)
    made = random.standard_normal((40, WIDE), np.float32) * random.uniform(0.01, 10, (40, 1)).astype(
        np.float32
    )
    made[3, 5] = 200
    made[4], made[5] = 2.5, 0
    return made


def linear(folder: Path, form: Form, matrix: Rows, bias: Rows) -> Graph:
    """Emit one linear map of rows."""
    file = folder / "weights.safetensors"
    save_file({"map.weight": matrix, "map.bias": bias}, file)
    b = Builder(form, tensors_of(file))
    x = b.input("rows", ["tokens", matrix.shape[1]], onnx.TensorProto.FLOAT)
    b.output("out", b.linear(x, "map"), ["tokens", len(matrix)])
    return b.finish()


def by_numpy(x: Rows, matrix: Rows, bias: Rows) -> NDArray[np.float64]:
    """Return the product of quantised rows and a quantised matrix, in float64."""
    made = quantise(matrix)
    weight = made["levels"].astype(np.float64) * made["scale"][:, None]
    low = x.min(axis=1, keepdims=True).astype(np.float64)
    step = np.maximum(x.max(axis=1, keepdims=True) - low, 1e-30) / 255
    restored = low + np.rint((x - low) / step) * step
    return np.asarray(restored @ weight.T + bias)


@needs_int8
def test_a_quantised_linear_map_is_the_one_of_numpy(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    matrix = random.standard_normal((TALL, WIDE), np.float32)
    bias, x = random.standard_normal(TALL, np.float32), rows()
    graph = linear(tmp_path, Form(True, linear="integer"), matrix, bias)
    session = open_session(graph.model.SerializeToString(), arrays(graph), 1)
    [given] = session.run(None, {"rows": x})
    wanted = by_numpy(x, matrix, bias)
    # float32 may round a number that lies between two levels to the other one
    level = np.ptp(x, axis=1, keepdims=True) / 255 * np.abs(matrix).max()
    assert np.all(np.abs(given - wanted) <= 1e-5 * np.abs(wanted).max(axis=1, keepdims=True) + 3 * level)
    assert np.mean(np.abs(given - wanted) <= 1e-4 * np.abs(wanted).max(axis=1, keepdims=True)) > 0.9
    assert cosines(given, x @ matrix.T + bias).min() > 0.999


@needs_int8
def test_openvino_multiplies_compressed_weights(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    matrix = random.standard_normal((TALL, WIDE), np.float32)
    bias, x = random.standard_normal(TALL, np.float32), rows()
    graph = linear(tmp_path, Form(True, weights_as_inputs=True, linear="compressed"), matrix, bias)
    compiled = compile_model(graph.model.SerializeToString(), arrays(graph), Bid(1, "int8", ""))
    given = compiled.create_infer_request().infer({"rows": x})[0]
    assert cosines(given, x @ matrix.T + bias).min() > 0.999
    assert farthest(given, x @ matrix.T + bias) > 1e-4  # it is not the float product


def test_matrices_come_back_from_their_file(tmp_path: Path, matrix: Rows) -> None:
    graph = linear(tmp_path, Form(True, linear="integer"), matrix[:, :37], matrix[:, 0])
    write_matrices(tmp_path / "matrices.safetensors", graph.quantised)
    found, made = tensors_of(tmp_path / "matrices.safetensors"), arrays(graph)
    for name in graph.quantised:
        np.testing.assert_array_equal(view(found[name]), made[name])


@needs_int8
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_an_answer_does_not_depend_on_its_batch(checkpoint: Checkpoints, family: str, backend: str) -> None:
    model = Model.at(checkpoint(family, "odd"))
    session, encodings = model.load(backend, "int8"), model.encodings()
    alone, together = model.alone(session, encodings), model.run(session, encodings)
    exact = model.run(model.load(backend), encodings)
    session.close()
    # a rounding of the float parts may tip a number to the next level
    assert np.median(np.abs(together - alone)) <= 0.05 * np.median(np.abs(exact - alone)) + 1e-6
    assert cosines(np.atleast_2d(exact.ravel()), np.atleast_2d(alone.ravel())).min() > 0.99


@pytest.mark.parametrize("family", FAMILIES)
def test_only_linear_maps_of_layers_are_quantised(checkpoint: Checkpoints, family: str) -> None:
    card = Model.at(checkpoint(family)).card
    form = Form(True, weights_as_inputs=True, linear="integer")
    graph = emit(card.arch, card.heads, card.tensors, form, card.max_length)
    onnx.checker.check_model(graph.model)
    matrices = {name.split(":")[0] for name in graph.quantised}
    assert matrices
    assert all(name.startswith("layers.") and "router" not in name for name in matrices)
    read = {
        tensor for group in (graph.weights, graph.quantised) for parts in group.values() for tensor in parts
    }
    assert read >= {tensor for name, tensor in card.tensors.items() if "experts" not in name}


def test_who_cannot_says_why(checkpoint: Checkpoints) -> None:
    card = Model.at(checkpoint("bert")).card
    old = Hardware("x86_64", "old", 1, frozenset({"avx2"}))
    arm = Hardware("aarch64", "arm", 1, frozenset({"neon", "i8mm"}))
    asked = Options("int8")
    for name, hardware, reason in (
        ("onnx", old, "AVX512_VNNI"),
        ("openvino", old, "AVX512_VNNI"),
        ("openvino", arm, "does not compute in int8"),
        ("torch", old, "does not compute in int8"),
    ):
        answer = installed()[name].bid(card, hardware, asked)
        assert isinstance(answer, Refusal)
        assert reason in answer.reason
    assert isinstance(installed()["onnx"].bid(card, arm, asked), Bid)


@pytest.mark.parametrize("backend", BACKENDS)
def test_auto_never_takes_int8(checkpoint: Checkpoints, backend: str) -> None:
    card = Model.at(checkpoint("bert")).card
    every = Hardware("x86_64", "new", 1, frozenset({"avx512_vnni", "amx_int8", "avx512_bf16"}))
    answer = installed()[backend].bid(card, every, Options("auto"))
    assert isinstance(answer, Bid)
    assert answer.dtype != "int8"
