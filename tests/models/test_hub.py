"""Models from the hub: fetched once, pinned, found again without it, and clear errors where that fails."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest
import torch

from tests.checkpoints import bert
from tests.checkpoints.exported import export_onnx
from tests.checkpoints.multi import two_layers
from tests.shared import Checkpoints
from vectord.errors import CheckpointError
from vectord.models.resolve import Reference, resolve

from .client import Client
from .hub import COMMITS, REPOSITORY, TOKEN, Hub, serving

EXTRA = ("artifact.metadata", "colbert_linear.pt", "sparse_linear.pt")


@pytest.fixture
def hub(checkpoint: Checkpoints, tmp_path: Path) -> Iterator[Hub]:
    first = checkpoint.copy("bert", tmp_path / "v1")
    (first / "pytorch_model.bin").write_bytes(b"a pickle")
    (first / "modeling_tiny.py").write_text("raise SystemExit('executed')")
    (first / "optimizer.pt").write_bytes(b"a pickle")
    (first / "artifact.metadata").write_text("{}")
    two_layers(first, bert.SIZES["small"], torch.float16)
    (first / "onnx").mkdir()
    (first / "onnx/model.onnx").write_bytes(b"a graph")
    (first / "onnx/config.json").write_text("{}")
    second = checkpoint.copy("bert", tmp_path / "main", shape="odd")
    with serving(Hub({COMMITS["v1"]: first, COMMITS["main"]: second})) as hub:
        yield hub


@pytest.fixture
def client(hub: Hub, tmp_path: Path) -> Client:
    home = tmp_path / "home"
    home.mkdir()
    return Client(home, hub.url)


def test_a_model_is_fetched_once(client: Client, hub: Hub) -> None:
    first = client.resolve(REPOSITORY)
    assert first.startswith(f"{REPOSITORY} {REPOSITORY} {COMMITS['main']} {client.home}")
    assert hub.asked
    hub.asked.clear()
    assert client.resolve(REPOSITORY) == first
    assert client.resolve(REPOSITORY, HF_HUB_OFFLINE="1") == first
    assert not hub.asked


def test_a_fetched_model_needs_no_hub(client: Client) -> None:
    first = client.resolve(f"tiny={REPOSITORY}")
    assert first.startswith(f"tiny {REPOSITORY} ")
    assert Client(client.home, "http://127.0.0.1:9").resolve(f"tiny={REPOSITORY}") == first


@pytest.mark.parametrize("revision", ["v1", COMMITS["v1"]])
def test_a_revision_is_pinned(client: Client, revision: str) -> None:
    latest = client.resolve(REPOSITORY)
    pinned = client.resolve(f"{REPOSITORY}@{revision}")
    assert pinned.split()[2] == COMMITS["v1"]
    assert latest.split()[2] == COMMITS["main"]
    assert json.loads(Path(pinned.split()[3], "config.json").read_text())["hidden_size"] == 32


def test_neither_pickles_nor_code_are_fetched(client: Client, hub: Hub) -> None:
    first = client.resolve(f"{REPOSITORY}@v1")
    assert client.resolve(f"{REPOSITORY}@v1", HF_HUB_OFFLINE="1") == first
    folder = Path(first.split()[3])
    unwanted = ("pytorch_model.bin", "optimizer.pt", "modeling_tiny.py", "model.onnx")
    assert not [line for line in hub.asked if line.endswith(unwanted)]
    assert not [found for name in unwanted for found in folder.rglob(name)]
    assert (folder / "1_Pooling/config.json").exists()


def test_what_some_heads_need_is_fetched(client: Client) -> None:
    folder = Path(client.resolve(f"{REPOSITORY}@v1").split()[3])
    assert all((folder / name).exists() for name in EXTRA)


@pytest.fixture
def undeclared(checkpoint: Checkpoints, tmp_path: Path) -> Iterator[Hub]:
    """Serve an architecture that no family declares: with a file of its own, and as `v1` nothing but that."""
    whole = checkpoint.copy("electra", tmp_path / "whole")
    export_onnx(whole, whole / "onnx/model.onnx")
    model = onnx.load(whole / "onnx/model.onnx")
    onnx.save(model, whole / "onnx/model.onnx", save_as_external_data=True, location="model.onnx_data")
    (whole / "onnx/model_quantized.onnx").write_bytes(b"another precision")
    (whole / "openvino").mkdir()
    (whole / "openvino/openvino_model_qint8.xml").write_bytes(b"another precision")
    bare = Path(shutil.copytree(whole, tmp_path / "bare"))
    (bare / "model.safetensors").unlink()
    with serving(Hub({COMMITS["main"]: whole, COMMITS["v1"]: bare})) as hub:
        yield hub


def names_in(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("revision", ["", "@v1"])
def test_an_undeclared_architecture_comes_with_its_own_file(
    undeclared: Hub, tmp_path: Path, revision: str
) -> None:
    client = Client(tmp_path / "home", undeclared.url)
    first = client.resolve(f"{REPOSITORY}{revision}")
    found = names_in(Path(first.split()[3]))
    assert {"onnx/model.onnx", "onnx/model.onnx_data", "1_Pooling/config.json"} <= found
    assert ("model.safetensors" in found) == (revision == "")
    assert not [name for name in found if "quantized" in name or "qint8" in name]
    undeclared.asked.clear()
    assert client.resolve(f"{REPOSITORY}{revision}", HF_HUB_OFFLINE="1") == first
    assert not undeclared.asked


@pytest.mark.parametrize("name", ["onnx/model.onnx", "onnx/model.onnx_data", "model.safetensors"])
def test_half_of_an_undeclared_architecture_is_no_copy(undeclared: Hub, tmp_path: Path, name: str) -> None:
    client = Client(tmp_path / "home", undeclared.url)
    undeclared.withheld.add(name)
    assert client.resolve(REPOSITORY).startswith(f"cannot get {REPOSITORY} from the hub: ")
    assert "HF_HUB_OFFLINE is set" in client.resolve(REPOSITORY, HF_HUB_OFFLINE="1")
    undeclared.withheld.clear()
    assert name in names_in(Path(client.resolve(REPOSITORY).split()[3]))


def test_half_a_copy_is_no_copy(client: Client, hub: Hub) -> None:
    hub.withheld.add("model.safetensors")
    assert client.resolve(REPOSITORY).startswith(f"cannot get {REPOSITORY} from the hub: ")
    assert [*client.home.rglob("config.json")]
    assert "HF_HUB_OFFLINE is set" in client.resolve(REPOSITORY, HF_HUB_OFFLINE="1")
    hub.withheld.clear()
    assert COMMITS["main"] in client.resolve(REPOSITORY)


def test_an_unknown_name(client: Client) -> None:
    error = client.resolve("someone/else")
    assert error == (
        "cannot get someone/else from the hub: it is not there or is private; check the name, "
        "and set HF_TOKEN for a private model"
    )


def test_a_private_model_needs_a_token(client: Client, hub: Hub) -> None:
    hub.private = True
    error = client.resolve(REPOSITORY)
    assert f"cannot get {REPOSITORY} from the hub" in error
    assert "HF_TOKEN" in error
    assert COMMITS["main"] in client.resolve(REPOSITORY, HF_TOKEN=TOKEN)


def test_an_unknown_revision(client: Client) -> None:
    error = client.resolve(f"{REPOSITORY}@v2")
    assert (
        error
        == f"cannot get {REPOSITORY}@v2 from the hub: it has no such revision; check what stands after @"
    )


def test_offline_without_a_copy(client: Client, hub: Hub) -> None:
    error = client.resolve(REPOSITORY, HF_HUB_OFFLINE="1")
    assert (
        error
        == f"{REPOSITORY} is not in the hub cache and HF_HUB_OFFLINE is set: unset it, or give a directory"
    )
    assert not hub.asked


def test_a_hub_that_cannot_be_reached(client: Client) -> None:
    error = Client(client.home, "http://127.0.0.1:9").resolve(REPOSITORY)
    assert error.startswith(f"cannot get {REPOSITORY} from the hub: ")
    assert "HF_ENDPOINT" in error


@pytest.mark.parametrize("target", ["not a model", "-x/y", "a/b/c", "./nowhere", "/no/where", "~/nowhere"])
def test_what_is_no_hub_id(target: str) -> None:
    with pytest.raises(CheckpointError, match=f"{target}.*director") as raised:
        resolve(Reference.parse(target))
    assert "hub id" in str(raised.value)


def test_the_command_line_says_it_in_one_line(client: Client) -> None:
    done = client.run("-m", "vectord", "serve", "someone/else", "--port", "0")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [f"vectord: {client.resolve('someone/else')}"]
