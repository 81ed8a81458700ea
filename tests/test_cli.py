"""The `vectord` command, as a process: help that says all, errors of one line, flags over variables."""

import re
import subprocess
from contextlib import suppress
from dataclasses import Field
from pathlib import Path
from typing import Any

import httpx
import pytest

from vectord import __version__
from vectord.config import Settings, declared, flag, parse, variable
from vectord.errors import SettingError
from vectord.file import load_settings
from vectord.models.families import DECLARED
from vectord.models.families.measured import measured

from .server import COMMAND, DEFAULT_MODEL, environment, serving
from .shared import Checkpoints

GROUPS = {item.name: item.metadata["group"] for item in declared()}
needs_model = pytest.mark.skipif(DEFAULT_MODEL is None, reason="all-MiniLM-L6-v2 is not installed")


def vectord(*arguments: str | Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *arguments], env=environment(**variables), capture_output=True, text=True, timeout=60
    )


def words_of(text: str) -> str:
    """Return a text without the line breaks that its width made."""
    return " ".join(text.split())


@pytest.fixture
def bert(checkpoint: Checkpoints) -> Path:
    return checkpoint("bert")


def test_help_shows_the_commands() -> None:
    done = vectord("--help")
    assert done.returncode == 0
    assert re.search(r"serve +serve models over HTTP", done.stdout)
    assert re.search(r"pull +fetch models, so that serving needs no network", done.stdout)
    assert re.search(r"check +check a server that runs", done.stdout)
    assert re.search(r"plan +show which backend would run a model", done.stdout)


@pytest.mark.parametrize(("command", "groups"), [("serve", {*GROUPS.values()}), ("plan", {"model"})])
def test_help_shows_every_setting_with_its_flag_variable_and_meaning(command: str, groups: set[str]) -> None:
    done = vectord(command, "--help")
    shown = words_of(done.stdout)
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 100
    for item in declared():
        if item.metadata["group"] in groups:
            assert flag(item.name) in shown
            assert f"[{variable(item.name)}]" in shown
            if item.name != "models":
                assert words_of(item.metadata["help"]) in shown


def test_help_of_serve_gives_examples() -> None:
    assert (
        "vectord serve ./embedder ./reranker            two models on one port"
        in vectord("serve", "-h").stdout
    )


def test_version() -> None:
    assert vectord("--version").stdout == f"vectord {__version__}\n"


