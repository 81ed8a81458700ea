"""Everybody that `make bench` measures: found, started, or skipped by name."""

import json
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from vectord.bench.contender import Contender, Driven, Work
from vectord.bench.process import Process
from vectord.bench.target import Target
from vectord.core import Dtype, ModelCard, Options, Refusal
from vectord.errors import StartError
from vectord.hardware import detect
from vectord.models.card import read_card
from vectord.models.resolve import Reference, resolve
from vectord.plugins import backends, load_plugins

from .contender import ENVIRONMENT
from .export import export
from .worker import TextWorker

INFINITY, FASTEMBED = Path(".venv-infinity-torch/bin/infinity_emb"), Path(".venv-fastembed/bin/python")
PEER = ("-P", str(Path(__file__).with_name("peer.py")))  # not among bench's modules: `cuda` is torch's too
QUIET = {**ENVIRONMENT, "DO_NOT_TRACK": "1", "INFINITY_ANONYMOUS_USAGE_STATS": "0", "PYTHONPATH": ""}
ENCODE, DEFAULTS, EDGE = "sentence-transformers encode", "vectord", "vectord without its model"
SERVER, START_SECONDS = "sentence-transformers server", 180


class EdgeOnly(Driven):
    """vectord with a model that sleeps: its vectors are nobody's."""

    def round(self, work: Work) -> dict[str, Any]:
        """Drive it and forget the vectors."""
        return {**super().round(work), "vectors": {}}


@dataclass
class Field:
    """Who is measured. `only`: beginnings of names; all if none is given.

    `brief`: of vectord's backends and precisions only its defaults, and float32 on the same backend.
    """

    model: str
    only: Sequence[str]
    stack: ExitStack
    folder: Path
    brief: bool = False
    contenders: list[Contender] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    chosen: tuple[str, str] = ("", "")  # backend and precision of vectord's defaults

    @property
    def card(self) -> ModelCard:
        """What is known of the model."""
        return read_card("bench", resolve(Reference.parse(self.model)))

    def start(self) -> None:
        """Start all that this machine can run. sentence-transformers comes first: it is the reference."""
        path = str(self.card.path)
        self._add(ENCODE, lambda: TextWorker(ENCODE, "sentence", path))
        self._add(DEFAULTS, lambda: self._vectord(DEFAULTS, []))
        self.chosen = self._chosen()
        for backend, dtype in self._offers():
            name = f"vectord {backend} {dtype}"
            self._add(name, lambda name=name, flags=("--backend", backend, "--dtype", dtype):  # type: ignore[misc]
                      self._vectord(name, flags))  # fmt: skip
        for backend, dtype in self._offers():
            name = f"limit {backend} {dtype}"
            self._add(name, lambda name=name, of=(backend, dtype): TextWorker(name, "limit", self.model, *of))  # type: ignore[misc]
        self._add(EDGE, self._edge)
        self._add(SERVER, lambda: self._peer(SERVER, [sys.executable, *PEER, "sentence-transformers", path]))
        self._add("fastembed server", self._fastembed)
        self._add("infinity", self._infinity)

    def limit_of(self, backend: str, dtype: str) -> str:
        """Return the name of a limit."""
        return f"limit {backend} {dtype}"

    def _add(self, name: str, make: Callable[[], Contender]) -> None:
        """Start one, unless it is not wanted; note why it cannot be."""
        if self.only and not any(name.startswith(one) for one in self.only):
            return
        print(f"starting {name}", file=sys.stderr, flush=True)
        try:
            contender = make()
        except StartError as error:
            self.skipped[name] = str(error)
            return
        assert contender.process is not None
        self.stack.callback(contender.process.close)
        contender.process.pause()
        self.contenders.append(contender)

    def _vectord(self, name: str, flags: Sequence[str]) -> Driven:
        process, port = Process.serving(self.model, [*flags, "--log-level", "warning"])
        return Driven(name, Target(name, "http", "127.0.0.1", port), process)

    def _chosen(self) -> tuple[str, str]:
        """Ask vectord at its defaults what it runs."""
        for one in self.contenders:
            if isinstance(one, Driven) and one.name == DEFAULTS and one.process:
                one.process.go_on()
                with urllib.request.urlopen(one.target.url("/v1/models"), timeout=30) as found:
                    about = json.load(found)["data"][0]["vectord"]
                one.process.pause()
                return about["backend"], about["dtype"]
        return "", ""

    def _offers(self) -> Iterator[tuple[str, str]]:
        """Yield every backend in every precision that it bids for; note the others."""
        hardware = detect()
        for name, backend in backends(load_plugins()).items():
            for dtype in get_args(Dtype):
                answer = backend.bid(self.card, hardware, Options(dtype, hardware.cores))
                if isinstance(answer, Refusal):
                    self.skipped[f"vectord {name} {dtype}"] = answer.reason
                elif not self.brief or (name, dtype) in (self.chosen, (self.chosen[0], "float32")):
                    yield name, dtype

    def _edge(self) -> Driven:
        """Start vectord with a model that sleeps as long as the limit of the same backend takes."""
        backend, dtype = self.chosen
        limits = [one for one in self.contenders if one.name == self.limit_of(backend, dtype)]
        if not limits or not isinstance(limits[0], TextWorker):
            raise StartError("it needs the limit of vectord's default")
        seconds = str(limits[0].ready["token_seconds"])
        command = [sys.executable, "-m", "bench.edge_model", seconds, "serve", self.model]
        port = free_port()
        flags = ["--backend", backend, "--dtype", dtype, "--port", str(port), "--log-level", "warning"]
        process = Process(EDGE, [*command, *flags], ENVIRONMENT)
        return EdgeOnly(EDGE, answering(process, port), process)

    def _peer(self, name: str, command: list[str]) -> Driven:
        port = free_port()
        process = Process(name, [*command, str(port)], QUIET)
        return Driven(name, answering(process, port), process)

    def _fastembed(self) -> Driven:
        if not FASTEMBED.exists():
            raise StartError(f"{FASTEMBED} is not there (make bench installs it)")
        folder = self.folder / "fastembed"
        folder.mkdir(exist_ok=True)
        if (reason := export(self.card, folder)) is not None:
            raise StartError(reason)
        return self._peer("fastembed server", [str(FASTEMBED), *PEER, "fastembed", str(folder)])

    def _infinity(self) -> Driven:
        """Start infinity as its users do: torch on the CPU, all else at its defaults."""
        if not INFINITY.exists():
            raise StartError(f"{INFINITY} is not there (make bench installs it)")
        told = ["--engine", "torch", "--device", "cpu", "--url-prefix", "/v1", "--log-level", "warning"]
        command = [
            str(INFINITY),
            "v2",
            "--model-id",
            str(self.card.path),
            *told,
            "--served-model-name",
            "model",
        ]
        return self._peer("infinity", [*command, "--port"])


def free_port() -> int:
    """Return a port that nobody has at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def answering(process: Process, port: int) -> Target:
    """Return the address of a server once it answers a request. Raises `StartError`."""
    target = Target(process.name, "http", "127.0.0.1", port)
    body = json.dumps({"input": "hello"}).encode()
    request = urllib.request.Request(target.url(target.path), body, target.headers())
    end = time.monotonic() + START_SECONDS
    while process.alive and time.monotonic() < end:
        try:
            urllib.request.urlopen(request, timeout=30).read()
            return target
        except urllib.error.HTTPError as error:
            process.close()
            raise StartError(f"it answered {error.code} to a request for an embedding") from None
        except OSError:
            time.sleep(0.1)  # nothing to wait on before the port is open
    process.close()
    raise StartError(process.last_word())
