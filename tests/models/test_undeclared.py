"""What is read of a checkpoint whose architecture no family declares."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.checkpoints.exported import export_onnx, export_openvino
from tests.shared import Checkpoints
from vectord.core import Arch, Foreign, ModelCard, Port
from vectord.errors import CheckpointError
from vectord.models import undeclared
from vectord.models.families import FAMILIES

from .editing import GONE, card_at, edit

ONNX, XML = "onnx/model.onnx", "openvino/openvino_model.xml"
SHAPE = (None, None)


@pytest.fixture
def electra(checkpoint: Checkpoints, tmp_path: Path) -> Path:
    return checkpoint.copy("electra", tmp_path / "electra")


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide transformers."""
    monkeypatch.setattr(undeclared, "find_spec", lambda name: None)


def network(card: ModelCard) -> Foreign:
    assert isinstance(card.network, Foreign)
    return card.network


def test_sizes_come_from_the_config(electra: Path) -> None:
    card = card_at(electra)
    found = network(card)
    assert (card.family, found.name, card.tensors) == ("electra", "electra", {})
    assert (found.hidden_size, found.token_types, found.max_positions) == (32, 2, 512)
    assert (card.width, card.max_length, card.pad_id, card.normalize) == (32, 256, 0, True)
    assert (card.tasks, card.head.pooling) == (("embed", "rerank", "embed_all"), "mean")
    assert (found.stored, found.onnx, found.openvino) == (True, None, None)
    with pytest.raises(TypeError, match="no family declares electra"):
        print(card.arch)


def test_sizes_under_other_names(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("t5", tmp_path / "t5")
    assert (card_at(path).width, card_at(path).max_length) == (32, 256)
    edit(path / "config.json", {"n_positions": GONE})
    assert network(card_at(path)).max_positions == 256
    (path / "sentence_bert_config.json").unlink()
    edit(path / "tokenizer_config.json", {"model_max_length": GONE})
    with pytest.raises(CheckpointError, match="max_position_embeddings is missing"):
        card_at(path)
    edit(path / "config.json", {"d_model": GONE})
    with pytest.raises(CheckpointError, match="hidden_size is missing"):
        card_at(path)


def test_labels_are_the_networks_own(checkpoint: Checkpoints) -> None:
    three, one = card_at(checkpoint("electra_classify")), card_at(checkpoint("electra_rerank"))
    assert (three.tasks, three.width, three.labels) == (("classify",), 3, ("negative", "neutral", "positive"))
    assert (one.tasks, one.width, one.head.given) == (("rerank", "classify"), 1, 1)


def test_the_inputs_and_outputs_of_own_files(electra: Path) -> None:
    export_onnx(electra, electra / ONNX)
    export_openvino(electra, electra / XML)
    found = network(card_at(electra))
    names = ("input_ids", "attention_mask", "token_type_ids")
    for file in (found.onnx, found.openvino):
        assert file is not None
        assert file.inputs == tuple(Port((name,), "int64", SHAPE) for name in names)
        assert file.outputs == (Port(("last_hidden_state",), "float32", (None, None, 32)),)
    assert found.openvino is not None
    assert found.openvino.beside == (electra / "openvino/openvino_model.bin",)


def test_other_precisions_are_left_alone(electra: Path) -> None:
    export_onnx(electra, electra / "onnx/model_quantized.onnx")
    assert network(card_at(electra)).onnx is None
    export_onnx(electra, electra / "model.onnx")
    export_onnx(electra, electra / ONNX)
    found = network(card_at(electra)).onnx
    assert found is not None
    assert found.path == electra / ONNX


def test_a_declared_architecture_does_not_look_at_them(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("bert", tmp_path / "bert")
    before = card_at(path).fingerprint
    (path / "onnx").mkdir()
    (path / ONNX).write_bytes(b"no graph")
    assert isinstance(card_at(path).network, Arch)
    assert card_at(path).fingerprint == before
    edit(path / "config.json", {"position_embedding_type": "relative_key"})
    with pytest.raises(CheckpointError, match="position_embedding_type"):
        card_at(path)


def test_nothing_that_runs_it_is_one_line_with_the_ways_out(electra: Path, alone: None) -> None:
    with pytest.raises(CheckpointError) as raised:
        card_at(electra)
    text = str(raised.value)
    assert "unknown architecture 'electra'" in text
    for word in (*FAMILIES, ONNX, XML, "pip install 'vectord[torch]'"):
        assert word in text
    assert "\n" not in text
    assert len(text) < 500


def test_nothing_that_transformers_knows_either(electra: Path) -> None:
    edit(electra / "config.json", {"model_type": "bort"})
    with pytest.raises(CheckpointError, match=r"'bort'.*transformers \(the installed one does not know it\)"):
        card_at(electra)
    export_file(electra / ONNX)
    assert network(card_at(electra)).name == "bort"


def test_an_own_file_needs_no_transformers(electra: Path, alone: None) -> None:
    export_file(electra / ONNX)
    assert network(card_at(electra)).onnx is not None


def test_pooling_is_never_guessed(electra: Path) -> None:
    export_file(electra / ONNX)
    (electra / "modules.json").unlink()
    with pytest.raises(CheckpointError, match="--pooling"):
        card_at(electra)
    assert card_at(electra, "cls").head.pooling == "cls"


def test_the_fingerprint_is_of_what_may_run(electra: Path) -> None:
    seen = [card_at(electra).fingerprint]
    export_file(electra / ONNX, value=1.0)
    seen.append(card_at(electra).fingerprint)
    export_file(electra / ONNX, value=2.0)
    seen.append(card_at(electra).fingerprint)
    export_file(electra / ONNX, value=2.0, beside="weights.bin")
    seen.append(card_at(electra).fingerprint)
    weights = electra / "onnx/weights.bin"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\0\0\0\1")
    seen.append(card_at(electra).fingerprint)
    (electra / "model.safetensors").unlink()
    seen.append(card_at(electra).fingerprint)
    assert len(set(seen)) == len(seen)


def test_weights_beside_a_file(electra: Path) -> None:
    export_file(electra / ONNX, beside="weights.bin")
    found = network(card_at(electra)).onnx
    assert found is not None
    assert found.beside == (electra / "onnx/weights.bin",)
    (electra / "onnx/weights.bin").unlink()
    with pytest.raises(CheckpointError, match=r"weights\.bin is missing; model\.onnx names it"):
        card_at(electra)


@pytest.mark.parametrize(
    "place", ["/etc/hostname", "../model.safetensors", "a/../../b", "../../../etc/passwd"]
)
def test_weights_outside_the_checkpoint_are_never_read(electra: Path, place: str) -> None:
    export_file(electra / ONNX, beside="weights.bin", rename=place)
    with pytest.raises(CheckpointError, match="leave the checkpoint, which is never followed"):
        card_at(electra)


@pytest.mark.parametrize("inner", ["branch", "attribute"])
def test_weights_are_looked_for_in_inner_graphs_too(electra: Path, inner: str) -> None:
    tensor = outside("/etc/hostname")
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])
    if inner == "branch":
        body = helper.make_graph([], "body", [], [output], [tensor])
        node = helper.make_node("If", ["x"], ["y"], then_branch=body, else_branch=body)
    else:
        node = helper.make_node("Constant", [], ["y"], value=tensor)
    save(electra / ONNX, helper.make_graph([node], "all", [], [output]))
    with pytest.raises(CheckpointError, match="never followed"):
        card_at(electra)


