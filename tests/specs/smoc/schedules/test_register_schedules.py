"""2,500 orders in which two followers write: no older revision wins, and what a revision says is complete."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from smoc_service.register.device import Provision, Provisioned
from smoc_service.register.register import Register
from tests.specs.hub.schedules.choices import Choices
from tests.specs.hub.schedules.exploring import first_failure, what_fails
from tests.specs.smoc.schedules.followers import run_register_schedule

SCHEDULES = 2_500


@pytest.mark.slow
def test_no_schedule_breaks_a_promise() -> None:
    failure = first_failure(run_register_schedule, range(SCHEDULES))
    assert failure is None, str(failure)


def test_without_choices_all_goes_well() -> None:
    run_register_schedule(Choices(), faults=0)


def test_a_schedule_is_repeated_by_its_seed_and_by_its_choices() -> None:
    first, by_seed = Choices(3), Choices(3)
    run_register_schedule(first)
    run_register_schedule(by_seed)
    by_choices = Choices(follow=first.taken)
    run_register_schedule(by_choices)
    assert first.taken == by_seed.taken == by_choices.taken


class DevicesFirst(Register):
    """Shows a revision before the timeline knows what happened."""

    async def _stored_as_one(self, provisions: Sequence[Provision]) -> dict[str, Provisioned]:
        async with self._client.start_session(causal_consistency=True) as session:
            outcomes = await self._store(provisions, session)
            await self._add_entries(provisions, session)
        return outcomes


DEFECTS: Mapping[str, tuple[dict[str, Any], str]] = {
    "revisions are not compared": ({"compares": False}, "took the place of"),
    "devices are written before their entries": (
        {"open_": lambda client: DevicesFirst(client, "smoc")},
        "the timeline lacks",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_found_and_made_short(defect: str) -> None:
    how, said = DEFECTS[defect]
    failure = first_failure(run_register_schedule, range(500), **how)
    assert failure is not None
    assert said in failure.what
    assert what_fails(run_register_schedule, Choices(at=failure.at), how) == failure.what
