"""A client for probes: JSON over HTTP within one deadline, whose every failure is one line."""

import json
import time
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from .. import __version__
from ..errors import SettingError

MOST_BYTES = 64_000_000
PART = 65_536


class CheckFailed(Exception):
    """What is wrong with the server, in one line."""


@dataclass(frozen=True, slots=True)
class Client:
    """A server's address, the key that it asks for, and when all must be over (`time.monotonic`)."""

    url: str
    deadline: float
    key: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str, seconds: float, key: str | None) -> "Client":
        """Return a client that has so many seconds. Raises `SettingError` for what is no address."""
        try:
            parts = urlsplit(url)
            sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            sound = False
        if not sound:
            raise SettingError(f"--url {url}: write http://HOST:PORT")
        return cls(url.rstrip("/").removesuffix("/v1"), time.monotonic() + seconds, key)

    def get(self, path: str) -> Any:
        """Return the JSON of a route. Raises `CheckFailed`."""
        return self._ask(Request(self.url + path))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Return the JSON that a body is answered with. Raises `CheckFailed`."""
        request = Request(self.url + path, json.dumps(body).encode())
        request.add_header("content-type", "application/json")
        return self._ask(request)

    def _ask(self, request: Request) -> Any:
        request.add_header("user-agent", f"vectord-check/{__version__}")
        if self.key:
            request.add_unredirected_header("authorization", f"Bearer {self.key}")
        try:
            return json.loads(self._read(request))
        except HTTPError as error:
            with error:
                raise CheckFailed(f"{error.code} {said(error)}".rstrip()) from None
        except TimeoutError:
            raise CheckFailed("no answer in time") from None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, TimeoutError):
                raise CheckFailed("no answer in time") from None
            raise CheckFailed(f"cannot be reached: {line(reason)}") from None
        except ValueError:
            raise CheckFailed("the answer is not JSON") from None

    def _read(self, request: Request) -> bytes:
        """Return the whole answer; one that trickles in has no more time than others."""
        # whoever probes a server means that server, not a proxy of the environment
        with build_opener(ProxyHandler({})).open(request, timeout=self._left()) as answer:
            found = b""
            while part := answer.read1(PART):
                found += part
                self._left()
                if len(found) > MOST_BYTES:
                    raise CheckFailed("the answer does not end")
        return found

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def said(error: HTTPError) -> str:
    """Return the message of an error's body, as OpenAI, Cohere or TEI put it, else the status' own."""
    try:
        body = json.loads(error.read(PART))
        told = body.get("error", body.get("message", body.get("status")))
        return line(told["message"] if isinstance(told, dict) else told or error.reason)
    except (ValueError, KeyError, AttributeError, OSError, HTTPException):
        return line(error.reason)


def line(text: object) -> str:
    """Return a text in one line."""
    return " ".join(str(text).split())
