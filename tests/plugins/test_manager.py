"""The plugin manager, on entry points made here."""

import logging
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from vectord.core import Backend
from vectord.errors import PluginError
from vectord.plugins import backends, load_plugins
from vectord.plugins.manager import GROUP

from . import installed

MODULE = "vectord_test_plugin"
WRONG_SIGNATURE = installed.MISSPELT.replace("register_backend()", "register_backends(settings)")


@pytest.fixture
def entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[EntryPoint]:
    """An entry point to a module with the code that the test asks for."""
    (tmp_path / f"{MODULE}.py").write_text(request.param)
    monkeypatch.syspath_prepend(tmp_path)
    yield EntryPoint("mine", MODULE, GROUP)
    sys.modules.pop(MODULE, None)


def test_ours_are_all_found() -> None:
    assert {"onnx", "openvino", "torch"} <= backends(load_plugins(strict=True), strict=True).keys()


@pytest.mark.parametrize("entry", [installed.backend("mine")], indirect=True)
def test_a_plugin_offers_its_backends(entry: EntryPoint) -> None:
    found: dict[str, Backend] = backends(load_plugins(found=[entry], strict=True), strict=True)
    assert [backend.name for backend in found.values()] == ["mine"]


@pytest.mark.parametrize("entry", [installed.MISSPELT], indirect=True)
def test_a_misspelt_hook_takes_the_plugin_out_whole(
    entry: EntryPoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "vectord.plugins")
    manager = load_plugins(found=[entry])
    assert manager.get_plugins() == set()
    assert "plugin 'mine'" in caplog.text
    with pytest.raises(PluginError, match="mine"):
        load_plugins(found=[entry], strict=True)


@pytest.mark.parametrize(
    "entry", ["raise SystemExit(3)", "x = 1 / 0", "def", "raise ValueError"], indirect=True
)
def test_whatever_an_import_raises_is_one_line(entry: EntryPoint) -> None:
    with pytest.raises(PluginError, match="plugin 'mine'") as caught:
        load_plugins(found=[entry], strict=True)
    assert "\n" not in str(caught.value)


def test_one_plugin_twice_is_refused_and_stays_once() -> None:
    entry = EntryPoint("onnx", "vectord.backends.onnx", GROUP)
    assert backends(load_plugins(found=[entry, entry])).keys() == {"onnx"}
    with pytest.raises(PluginError, match="onnx"):
        load_plugins(found=[entry, entry], strict=True)


@pytest.mark.parametrize("entry", [installed.backend("mine")], indirect=True)
def test_two_plugins_may_share_a_name(entry: EntryPoint) -> None:
    ours = EntryPoint("mine", "vectord.backends.onnx", GROUP)
    assert backends(load_plugins(found=[ours, entry], strict=True)).keys() == {"onnx", "mine"}


@pytest.mark.parametrize("entry", [WRONG_SIGNATURE], indirect=True)
def test_a_hook_with_the_wrong_parameters_is_refused(entry: EntryPoint) -> None:
    assert load_plugins(found=[entry]).get_plugins() == set()
    with pytest.raises(PluginError, match="plugin 'mine'"):
        load_plugins(found=[entry], strict=True)
