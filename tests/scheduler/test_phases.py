"""Where the time of a request goes."""

import asyncio

from vectord.scheduler import Phases, measured, note_together

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


def test_work_at_the_same_time_takes_as_long_as_the_longest() -> None:
    with measured() as phases:
        note_together([Phases(0.1, 0.2, 0.3, 4, 5), Phases(0.2, 0.1, 0.1, 6, 7)])
    assert phases == Phases(0.1, 0.2, 0.3, 10, 12)
    with measured() as none:
        note_together([])
    assert none == Phases()
