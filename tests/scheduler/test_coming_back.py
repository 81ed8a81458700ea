"""Who is refused is told when there will be room, and finds it then."""

import time

import pytest

from vectord.errors import Overloaded
from vectord.scheduler import Limits, Terms
from vectord.scheduler.admission import Admission
from vectord.scheduler.lane import Lane
from vectord.scheduler.room import HELD, Room

from .crowd import Crowd, Waited
from .fakes import encoding
from .test_lane import EMBEDDING


def honest(waited: list[Waited]) -> float:
    """Return the share of refusals whose time was within a factor of two of the true one."""
    assert len(waited) > 50
    return sum(one.told / 2 <= one.true <= one.told * 2 for one in waited) / len(waited)


@pytest.mark.parametrize(
    ("places", "waiting_tokens"), [(256, 10**9), (512, 20_000)], ids=["places", "tokens"]
)
def test_the_time_told_is_true_within_a_factor_of_two_and_costs_no_speed(
    places: int, waiting_tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, crowd = Crowd(64, 32, 512), Crowd(320, 32, places, waiting_tokens, probing=20)
    for one in (few, crowd):
        one.play(10, monkeypatch)
    assert few.waited == []
    assert honest([one for one in crowd.waited if one.probing]) >= 0.9
    assert honest(crowd.waited) >= 0.9
    assert crowd.ran >= 0.95 * few.ran
    assert max(crowd.answers) <= 3 * min(crowd.answers)  # nobody is left outside


def test_those_who_were_refused_come_before_those_who_were_not() -> None:
    rooms = Room(4)
    for sender in ("a", "b"):
        assert rooms.missing(4, 1, sender) > 0
        rooms.promise(sender, 1, 1.0)
    assert rooms.missing(3, 1, "new") == 2  # the place that is free is a's, the next one b's
    assert rooms.missing(3, 1, "b") == 1
    assert rooms.missing(3, 1, "a") == 0
    rooms.keep("a")
    assert rooms.missing(3, 1, "b") == 0
    rooms.keep("b")
    assert rooms.missing(3, 1, "new") == 0


def test_no_more_than_a_share_is_kept_for_the_absent_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rooms = Room(100)
    now = time.perf_counter()
    for sender in range(1000):
        rooms.promise(sender, 1, 1.0)
    assert rooms.missing(int(100 * HELD) - 1, 1, "new") == 0
    assert rooms.missing(int(100 * HELD), 1, "new") > 0
    monkeypatch.setattr(time, "perf_counter", lambda: now + 60)
    assert rooms.missing(99, 1, "new") == 0


def test_a_full_queue_is_seen_before_a_request_is_read() -> None:
    lane = Lane(Limits(64, 1000))
    lane.submit([encoding(900)], EMBEDDING, Terms(sender="first", size=4000))
    again = Terms(sender="second", size=2000)
    assert lane.foreseen(again) is None
    with pytest.raises(Overloaded):
        lane.submit([encoding(500)], EMBEDDING, again)
    for terms in (again, Terms(sender="third", size=2000), Terms(sender="third", size=9000)):
        refusal = lane.foreseen(terms)
        assert refusal is not None
        assert refusal.retry_after > 0
    assert lane.foreseen(Terms(sender="fourth", size=100)) is None
    assert lane.foreseen(Terms(sender="library")) is None
    lane.take()
    assert lane.foreseen(again) is None


def test_places_that_no_model_works_for_are_no_mystery() -> None:
    admission = Admission(1, list)
    with admission.admit(Terms(sender=1)), pytest.raises(Overloaded) as refusal:
        admission.check_room(Terms(sender=2))
    assert refusal.value.retry_after == 1
