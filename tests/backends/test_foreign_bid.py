"""What each backend offers for a network that no family declares, and why not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.shared import Checkpoints
from vectord.backends.choice import choose, offers
from vectord.backends.torch import devices
from vectord.compose import build_engine
from vectord.config import Settings
from vectord.core import (
    Bid,
    CudaDevice,
    Foreign,
    Hardware,
    Head,
    ModelCard,
    Options,
    OwnFile,
    Port,
    Refusal,
)
from vectord.errors import SettingError, StartError
from vectord.models import undeclared
from vectord.plan import plan

from .foreign import ONNX, XML, with_file
from .running import installed

PLAIN = Hardware(machine="x86_64", cpu="some CPU", cores=2, isa=frozenset({"avx512_bf16"}))
H200 = CudaDevice(index=0, name="H200", capability=(9, 0), free_bytes=100 * 2**30)
ANY = (None, None)
IDS, MASK = Port(("input_ids",), "int64", ANY), Port(("attention_mask",), "int64", ANY)
STATES = Port(("last_hidden_state",), "float32", (None, None, 8))
LOGITS = Port(("logits",), "float32", (None, 3))
GRAPH = OwnFile(Path("here/onnx/model.onnx"), (), (IDS, MASK), (STATES,))
XML_FILE = replace(GRAPH, path=Path("here/openvino/openvino_model.xml"), beside=(Path("here/x.bin"),))
NETWORK = Foreign("electra", 8, 100, 2, 512, 10**6, stored=True)
CARD = ModelCard(
    name="tiny",
    source="",
    path=Path("here"),
    revision=None,
    fingerprint="",
    family="electra",
    network=NETWORK,
    heads=(Head("embedding", "mean"),),
    tasks=("embed",),
    normalize=True,
    prompts={},
    default_prompt=None,
    max_length=512,
    pad_id=0,
    labels=(),
    tensors={},
)
CLASSIFIER = replace(CARD, heads=(Head("logits", None, given=3),))


def card(onnx: OwnFile | None = None, openvino: OwnFile | None = None, of: ModelCard = CARD) -> ModelCard:
    return replace(of, network=replace(NETWORK, onnx=onnx, openvino=openvino))


def answers(
    of: ModelCard, options: Options | None = None, hardware: Hardware = PLAIN
) -> dict[str, Bid | str]:
    """Return each backend's bid, or why it makes none."""
    asked = offers(installed(), of, hardware, options or Options(threads=2))
    return {
        one.backend.name: one.answer.reason if isinstance(one.answer, Refusal) else one.answer
        for one in asked
    }


def chosen(of: ModelCard, hardware: Hardware = PLAIN) -> str:
    return choose(offers(installed(), of, hardware, Options(threads=2)), "auto").backend.name


def test_own_files_come_before_transformers() -> None:
    assert chosen(card(GRAPH, XML_FILE)) == "openvino"
    assert chosen(card(GRAPH)) == "onnx"
    assert chosen(card(None, XML_FILE)) == "openvino"
    assert chosen(card()) == "torch"


def test_a_cuda_device_outbids_files_for_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "has_cuda", lambda: True)
    assert chosen(card(GRAPH, XML_FILE), replace(PLAIN, cuda=(H200,))) == "torch"


def test_reasons_name_what_would_run() -> None:
    found = answers(card(GRAPH, XML_FILE))
    reasons = {name: one.reason for name, one in found.items() if isinstance(one, Bid)}
    assert reasons == {
        "onnx": "ONNX Runtime runs the checkpoint's own onnx/model.onnx",
        "openvino": "OpenVINO runs the checkpoint's own openvino/openvino_model.xml",
        "torch": "transformers runs it: no family declares electra (runs on any CPU, slower than ONNX "
        "Runtime; no CUDA: nvidia-smi finds no device)",
    }


def test_without_files_the_refusals_say_so() -> None:
    found = answers(card())
    missing = "no family declares electra, and the checkpoint has no {} of its own"
    assert (found["onnx"], found["openvino"]) == (missing.format(ONNX), missing.format(XML))


def test_auto_is_float32_since_nobody_measured_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "has_cuda", lambda: True)
    for hardware in (PLAIN, replace(PLAIN, cuda=(H200,))):
        found = answers(card(GRAPH, XML_FILE), hardware=hardware)
        assert {one.dtype for one in found.values() if isinstance(one, Bid)} == {"float32"}
    found = answers(card(GRAPH, XML_FILE), Options("bfloat16", 2))
    assert found["onnx"] == "does not compute in bfloat16; it does in float32"
    assert [one.dtype for one in found.values() if isinstance(one, Bid)] == ["bfloat16", "bfloat16"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"inputs": (IDS, MASK, Port(("pixel_values",), "float32", (None,) * 4))},
            "model.onnx asks for pixel_values; only input_ids, ",
        ),
        (
            {"inputs": (IDS, *(Port((f"past.{index}",), "float32", (None,) * 4) for index in range(9)))},
            "model.onnx asks for past.0, past.1, past.2 and others; only",
        ),
        ({"inputs": (Port((), "int64", ANY),)}, "model.onnx asks for what has no name"),
        ({"inputs": (MASK,)}, "model.onnx has no input input_ids"),
        (
            {"inputs": (IDS, replace(MASK, dtype="float32"))},
            "model.onnx: input attention_mask is float32, not int64 or int32",
        ),
        (
            {"inputs": (replace(IDS, shape=(1, 128)), MASK)},
            "model.onnx: input input_ids has the fixed shape [1, 128]",
        ),
        (
            {"inputs": (replace(IDS, shape=(None, 128)), MASK)},
            "model.onnx: input input_ids has the fixed shape [any, 128]",
        ),
        (
            {"outputs": (Port(("sentence_embedding",), "float32", (None, 8)),)},
            "model.onnx gives sentence_embedding, not last_hidden_state or token_embeddings",
        ),
        (
            {"outputs": (replace(STATES, shape=(None, None, 9)),)},
            "model.onnx: output last_hidden_state has the shape [any, any, 9], not rows of 8",
        ),
        (
            {"outputs": (replace(STATES, shape=(None, 8)),)},
            "model.onnx: output last_hidden_state has the shape [any, 8], not rows of 8",
        ),
    ],
)
def test_a_file_that_does_not_fit_is_refused_in_words(changes: dict[str, object], reason: str) -> None:
    file = replace(GRAPH, **changes)  # type: ignore[arg-type]  # a test's own dictionary
    found = answers(card(file))
    for name in ("onnx", "openvino"):
        assert isinstance(found[name], str)
        assert str(found[name]).startswith(reason)
    assert chosen(card(file)) == "torch"


