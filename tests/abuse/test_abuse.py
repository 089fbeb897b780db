"""The attacks in a short form, against the stack that the run shares."""

import pytest

from tests.abuse.all_attacks import ATTACKS
from tests.abuse.attack import Attack
from tests.abuse.run import run_attacks
from tests.abuse.target import SHORT
from tests.neighbours.stack import RunningStack


@pytest.mark.timeout(400)
@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
async def test_nothing_that_an_attacker_does_is_answered_wrongly_or_stops_the_park(
    stack: RunningStack, attack: Attack
) -> None:
    stack.wait_until_ready()
    findings = await run_attacks(stack, [attack], SHORT, tell=lambda _: None)
    assert findings.cases > 1
    assert findings.fine, f"{findings.line()}\n{findings.explanation()}"
