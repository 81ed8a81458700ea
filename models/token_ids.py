"""Whose token ids clients send: the setting `--token-ids`, and vocabularies of tiktoken."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from vectord.core import Vocabulary
from vectord.errors import InvalidRequest, SettingError

from .config import brief

if TYPE_CHECKING:
    import tiktoken

PREFIX = "tiktoken:"
TokenIds = Literal["model", "reject"] | Vocabulary


class TiktokenVocabulary:
    """A vocabulary of OpenAI's, whose ids LangChain's client sends in place of text."""

    def __init__(self, encoding: "tiktoken.Encoding") -> None:
        self._encoding = encoding

    def text(self, ids: Sequence[int]) -> str:
        """Return what the ids stand for; half a character at an edge becomes U+FFFD."""
        try:
            return self._encoding.decode_bytes(ids).decode(errors="replace")
        except (KeyError, OverflowError):
            raise InvalidRequest(
                f"a token id is not in {self._encoding.name}, the vocabulary of this server's clients",
                param="input",
            ) from None


def token_ids(setting: str) -> TokenIds:
    """Return what the setting says. Raises `SettingError` with one line that says what to do."""
    match setting:
        case "model" | "reject" as word:
            return word
    name = setting.removeprefix(PREFIX)
    if name == setting or not name:
        raise SettingError(f"--token-ids must be model, reject or {PREFIX}ENCODING, not {setting!r}")
    return TiktokenVocabulary(encoding(name))


def encoding(name: str) -> "tiktoken.Encoding":
    """Return an encoding of tiktoken, from its cache or the network. Raises `SettingError`."""
    try:
        import tiktoken
    except ImportError:
        raise SettingError(
            f"--token-ids {PREFIX}{name} needs the package tiktoken: pip install 'vectord[tiktoken]'"
        ) from None
    known = tiktoken.list_encoding_names()
    if name not in known:
        raise SettingError(f"--token-ids: tiktoken has no encoding {name!r}; it has {', '.join(known)}")
    try:
        return tiktoken.get_encoding(name)
    except Exception as error:  # it fetches files, in any of which anything may be wrong
        raise SettingError(
            f"--token-ids {PREFIX}{name}: tiktoken cannot load it ({brief(error)}); let it reach the network "
            "once, or set TIKTOKEN_CACHE_DIR to a directory that has it"
        ) from None
