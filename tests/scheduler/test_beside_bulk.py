"""One line beside bulk, played on a clock of its own: how many batches it waits for."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from vectord.scheduler.cost import Cost

from .crowd import NETWORK_SECONDS, Crowd
from .fakes import encoding
from .test_lane import EMBEDDING

COST = Cost(0.002, 1e-4, 0.0)
BATCH = COST.seconds(1, 512)
BULK = 4


@dataclass(slots=True)
class Mixed(Crowd):
    """The first clients send bulk, the others one line each, again after a moment."""

    waits: list[float] = field(default_factory=list)

    def ask(self, number: int) -> None:
        began, bulk = self.now, number < BULK
        asked = [encoding(self.chance.randint(*self.lengths)) for _ in range(self.inputs if bulk else 1)]
        job = self.lane.submit(asked, EMBEDDING)

        def done(_: object) -> None:
            if not bulk:
                self.waits.append(self.now - began)
            self.after(NETWORK_SECONDS + self.chance.uniform(0, 2 * BATCH), lambda: self.ask(number))

        job.future.add_done_callback(done)
        if not self.runs:
            self.run()


@pytest.mark.parametrize("lines", [2, 8])
def test_one_line_waits_for_two_batches_at_most_and_bulk_goes_on(
    lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = Mixed(BULK, 2048, 512, cost=COST, lengths=(9, 14))
    mixed = Mixed(BULK + lines, 2048, 512, cost=COST, lengths=(9, 14))
    for one in (alone, mixed):
        one.play(20, monkeypatch)
    assert len(mixed.waits) > 100
    assert np.quantile(mixed.waits, 0.99) <= 2.2 * BATCH
    assert mixed.ran >= 0.9 * alone.ran
