"""A server to drive: where it listens, which dialect it speaks, and the bytes of a request to it."""

import json
from dataclasses import dataclass, field
from typing import Literal, Self
from urllib.parse import SplitResult, urlsplit

from ..errors import SettingError
from .workload import Call

Dialect = Literal["openai", "tei"]
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """An address. `path` is the route that embeds, `root` what stands before the others."""

    name: str
    scheme: str
    host: str
    port: int
    path: str = "/v1/embeddings"
    dialect: Dialect = "openai"
    model: str | None = None
    key: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, text: str, key: str | None = None) -> Self:
        """Read `[NAME=]URL`; a path that ends in /embed speaks TEI. Raises `SettingError`."""
        name, _, url = text.rpartition("=") if "://" not in text.partition("=")[0] else ("", "", text)
        parts = address(url, text)
        path = parts.path.rstrip("/")
        if path.endswith("/embed"):
            dialect: Dialect = "tei"
        else:
            dialect = "openai"
            path = path if path.endswith("/embeddings") else f"{path.removesuffix('/v1')}/v1/embeddings"
        assert parts.hostname
        port = parts.port or PORTS[parts.scheme]
        return cls(name or parts.netloc, parts.scheme, parts.hostname, port, path, dialect, None, key)

    @property
    def rerank_path(self) -> str:
        """The route that ranks: /rerank beside or above the one that embeds."""
        root = self.path.removesuffix("/embed").removesuffix("/embeddings").removesuffix("/v1")
        return f"{root}/rerank"

    def url(self, path: str) -> str:
        """Return the whole address of a path."""
        return f"{self.scheme}://{self.host}:{self.port}{path}"

    def headers(self) -> dict[str, str]:
        """Return the headers that every request has."""
        told = {"content-type": "application/json", "user-agent": "vectord-bench"}
        return told | ({"authorization": f"Bearer {self.key}"} if self.key else {})

    def body(self, call: Call) -> dict[str, object]:
        """Return a request's body in the target's dialect."""
        texts = list(call.texts) if len(call.texts) > 1 or call.query else call.texts[0]
        if self.dialect == "tei":
            return {"inputs": texts} if call.query is None else {"query": call.query, "texts": texts}
        named: dict[str, object] = {} if self.model is None else {"model": self.model}
        if call.query is not None:
            return named | {"query": call.query, "documents": texts}
        return named | {"input": texts, "encoding_format": "base64"}

    def sent(self, call: Call) -> bytes:
        """Return the bytes of a whole request."""
        path = self.path if call.query is None else self.rerank_path
        body = json.dumps(self.body(call), ensure_ascii=False).encode()
        lines = [f"POST {path} HTTP/1.1", f"host: {self.host}:{self.port}"]
        lines += [f"{name}: {value}" for name, value in self.headers().items()]
        return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body


def address(url: str, text: str) -> SplitResult:
    """Take a URL apart. Raises `SettingError`."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in PORTS and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise SettingError(f"--url {text}: write [NAME=]http://HOST:PORT[/v1/embeddings or /embed]")
    return parts
