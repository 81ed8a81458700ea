"""Where the time of a request goes."""

import asyncio

from vectord.scheduler import measured

from .fakes import FakeSession, engine, serve


async def test_phases_add_up_and_are_each_requests_own() -> None:
    async with engine(serve(FakeSession())) as door:

        async def ask(text: str) -> tuple[int, int]:
            with measured() as phases:
                answer = await asyncio.create_task(door.embed([text, "b"]))
            assert phases.run > 0
            assert min(phases.tokenise, phases.queue) >= 0
            assert phases.tokens == answer.tokens
            return phases.tokens, phases.characters

        assert tuple(await asyncio.gather(ask("abc"), ask("abcdef"))) == ((4, 4), (7, 7))
