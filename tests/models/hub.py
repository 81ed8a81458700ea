"""A model hub on this machine: as much of the hub's HTTP as huggingface_hub asks for."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

REPOSITORY = "someone/tiny"
COMMITS = {"main": "a" * 40, "v1": "b" * 40}
TOKEN = "hf_a_token_of_these_tests"


@dataclass
class Hub:
    """What the hub holds, by commit, and what it was asked: `GET path` and so on, in order.

    Private repositories are there only for those who bring the token; a file in `withheld` for nobody.
    """

    files: Mapping[str, Path]
    private: bool = False
    withheld: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
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
        commit = COMMITS.get(revision, revision)
        if commit not in self.held.files:
            self.refuse(HTTPStatus.NOT_FOUND, "RevisionNotFound")
            return
        self.answer(json.dumps({"id": REPOSITORY, "sha": commit, "siblings": []}).encode())

    def list(self, commit: str) -> None:
        files = [
            {"type": "file", "path": name, "size": len(content), "oid": digest(content)}
            for name, content in contents(self.held.files[commit]).items()
        ]
        self.answer(json.dumps(files).encode())

    def give(self, commit: str, name: str) -> None:
        content = contents(self.held.files[commit]).get(name)
        if content is None:
            self.refuse(HTTPStatus.NOT_FOUND, "EntryNotFound")
        elif name in self.held.withheld:
            self.refuse(HTTPStatus.FORBIDDEN, "Forbidden")
        else:
            self.answer(content, {"ETag": f'"{digest(content)}"', "X-Repo-Commit": commit})

    def answer(self, content: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(HTTPStatus.OK)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def refuse(self, status: HTTPStatus, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def digest(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()