def test_a_classifier_needs_logits() -> None:
    assert answers(card(GRAPH, of=CLASSIFIER))["onnx"] == "model.onnx gives last_hidden_state, not logits"
    assert isinstance(answers(card(replace(GRAPH, outputs=(LOGITS,)), of=CLASSIFIER))["onnx"], Bid)
    two = replace(GRAPH, outputs=(replace(LOGITS, shape=(None, 2)),))
    assert "not rows of 3" in str(answers(card(two, of=CLASSIFIER))["onnx"])
    words = replace(GRAPH, outputs=(replace(LOGITS, shape=(None, None, 3)),))
    assert "not rows of 3" in str(answers(card(words, of=CLASSIFIER))["onnx"])
    tagger = replace(CARD, heads=(Head("token_logits", None, given=3),))
    assert isinstance(answers(card(words, of=tagger))["onnx"], Bid)


def test_an_output_whose_shape_is_not_said_is_tried() -> None:
    assert isinstance(answers(card(replace(GRAPH, outputs=(replace(STATES, shape=None),))))["onnx"], Bid)


def test_openvino_leaves_weights_beside_a_graph_to_onnx() -> None:
    found = answers(card(replace(GRAPH, beside=(Path("here/onnx/model.onnx_data"),))))
    assert isinstance(found["onnx"], Bid)
    assert "ONNX Runtime reads such files" in str(found["openvino"])


def test_transformers_needs_safetensors_and_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = replace(CARD, network=replace(NETWORK, onnx=GRAPH, stored=False))
    assert "needs its weights as safetensors" in str(answers(bare)["torch"])
    unknown = replace(CARD, network=replace(NETWORK, name="bort"))
    assert "the installed one does not know it" in str(answers(unknown)["torch"])
    monkeypatch.setattr(undeclared, "find_spec", lambda name: None)
    assert "pip install 'vectord[torch]'" in str(answers(CARD)["torch"])
    with pytest.raises(SettingError) as raised:
        chosen(card())
    for name in ("onnx: ", "openvino: ", "torch: "):
        assert name in str(raised.value)


def test_the_plan_shows_it(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = with_file(checkpoint, tmp_path, "electra", ONNX)
    lines = "\n".join(plan(Settings(models=(str(path),), threads=1))).splitlines()
    assert any(
        line.startswith("card      electra (no family declares electra), can embed, rerank") for line in lines
    )
    assert any(
        line.startswith("  bid     onnx") and line.endswith("the checkpoint's own onnx/model.onnx")
        for line in lines
    )
    assert any(line.startswith("choice    onnx, float32 on cpu") for line in lines)


@pytest.mark.parametrize("file", [ONNX, XML, "openvino/openvino_model.bin"])
def test_a_damaged_file_stops_the_start_with_one_line(
    checkpoint: Checkpoints, tmp_path: Path, file: str
) -> None:
    path = with_file(checkpoint, tmp_path, "electra", ONNX if file == ONNX else XML)
    content = (path / file).read_bytes()
    (path / file).write_bytes(content[: len(content) // 2])
    with pytest.raises(StartError) as raised:
        build_engine(Settings(models=(str(path),), threads=1))
    assert "\n" not in str(raised.value)
    assert Path(file).stem in str(raised.value)
    assert str(raised.value).endswith("fetch it again")


async def test_it_is_served(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = with_file(checkpoint, tmp_path, "electra", ONNX)
    (path / "model.safetensors").unlink()
    async with build_engine(Settings(models=(str(path),), threads=1)) as engine:
        found = await engine.embed(["a first text", "a second and longer text"])
    assert found.vectors.shape == (2, 32)


async def test_a_declared_architecture_without_safetensors_runs_from_its_own_file(
    checkpoint: Checkpoints, tmp_path: Path
) -> None:
    path = with_file(checkpoint, tmp_path, "bert", ONNX)
    async with build_engine(Settings(models=(str(path),), dtype="float32", threads=1)) as engine:
        wanted = await engine.embed(["a first text", "a second and longer text"])
    (path / "model.safetensors").unlink()
    async with build_engine(Settings(models=(str(path),), threads=1)) as engine:
        found = await engine.embed(["a first text", "a second and longer text"])
        assert engine.served[0].backend == "onnx"
    np.testing.assert_allclose(found.vectors, wanted.vectors, atol=1e-5)
