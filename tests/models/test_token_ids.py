"""--token-ids: what the setting may say, and vocabularies of tiktoken."""

from collections.abc import Iterator
from typing import Any

import pytest
import tiktoken
from tiktoken import registry

from vectord.errors import InvalidRequest, SettingError
from vectord.models.token_ids import TiktokenVocabulary, token_ids


def tiny() -> dict[str, Any]:
    """Every byte is a token, and two more."""
    ranks = {bytes([one]): one for one in range(256)} | {b"he": 256, b"hello": 257}
    return {"name": "tiny", "pat_str": r"\S+|\s+", "mergeable_ranks": ranks, "special_tokens": {"<end>": 300}}


def broken() -> dict[str, Any]:
    raise OSError("no route\nto host")


@pytest.fixture(autouse=True)
def encodings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registry, "ENCODING_CONSTRUCTORS", {"tiny": tiny, "broken": broken})
    monkeypatch.setattr(registry, "ENCODINGS", {})
    yield


def vocabulary() -> TiktokenVocabulary:
    found = token_ids("tiktoken:tiny")
    assert isinstance(found, TiktokenVocabulary)
    return found


@pytest.mark.parametrize("text", ["hello world", "naïve 机器 🙂\n", " ", "<end>"])
def test_ids_become_the_text_that_they_were_made_of(text: str) -> None:
    ids = tiktoken.get_encoding("tiny").encode(text, allowed_special="all")
    assert vocabulary().text(ids) == text


def test_half_a_character_becomes_the_replacement_character() -> None:
    first, *_ = "é".encode()
    assert vocabulary().text([257, first]) == "hello�"


@pytest.mark.parametrize("wrong", [258, 299, 301, 2**31 - 1])
def test_an_id_that_the_encoding_lacks_is_refused(wrong: int) -> None:
    with pytest.raises(InvalidRequest, match="not in tiny") as raised:
        vocabulary().text([257, wrong])
    assert raised.value.param == "input"


def test_words_of_the_setting() -> None:
    assert (token_ids("model"), token_ids("reject")) == ("model", "reject")


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("tiktoken", "must be model, reject or tiktoken:ENCODING, not 'tiktoken'"),
        ("tiktoken:", "must be model, reject or tiktoken:ENCODING"),
        ("", "must be model"),
        ("tiktoken:cl200k", "no encoding 'cl200k'; it has tiny, broken"),
        ("tiktoken:broken", "cannot load it (no route to host); let it reach the network"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told_in_one_line(setting: str, says: str) -> None:
    with pytest.raises(SettingError) as raised:
        token_ids(setting)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_without_the_package_the_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "tiktoken", None)
    with pytest.raises(SettingError, match=r"pip install 'vectord\[tiktoken\]'"):
        token_ids("tiktoken:tiny")
