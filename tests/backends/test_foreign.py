"""Networks that no family declares give the reference answers, whatever runs them."""

import logging
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer

from tests.checkpoints import TEXTS
from tests.checkpoints.exported import export_onnx, trace_openvino
from tests.models.editing import add_dense, edit
from tests.shared import Checkpoints
from vectord.core import Batch
from vectord.errors import CheckpointError

from .foreign import FALLBACKS, ONNX, XML, pooled_alone, with_file
from .running import Model, farthest

NAMES = ("electra", "electra_classify", "electra_rerank", "albert", "squeezebert", "phi")
POOLINGS = ("cls", "mean", "max", "lasttoken", "weightedmean", "mean_sqrt_len_tokens")


@pytest.fixture(scope="module", params=product(NAMES, FALLBACKS), ids="-".join)
def case(
    request: pytest.FixtureRequest, checkpoint: Checkpoints, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Model, str]]:
    name, fallback = request.param
    backend, file = FALLBACKS[fallback]
    yield Model.at(with_file(checkpoint, tmp_path_factory.mktemp("foreign"), name, file)), backend


def test_the_answers_are_the_reference(case: tuple[Model, str]) -> None:
    model, backend = case
    session, encodings, answers = model.load(backend), model.encodings(), model.answers()
    alone = model.alone(session, encodings)
    assert alone.dtype == np.float32
    assert farthest(alone, answers) <= 1e-4
    together = model.run(session, encodings)
    assert farthest(together, answers) <= 1e-4
    assert farthest(together, alone) < 1e-5
    session.close()


@pytest.mark.parametrize(
    ("name", "way"),
    {
        "electra": "packed",
        "albert": "packed",
        "phi": "packed",
        "roberta_prelayernorm": "packed",
        "vaultgemma": "packed",
        "electra_tokens": "packed",
        "electra_classify": "padded",
        "squeezebert": "padded",
        "t5": "padded",
        "lfm2": "padded",
        "convbert": "one length at a time",
    }.items(),
)
def test_transformers_runs_as_the_model_allows(
    checkpoint: Checkpoints, caplog: pytest.LogCaptureFixture, name: str, way: str
) -> None:
    caplog.set_level(logging.INFO, "vectord")
    Model.at(checkpoint(name)).load("torch").close()
    [told] = re.findall(r"its batches run (.*)", caplog.text)
    assert told == way


# positions from after padding's, no attention interface, a bias by distance, a convolution that packing
# would run across inputs, capped scores, windows shorter than the longest inputs
@pytest.mark.parametrize(
    "name", ["roberta_prelayernorm", "squeezebert", "t5", "lfm2", "vaultgemma", "starcoder2"]
)
def test_transformers_is_right_for_what_is_unlike_the_others(checkpoint: Checkpoints, name: str) -> None:
    model = Model.at(checkpoint(name))
    session, encodings, answers = model.load("torch"), model.encodings(), model.answers()
    assert farthest(model.run(session, encodings), answers) <= 1e-4
    assert farthest(model.alone(session, encodings), answers) <= 1e-4


@pytest.mark.parametrize("fallback", FALLBACKS)
def test_a_network_that_sees_padding_gets_none(
    checkpoint: Checkpoints, tmp_path: Path, fallback: str
) -> None:
    backend, file = FALLBACKS[fallback]
    model = Model.at(with_file(checkpoint, tmp_path, "convbert", file))
    answers = pooled_alone(model.card.path)
    # in one batch even the reference depends on what stands beside an input
    assert farthest(model.answers(), answers) > 0.1
    session, encodings = model.load(backend), model.encodings()
    assert farthest(model.run(session, encodings), answers) <= 1e-4


@pytest.mark.parametrize("fallback", FALLBACKS)
def test_labels_of_tokens(checkpoint: Checkpoints, tmp_path: Path, fallback: str) -> None:
    backend, file = FALLBACKS[fallback]
    model = Model.at(with_file(checkpoint, tmp_path, "electra_tokens", file))
    assert (model.card.tasks, model.card.width) == (("token_classify",), 3)
    texts = list(TEXTS[:12])
    encodings = model.tokenizer.encode(texts, model.card.max_length)
    rows = np.split(model.run(model.load(backend), encodings), Batch.of(encodings).bounds[1:-1])
    native = AutoModelForTokenClassification.from_pretrained(model.card.path).eval()
    tokenizer = AutoTokenizer.from_pretrained(model.card.path)
    with torch.inference_mode():
        for text, found in zip(texts, rows, strict=True):
            wanted = native(**tokenizer(text, return_tensors="pt")).logits[0].numpy()
            assert farthest(found, wanted) <= 1e-4


