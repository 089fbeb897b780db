"""Messages flow while processes die at named points of a report's way; then all of it is there once and in order.

A short form of `make faults`, on the stack that the run shares. Deaths of each process at any moment are in
`test_interruptions`.
"""

from pathlib import Path

import pytest

from faults.kinds.table import TABLE, How
from faults.plan import Pace
from faults.run import Sizes, run
from faults.target import Target
from tests.system.park import Park

POINTS = [kind for kind in TABLE if kind.how in (How.POINT, How.ANSWER)]
SIZES = Sizes(
    seed=16_016,
    messages=1_200,
    devices=60,
    faults=len(POINTS),
    minutes=3,
    pace=Pace(pause_seconds=(0.2, 0.4)),
)


@pytest.mark.timeout(400)
async def test_what_dies_at_a_named_point_loses_nothing_and_doubles_nothing(
    park: Park, tmp_path: Path
) -> None:
    target = Target(stack=park.stack.stack)
    outcome = await run(target, POINTS, SIZES, tmp_path, tell=print, alone=False)
    assert outcome.findings == []
    assert outcome.ledger.planted
    assert {kind.name for felt in outcome.felt for kind in felt.step.kinds} == {
        kind.name for kind in POINTS
    }
    assert [name for felt in outcome.felt for name in felt.missed] == []