@pytest.mark.parametrize("content", [b"", b"no graph at all", b"\x08\x0a" * 9])
def test_what_is_no_onnx_file(electra: Path, content: bytes) -> None:
    (electra / "onnx").mkdir()
    (electra / ONNX).write_bytes(content)
    with pytest.raises(CheckpointError, match=r"model\.onnx is not a sound ONNX file.*fetch it again$"):
        card_at(electra)


@pytest.mark.parametrize("content", ["", "no xml", "<net><layers/></net>", "<html></html>", "<net>" * 999])
def test_what_is_no_openvino_file(electra: Path, content: str) -> None:
    (electra / "openvino").mkdir()
    (electra / XML).write_text(content)
    with pytest.raises(CheckpointError, match=r"openvino_model\.bin is missing"):
        card_at(electra)
    (electra / XML).with_suffix(".bin").write_bytes(b"")
    with pytest.raises(CheckpointError, match=r"model\.xml is not a sound OpenVINO file.*fetch it again$"):
        card_at(electra)


def test_pickles_are_no_weights(electra: Path) -> None:
    (electra / "model.safetensors").rename(electra / "pytorch_model.bin")
    with pytest.raises(CheckpointError, match="only pickled weights"):
        card_at(electra)


def export_file(file: Path, value: float = 1.0, beside: str | None = None, rename: str | None = None) -> None:
    """Write a graph of one constant; its data may lie beside it, or be said to lie elsewhere."""
    made = numpy_helper.from_array(np.full(512, value, np.float32), "y")
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [512])
    graph = helper.make_graph([], "one", [], [output], [made])
    save(file, graph, beside)
    if rename is not None:
        model = onnx.load(file, load_external_data=False)
        [entry] = [one for one in model.graph.initializer[0].external_data if one.key == "location"]
        entry.value = rename
        file.write_bytes(model.SerializeToString())


def outside(place: str) -> onnx.TensorProto:
    """Return a tensor that is said to lie elsewhere."""
    tensor = TensorProto(name="y", data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value=place)
    return tensor


def save(file: Path, graph: onnx.GraphProto, beside: str | None = None) -> None:
    file.parent.mkdir(exist_ok=True)
    for old in file.parent.iterdir():
        old.unlink()
    model = helper.make_model(graph)
    onnx.save(model, file, save_as_external_data=beside is not None, location=beside, size_threshold=0)