WRONG = {
    "no command": ([], {}, 2, "the following arguments are required: COMMAND"),
    "unknown command": (["server"], {}, 2, "invalid choice: 'server'"),
    "unknown flag": (["serve", "--prot", "1"], {}, 2, "unrecognized arguments: --prot"),
    "flag without value": (["serve", "--port"], {}, 2, "--port: expected one argument"),
    "port is a word": (["serve", "--port", "http"], {}, 1, "--port must be a whole number, not 'http'"),
    "port too large": (["serve", "--port", "70000"], {}, 1, "--port must be from 0 to 65535, not 70000"),
    "port negative": (["serve", "--port", "-1"], {}, 1, "--port must be from 0 to 65535, not -1"),
    "no threads": (["serve", "--threads", "0"], {}, 1, "--threads must be at least 1, not 0"),
    "no replicas": (["serve", "--replicas", "0"], {}, 1, "--replicas must be at least 1, not 0"),
    "replicas are a word": (
        ["serve", "--replicas", "all"],
        {},
        1,
        "must be a whole number or auto, not 'all'",
    ),
    "seconds not a number": (["serve", "--drain-seconds", "nan"], {}, 1, "--drain-seconds must be from 0 to"),
    "unknown dtype": (["serve", "--dtype", "int3"], {}, 1, "--dtype must be one of auto, float32, bfloat16"),
    "bad variable": (["serve"], {"VECTORD_PORT": "x"}, 1, "VECTORD_PORT must be a whole number, not 'x'"),
    "bad switch": (
        ["plan"],
        {"VECTORD_STRICT_PLUGINS": "maybe"},
        1,
        "VECTORD_STRICT_PLUGINS must be true or",
    ),
    "missing directory": (["serve", "./nowhere"], {}, 1, "./nowhere is not a directory"),
    "missing directory planned": (["plan", "/no/where"], {}, 1, "/no/where is not a directory"),
    "two of one name": (["serve", "a=./x", "a=./y"], {}, 1, "two models are named 'a'"),
    "model without target": (["serve", "name="], {}, 1, "'name=' is not a model"),
    "model without name": (["serve", "=/some/model"], {}, 1, "'=/some/model' is not a model: DIR, ID"),
    "model with a blank name": (["plan", " =/some/model"], {}, 1, "' =/some/model' is not a model"),
    "no such address": (["serve", "--host", "203.0.113.1"], {}, 1, "cannot listen on 203.0.113.1:8080"),
    "no host name": (["serve", "--host", "x" * 70], {}, 1, "cannot listen on xxx"),
    "not in the cache": (
        ["serve", "some/model"],
        {},
        1,
        "some/model is not in the hub cache and HF_HUB_OFFLINE",
    ),
    "blank key": (["serve", "--api-key", " "], {}, 1, "--api-key holds no key"),
    "empty key": (["serve", "--api-key", ""], {}, 1, "--api-key holds no key"),
    "keys that are commas": (["serve", "--api-key", ", ,"], {}, 1, "--api-key holds no key"),
    "blank key variable": (["serve"], {"VECTORD_API_KEY": " "}, 1, "--api-key holds no key"),
    "token ids of nobody": (["serve", "--token-ids", "gpt"], {}, 1, "--token-ids must be model, reject or"),
    "token ids of an unknown encoding": (
        ["serve", "--token-ids", "tiktoken:cl200k"],
        {},
        1,
        "tiktoken has no encoding 'cl200k'; it has ",
    ),
    "missing key file": (["serve", "--api-key-file", "/no/keys"], {}, 1, "--api-key-file /no/keys"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_one_line(case: str) -> None:
    arguments, variables, status, complaint = WRONG[case]
    is_one_line(vectord(*arguments, **variables), status, complaint)


def is_one_line(done: "subprocess.CompletedProcess[str]", status: int, complaint: str) -> None:
    assert done.returncode == status
    assert "Traceback" not in done.stdout
    [line] = done.stderr.splitlines()
    assert line.startswith("vectord")
    assert complaint in line


UNSERVABLE = {
    "unknown backend": (["--backend", "tensorrt"], "--backend tensorrt: no such backend; there are"),
    "more replicas than cores": (
        ["--threads", "1", "--replicas", "2"],
        "--replicas 2: each needs a core of its own, and there are 1",
    ),
    "a precision that a backend lacks": (
        ["--backend", "onnx", "--dtype", "bfloat16"],
        "onnx: does not compute in bfloat16; it does in float32",
    ),
}


@pytest.mark.parametrize("command", ["serve", "plan"])
@pytest.mark.parametrize("case", UNSERVABLE)
def test_what_no_backend_can_run_is_one_line(bert: Path, command: str, case: str) -> None:
    arguments, complaint = UNSERVABLE[case]
    is_one_line(vectord(command, bert, *arguments), 1, complaint)


def test_a_plan_that_fails_shows_the_bids_all_the_same(bert: Path) -> None:
    done = vectord("plan", bert, "--backend", "onnx", "--dtype", "bfloat16")
    assert done.returncode == 1
    assert "no bid  onnx" in done.stdout
    assert "openvino" in done.stdout


def test_an_unknown_prompt_is_one_line_that_lists_the_known_ones(checkpoint: Checkpoints) -> None:
    model = f"tiny={checkpoint('qwen3')}"
    done = vectord("serve", model, "--default-prompt-name", "search", "--log-level", "warning")
    is_one_line(done, 1, "no served model has this prompt (tiny has query, document)")


def test_a_taken_port_is_one_line(bert: Path) -> None:
    with serving(f"mini={bert}") as server:
        done = vectord("serve", bert, "--port", str(server.port))
    is_one_line(done, 1, f"cannot listen on 127.0.0.1:{server.port}")


@pytest.mark.parametrize("style", ["text", "json"])
def test_the_port_is_told_whatever_the_log_level(bert: Path, style: str) -> None:
    with serving(str(bert), "--log-level", "error", "--log-format", style) as server:
        assert httpx.get(f"{server.url}/livez").status_code == 200
    assert len(server.log) == 1


def test_flags_come_before_variables_and_variables_before_defaults() -> None:
    environ = {"VECTORD_PORT": "1", "VECTORD_HOST": "::", "VECTORD_MODELS": "a b"}
    settings = load_settings({"port": 2}, environ)
    assert (settings.port, settings.host, settings.log_level) == (2, "::", "info")
    assert settings.models == ("a", "b")
    assert load_settings({"models": ("c",)}, environ).models == ("c",)


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert load_settings({}, {"VECTORD_PORT": "", "VECTORD_API_KEY": ""}) == Settings()


SAMPLES = ("float32", "on", "mean", "json", "info", "embed", "gzip", "1")
BY_ITSELF = [item for item in declared() if item.name != "config"]


def sample(item: Field[Any]) -> str:
    """Return the first sample that the setting takes."""
    for text in SAMPLES:
        with suppress(SettingError):
            parse(item, text, "")
            return text
    raise AssertionError(item.name)


@pytest.mark.parametrize("item", BY_ITSELF, ids=lambda item: item.name)
def test_every_setting_is_read_from_its_variable(item: Field[Any]) -> None:
    settings = load_settings({}, {variable(item.name): sample(item)})
    assert getattr(settings, item.name) == parse(item, sample(item), "")


def test_the_file_is_read_from_its_variable(tmp_path: Path) -> None:
    file = tmp_path / "vectord.toml"
    file.write_text("port = 3")
    assert load_settings({}, {"VECTORD_CONFIG": str(file)}).port == 3


@pytest.mark.parametrize("backend", ["onnx", "openvino"])
def test_a_server_leaves_nothing_in_its_home(bert: Path, tmp_path: Path, backend: str) -> None:
    """OpenVINO keeps the name there under which it would report its use."""
    with serving(str(bert), "--backend", backend, env={"HOME": str(tmp_path)}) as server:
        assert httpx.post(f"{server.url}/v1/embeddings", json={"input": "a"}).status_code == 200
    assert list(tmp_path.iterdir()) == []


def test_variables_alone_serve_two_models(checkpoint: Checkpoints) -> None:
    models = f"one={checkpoint('bert')} two={checkpoint('bert_rerank')}"
    env = {"VECTORD_MODELS": models, "VECTORD_BACKEND": "torch", "VECTORD_LOG_FORMAT": "json"}
    with serving("--backend", "onnx", env=env) as server:
        listed = httpx.get(f"{server.url}/v1/models").json()["data"]
    assert [(one["id"], one["vectord"]["backend"]) for one in listed] == [("one", "onnx"), ("two", "onnx")]
    assert all(line.startswith('{"time":"') and line.endswith("}") for line in server.log)


def test_the_plan_names_every_backend_with_a_reason_and_the_choice(bert: Path) -> None:
    done = vectord("plan", f"mini={bert}", "--dtype", "float32", "--threads", "1")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("hardware  ")
    assert lines[1].startswith("cuda      ")
    assert lines[3].startswith("model     mini (")
    assert lines[4].startswith(
        "card      bert, can embed, rerank, embed_all; mean pooling, width 32, up to 256 tokens"
    )
    offers = [re.fullmatch(r"  bid +(\S+) +\d+  float32 +\S.*", line) for line in lines[5:8]]
    names = [offer[1] for offer in offers if offer]
    assert {*names} == {"onnx", "openvino", "torch"}
    choice = rf"choice +{names[0]}, float32 on cpu, 1 session, 1 x 1 threads, batches up to \d+ tokens"
    assert re.fullmatch(choice, lines[8])


def test_the_plan_says_why_a_backend_does_not_bid(bert: Path) -> None:
    done = vectord("plan", bert, "--dtype", "bfloat16", "--backend", "auto")
    line = "  no bid  onnx" if done.returncode == 0 else "onnx: "
    said = next(one for one in (done.stdout + done.stderr).splitlines() if line in one)
    assert "does not compute in bfloat16; it does in float32" in said


@needs_model
def test_without_a_model_the_plan_is_for_the_default_one() -> None:
    done = vectord("plan")
    assert "model     all-MiniLM-L6-v2 (sentence-transformers/all-MiniLM-L6-v2" in done.stdout


def test_families_prints_the_table() -> None:
    done = vectord("families")
    assert done.returncode == 0
    head, *rows = done.stdout.splitlines()
    assert head.split()[:3] == ["family", "gives", "for"]
    assert [row.split()[0] for row in rows if not row.startswith(" ")] == [family.name for family in DECLARED]


def test_every_family_was_measured() -> None:
    for family in DECLARED:
        for one in measured()[family.name].values():
            assert one.farthest.keys() == {"onnx", "openvino", "torch"}
            assert max(one.farthest.values()) <= 1e-4
