from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, cast

import httpx
import pytest
from starlette.types import ASGIApp

from vectord.api import Drain, Metrics, create_app
from vectord.config import Settings

from .fake import FakeEngine
from .server import Server, running


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def drain() -> Drain:
    return Drain()


@pytest.fixture
def app_with(engine: FakeEngine, metrics: Metrics, drain: Drain) -> Callable[..., ASGIApp]:
    """Makes the app with some settings changed."""

    def make(**changes: Any) -> ASGIApp:
        return create_app(cast(Any, engine), Settings(**changes), metrics, drain)

    return make


@pytest.fixture
async def client(app_with: Callable[..., ASGIApp]) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app_with()) as client:
        yield client


@pytest.fixture
def client_with(app_with: Callable[..., ASGIApp]) -> Callable[..., httpx.AsyncClient]:
    """Makes a client of an app with some settings changed."""
    return lambda **changes: client_of(app_with(**changes))


def client_of(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vectord.api.lingering.MOST_SECONDS", 0.3)
        with running(payload_limit=1_000_000) as server:
            yield server
