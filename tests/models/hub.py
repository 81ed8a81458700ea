"""A model hub on this machine: as much of the hub's HTTP as huggingface_hub asks for."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR
from threading import Thread
from time import sleep
from urllib.parse import unquote, urlsplit

from vectord.models.resumed import LARGE

REPOSITORY = "someone/tiny"
COMMITS = {"main": "a" * 40, "v1": "b" * 40}
PART = 1_000_000  # bytes in a write of what is given slowly
TOKEN = "hf_a_token_of_these_tests"


@dataclass
class Hub:
    """What the hub holds, by commit, and what it was asked: `GET path` and so on, in order.

    Private repositories are there only for those who bring the token; a file in `withheld` for nobody.
    Branches may have `moved`. The connection is `cut` after so many bytes of a file, once for each number;
    `pace` is how many bytes of one come in a second. What is in `altered` differs from its digest; sizes in
    `claimed` are lies.
    """

    files: Mapping[str, Path]
    private: bool = False
    withheld: set[str] = field(default_factory=set)
    moved: dict[str, str] = field(default_factory=dict)
    cut: dict[str, list[int]] = field(default_factory=dict)
    pace: dict[str, float] = field(default_factory=dict)
    altered: set[str] = field(default_factory=set)
    claimed: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Answer on a free port until the block ends."""

    class Handler(HubHandler):
        held = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class HubHandler(BaseHTTPRequestHandler):
    held: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.held.asked.append(f"{self.command} {path}")
        allowed = not self.held.private or self.headers.get("Authorization") == f"Bearer {TOKEN}"
        match path.removeprefix("/").split("/"):
            case _ if f"{REPOSITORY}/" not in path or not allowed:
                # to strangers the hub says the same of what is private and of what is not there
                self.refuse(HTTPStatus.NOT_FOUND if allowed else HTTPStatus.UNAUTHORIZED, "RepoNotFound")
            case ["api", "models", _, _, "revision", revision]:
                self.tell(revision)
            case ["api", "models", _, _, "tree", commit]:
                self.list(commit)
            case [_, _, "resolve", commit, *name]:
                self.give(commit, "/".join(name))
            case _:
                self.refuse(HTTPStatus.NOT_FOUND, "EntryNotFound")

    def tell(self, revision: str) -> None:
        commit = {**COMMITS, **self.held.moved}.get(revision, revision)
        if commit not in self.held.files:
            self.refuse(HTTPStatus.NOT_FOUND, "RevisionNotFound")
            return
        self.answer(json.dumps({"id": REPOSITORY, "sha": commit, "siblings": []}).encode())

    def list(self, commit: str) -> None:
        files = [self.entry(name, content) for name, content in contents(self.held.files[commit]).items()]
        self.answer(json.dumps(files).encode())

    def entry(self, name: str, content: bytes) -> dict[str, object]:
        """Return a file of the tree; large ones are told with the digest of their content."""
        size = self.held.claimed.get(name, len(content))
        told = {"type": "file", "path": name, "size": size, "oid": git_id(content)}
        return told | (
            {"lfs": {"oid": etag(content), "size": size, "pointerSize": 134}} if is_large(content) else {}
        )

    def give(self, commit: str, name: str) -> None:
        content = contents(self.held.files[commit]).get(name)
        if content is None:
            self.refuse(HTTPStatus.NOT_FOUND, "EntryNotFound")
        elif name in self.held.withheld:
            self.refuse(HTTPStatus.FORBIDDEN, "Forbidden")
        else:
            size = str(self.held.claimed.get(name, len(content)))
            headers = {"ETag": f'"{etag(content)}"', "X-Repo-Commit": commit, "X-Linked-Size": size}
            if name in self.held.altered:
                content = bytes(len(content))
            self.stream(name, content, headers)

    def stream(self, name: str, content: bytes, headers: Mapping[str, str]) -> None:
        """Give a file from where it is wanted, at its pace and as far as the connection holds."""
        wanted = self.headers.get("Range")
        start = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else 0
        if wanted:
            self.held.ranges.append(f"{name} {start}")
            headers = {**headers, "Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
        self.begin(HTTPStatus.PARTIAL_CONTENT if wanted else HTTPStatus.OK, len(content) - start, headers)
        if self.command == "HEAD":
            return
        cuts, pace = self.held.cut.get(name, []), self.held.pace.get(name)
        end = min(len(content), cuts.pop(0)) if cuts else len(content)
        step = PART if pace else len(content)
        with suppress(ConnectionError):  # the client was killed
            for at in range(start, end, step or 1):
                self.wfile.write(content[at : min(at + step, end)])
                sleep(step / pace if pace else 0)
        if end < len(content):
            self.close_connection = True
            self.connection.shutdown(SHUT_RDWR)

    def answer(self, content: bytes) -> None:
        self.begin(HTTPStatus.OK, len(content), {})
        if self.command == "GET":
            self.wfile.write(content)

    def begin(self, status: HTTPStatus, length: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def refuse(self, status: HTTPStatus, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def is_large(content: bytes) -> bool:
    return len(content) >= LARGE


def etag(content: bytes) -> str:
    """Return the digest by which the hub knows a file."""
    return hashlib.sha256(content).hexdigest() if is_large(content) else git_id(content)


def git_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