@pytest.mark.parametrize("pooling", POOLINGS)
def test_pooling_is_read_from_the_checkpoint(checkpoint: Checkpoints, tmp_path: Path, pooling: str) -> None:
    path = with_file(checkpoint, tmp_path, "electra", ONNX)
    (path / "1_Pooling/config.json").write_text(
        f'{{"embedding_dimension": 32, "pooling_mode": "{pooling}", "include_prompt": true}}'
    )
    model = Model.at(path)
    assert farthest(model.run(model.load("onnx"), model.encodings()), model.answers()) <= 1e-4


@pytest.mark.parametrize("fallback", ["onnx", "transformers"])
@pytest.mark.parametrize("activation", ["Tanh", "GELU", "ReLU", "SiLU"])
def test_dense_modules(checkpoint: Checkpoints, tmp_path: Path, fallback: str, activation: str) -> None:
    backend, file = FALLBACKS[fallback]
    path = with_file(checkpoint, tmp_path, "electra", file)
    add_dense(path, 32, 48, activation_function=f"torch.nn.modules.activation.{activation}")
    add_dense(path, 48, 8, bias=False, activation_function="torch.nn.modules.linear.Identity")
    model = Model.at(path)
    assert farthest(model.run(model.load(backend), model.encodings()), model.answers()) <= 1e-4


def test_token_vectors_come_from_the_same_pass(checkpoint: Checkpoints, tmp_path: Path) -> None:
    model = Model.at(with_file(checkpoint, tmp_path, "electra", ONNX))
    batch = Batch.of(model.encodings()[:5])
    native = model.load("torch").run(batch, ["tokens", "embedding"])
    own = model.load("onnx").run(batch, ["tokens", "embedding"])
    assert own["tokens"].shape == (batch.tokens, 32)
    assert all(farthest(own[name], native[name]) <= 1e-4 for name in native)


def test_positions_are_given_to_a_file_that_asks(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("phi", tmp_path / "phi")
    export_onnx(path, path / ONNX, positions=True)
    model = Model.at(path)
    assert farthest(model.run(model.load("onnx"), model.encodings()), model.answers()) <= 1e-4


def test_a_file_without_safetensors_is_enough(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = with_file(checkpoint, tmp_path, "albert", ONNX)
    answers = Model.at(path).answers()
    (path / "model.safetensors").unlink()
    model = Model.at(path)
    assert model.card.weight_bytes == (path / ONNX).stat().st_size
    assert farthest(model.run(model.load("onnx"), model.encodings()), answers) <= 1e-4


def test_a_window_over_padding_alone_spoils_nothing(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("starcoder2", tmp_path / "copy")
    trace_openvino(path, path / XML, ("input_ids", "attention_mask"))
    model = Model.at(path)
    assert farthest(model.run(model.load("openvino"), model.encodings()), model.answers()) <= 1e-4


def test_an_input_over_the_limit_fails_alone(checkpoint: Checkpoints) -> None:
    model = Model.at(checkpoint("electra"))
    session, [one] = model.load("torch"), model.tokenizer.encode(["word " * 600], 600)
    with pytest.raises(ValueError, match="exceeds the limit of 256"):
        model.run(session, [one])
    assert np.isfinite(model.run(session, model.encodings())).all()


def test_no_code_of_a_checkpoint_runs(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("electra", tmp_path / "copy")
    answers = Model.at(path).answers()
    (path / "modeling_own.py").write_text("raise SystemExit('executed')")
    names = {"AutoConfig": "modeling_own.Config", "AutoModel": "modeling_own.Model"}
    edit(path / "config.json", {"auto_map": names})
    model = Model.at(path)
    assert farthest(model.run(model.load("torch"), model.encodings()), answers) <= 1e-4


def test_weights_that_are_not_there_are_not_made_up(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("electra", tmp_path / "copy")
    labelled = {"architectures": ["ElectraForSequenceClassification"], "id2label": {"0": "no", "1": "yes"}}
    edit(path / "config.json", labelled)
    (path / "modules.json").unlink()
    with pytest.raises(CheckpointError, match=r"has no tensor classifier\..*, which electra needs"):
        Model.at(path).load("torch")


def test_adapters_and_quantised_weights_are_refused(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("electra", tmp_path / "copy")
    edit(path / "config.json", {"quantization_config": {"quant_method": "gptq"}})
    with pytest.raises(CheckpointError, match="quantization_config"):
        Model.at(path).load("torch")
    edit(path / "adapter_config.json", {"base_model_name_or_path": "someone/else"})
    with pytest.raises(CheckpointError, match=r"adapter_config\.json"):
        Model.at(path).load("torch")


def test_bfloat16_where_it_is_asked_for(checkpoint: Checkpoints) -> None:
    model = Model.at(checkpoint("electra"))
    encodings, answers = model.encodings(), model.answers()
    try:
        session = model.load("torch", "bfloat16")
    except AssertionError:
        pytest.skip("this CPU does not multiply bfloat16 itself")
    rows = model.run(session, encodings)
    assert 1e-6 < farthest(rows, answers) < 0.1
