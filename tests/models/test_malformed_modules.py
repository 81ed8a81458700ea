"""What sentence-transformers adds, damaged: one line names the file and says what to do."""

from pathlib import Path

import pytest

from tests.shared import Checkpoints

from .damage import Cases, check, modules, text, without
from .editing import add_dense, edit

CASES: Cases = {
    "no pooling": (without("modules.json"), ("does not say how", "--pooling cls, mean or last-token")),
    "no pooling file": (
        without("1_Pooling/config.json"),
        ("1_Pooling/config.json is missing", "--pooling cls, mean or last-token"),
    ),
    "unknown pooling": (
        text("1_Pooling/config.json", '{"pooling_mode": "median"}'),
        ("1_Pooling/config.json: pooling_mode must be one of cls, mean, lasttoken, max", "median"),
    ),
    "a pooling of another time": (
        text("1_Pooling/config.json", '{"pooling_mode_median_tokens": true}'),
        ("pooling_mode must be one of", "max"),
    ),
    "two poolings": (
        text("1_Pooling/config.json", '{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true}'),
        ("pooling_mode must be one of", "cls", "mean"),
    ),
    "two poolings in a list": (
        text("1_Pooling/config.json", '{"pooling_mode": ["cls", "mean"]}'),
        ("pooling_mode must be one of",),
    ),
    "a pooling in a list in a list": (
        text("1_Pooling/config.json", '{"pooling_mode": [["cls"]]}'),
        ("pooling_mode must be one of",),
    ),
    "no pooling switched on": (text("1_Pooling/config.json", "{}"), ("pooling_mode must be one of",)),
    "prompts left out": (
        text("1_Pooling/config.json", '{"pooling_mode": "cls", "include_prompt": false}'),
        ("include_prompt = false",),
    ),
    "modules are an object": (text("modules.json", "{}"), ("modules.json must be a list of modules",)),
    "modules are numbers": (text("modules.json", "[1]"), ("modules.json must be a list of modules",)),
    "modules are none": (text("modules.json", "[]"), ("modules.json", "no modules")),
    "a module without a path": (
        text("modules.json", '[{"type": "a.Transformer"}]'),
        ("every module needs a type and a path",),
    ),
    "an unknown module": (modules("Transformer", "WordWeights"), ("module 'WordWeights' is not supported",)),
    "code of the checkpoint's own": (
        text("modules.json", '[{"type": "custom_st.Mine", "path": ""}]'),
        ("module 'Mine' is not supported",),
    ),
    "two poolings in a row": (
        modules("Transformer", "Pooling", "Pooling"),
        ("Transformer, Pooling, Pooling in this order is not supported",),
    ),
    "normalised before the dense layer": (
        modules("Transformer", "Pooling", "Normalize", "Dense"),
        ("in this order is not supported",),
    ),
    "no transformer": (modules("Pooling"), ("Pooling in this order is not supported",)),
    "a module at an absolute path": (
        modules("Transformer", "Pooling", folder="/etc"),
        ("modules.json: path '/etc' leaves the checkpoint",),
    ),
    "a module above": (
        modules("Transformer", "Pooling", folder="a/../../other"),
        ("path 'a/../../other' leaves the checkpoint",),
    ),
    "a module that is the checkpoint": (modules("Transformer", "Pooling", folder="."), ("pooling_mode",)),
    "a module with a null byte": (modules("Transformer", "Pooling", folder="a\0b"), ("config.json",)),
    "a transformer in a folder": (
        text("modules.json", '[{"type": "a.Transformer", "path": "0_Transformer"}]'),
        ("Transformer in a folder of its own",),
    ),
    "a cross-encoder of modules": (
        lambda path: edit(path / "config_sentence_transformers.json", {"model_type": "CrossEncoder"}),
        ("a CrossEncoder made of modules is not supported",),
    ),
    "prompts that are no texts": (
        lambda path: edit(path / "config_sentence_transformers.json", {"prompts": {"query": 1}}),
        ("config_sentence_transformers.json: prompts must be texts by name",),
    ),
    "a limit that is no number": (
        lambda path: edit(path / "sentence_bert_config.json", {"max_seq_length": "many"}),
        ("sentence_bert_config.json: max_seq_length must be a whole number",),
    ),
    "a side that is neither": (
        lambda path: edit(path / "tokenizer_config.json", {"truncation_side": "middle"}),
        ("tokenizer_config.json: truncation_side must be right or left, not 'middle'",),
    ),
    "lower-casing beside the tokenizer": (
        lambda path: edit(path / "sentence_bert_config.json", {"do_lower_case": "yes"}),
        ("sentence_bert_config.json: do_lower_case must be true or false, not 'yes'",),
    ),
    "a dense layer of the wrong width": (
        lambda path: add_dense(path, 33, 8),
        ("a Dense module takes 33 values but gets 32",),
    ),
    "a chain of dense layers that breaks": (
        lambda path: (add_dense(path, 32, 16), add_dense(path, 8, 8)),
        ("a Dense module takes 8 values but gets 16",),
    ),
    "a dense layer without weights": (
        lambda path: (add_dense(path, 32, 8) / "model.safetensors").unlink(),
        ("3_Dense/model.safetensors is missing", "pickles"),
    ),
    "a dense layer without a bias": (
        lambda path: edit(add_dense(path, 32, 8, bias=False) / "config.json", {"bias": True}),
        ("3_Dense/model.safetensors has no tensor linear.bias",),
    ),
    "a dense layer of another shape": (
        lambda path: edit(add_dense(path, 32, 8) / "config.json", {"out_features": 9}),
        ("3_Dense/model.safetensors", "[8, 32]", "[9, 32]"),
    ),
    "a dense layer with a residual": (
        lambda path: add_dense(path, 32, 32, use_residual=True),
        ("3_Dense/config.json: use_residual = True is not supported",),
    ),
    "a dense layer on tokens": (
        lambda path: add_dense(path, 32, 32, module_input_name="token_embeddings"),
        ("a Dense of every token beside Pooling is not supported",),
    ),
    "an unknown activation of a dense layer": (
        lambda path: add_dense(path, 32, 8, activation_function="torch.nn.Softshrink"),
        ("3_Dense/config.json: activation_function must be one of Identity, Tanh",),
    ),
}


@pytest.mark.parametrize("damage", CASES)
def test_it_is_said(checkpoint: Checkpoints, tmp_path: Path, damage: str) -> None:
    path = checkpoint.copy("bert", tmp_path / "copy")
    apply, words = CASES[damage]
    apply(path)
    check(path, *words)
