"""Settings from a TOML file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shared import Checkpoints
from vectord import open_engine
from vectord.asked import asked_models
from vectord.errors import SettingError
from vectord.file import load_settings
from vectord.scheduler import Prompt

WHOLE = """
port = 9000
dtype = "float32"
payload_limit = 1000
drain_seconds = 3
cors_allow_origin = ["https://a", "https://b"]
auto_truncate = false

[[model]]
path = "org/embedder"
name = "small"
revision = "v1"
dtype = "bfloat16"
pooling = "cls"
replicas = 2
prompts = { query = "ask: ", document = "" }

[[model]]
path = "org/ranker"
task = "rerank"
replicas = "auto"
"""
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str) -> Path:
        file = tmp_path / "vectord.toml"
        file.write_text(text)
        return file

    return written


def test_every_kind_of_setting(write: Write) -> None:
    settings = load_settings({"config": write(WHOLE)}, {})
    assert (settings.port, settings.dtype, settings.payload_limit) == (9000, "float32", 1000)
    assert (settings.drain_seconds, settings.auto_truncate) == (3.0, False)
    assert settings.cors_allow_origin == ("https://a", "https://b")


def test_a_models_own_table_goes_before_what_holds_for_all(write: Write) -> None:
    first, second = asked_models(load_settings({"config": write(WHOLE), "dtype": "float16"}, {}))
    assert (first.reference.name, first.reference.target, first.reference.revision) == (
        "small", "org/embedder", "v1",
    )  # fmt: skip
    assert (first.settings.dtype, first.settings.pooling) == ("bfloat16", "cls")
    assert (first.settings.replicas, second.settings.replicas) == (2, "auto")
    assert first.prompts == {"query": "ask: ", "document": ""}
    assert (second.reference.name, second.settings.dtype, second.settings.task) == (
        "org/ranker", "float16", "rerank",
    )  # fmt: skip


def test_flags_go_before_variables_and_variables_before_the_file(write: Write) -> None:
    file = write(WHOLE)
    environ = {"VECTORD_CONFIG": str(file), "VECTORD_PORT": "9001", "VECTORD_DTYPE": "float16"}
    settings = load_settings({"port": 9002}, environ)
    assert (settings.port, settings.dtype, settings.payload_limit) == (9002, "float16", 1000)


def test_models_of_the_command_line_come_in_place_of_the_files(write: Write) -> None:
    settings = load_settings({"config": write(WHOLE), "models": ("org/other",)}, {})
    assert [one.reference.target for one in asked_models(settings)] == ["org/other"]
    both = load_settings({"config": write('models = ["org/a"]\n' + WHOLE)}, {})
    assert [one.reference.name for one in asked_models(both)] == ["org/a", "small", "org/ranker"]


CASES = {
    "no file": (None, "No such file"),
    "no TOML": ("port = = 1", "vectord.toml"),
    "an unknown key": ("prot = 1", "no setting 'prot' here; did you mean port?"),
    "a flag's spelling": ("payload-limit = 1", "did you mean payload_limit?"),
    "a file in the file": ('config = "other.toml"', "no setting 'config'"),
    "a wrong type": ('port = "9000"', "port must be a whole number, not '9000'"),
    "a truth for a number": ("port = true", "port must be a whole number"),
    "a wrong choice": ('dtype = "float31"', "dtype must be one of auto, float32"),
    "a number in words": ('replicas = "two"', "replicas must be a whole number or auto, not 'two'"),
    "no replicas": ("replicas = 0", "--replicas must be at least 1, not 0"),
    "out of bounds": ("port = 70000", "must be from 0 to 65535"),
    "a model without a path": ('[[model]]\nname = "a"', "[[model]] a needs a path"),
    "a model that is no table": ("model = 3", "write each model as a [[model]] table"),
    "a key that is not a model's": ('[[model]]\npath = "a"\nport = 1', "no setting 'port' here"),
    "prompts that are no texts": (
        '[[model]]\npath = "a"\nprompts = { a = 1 }',
        "prompts must be texts by name",
    ),
    "an empty name": ('[[model]]\npath = "a"\nname = ""', "name must be a text"),
    "one name twice": (
        '[[model]]\npath = "a"\n[[model]]\npath = "b"\nname = "a"',
        "two models are named 'a'",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_makes_no_sense_is_one_line(write: Write, tmp_path: Path, case: str) -> None:
    text, words = CASES[case]
    file = tmp_path / "missing.toml" if text is None else write(text)
    with pytest.raises(SettingError) as raised:
        asked_models(load_settings({"config": file}, {}))
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


async def test_an_engine_from_a_file(checkpoint: Checkpoints, write: Write) -> None:
    embedder, ranker = checkpoint("bert"), checkpoint("bert_rerank")
    file = write(f"""
[[model]]
path = "{embedder}"
name = "tiny"
backend = "onnx"
dtype = "float32"
prompts = {{ query = "ask: " }}

[[model]]
path = "{ranker}"
task = "classify"
""")
    async with open_engine(config=file) as engine:
        prompted = await engine.embed(["what"], prompt=Prompt(name="query"))
        plain = await engine.embed(["ask: what"])
        assert (prompted.vectors == plain.vectors).all()
        assert next(one.backend for one in engine.served) == "onnx"
        assert (await engine.classify(["good"], model=ranker.name)).labels == ("LABEL_0",)
