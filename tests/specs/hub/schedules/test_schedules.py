"""Thousands of orders of the same steps: nothing is lost, doubled, out of order, or decided on another history.

A failure names its seed and the fewest choices that were found to make it fail; ``run_schedule(Choices(at=...))``
repeats it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_hub.journal.journal import Journal
from device_hub.turns.history import AlreadyCommitted, Commit, Memory, Stored
from tests.specs.hub.schedules.choices import Choices, shrunk
from tests.specs.hub.schedules.database import UNIQUE, MemoryCommits
from tests.specs.hub.schedules.exploring import first_failure, what_fails
from tests.specs.hub.schedules.hubs import NOON, run_schedule

# 2,500 more are of the register (tests/specs/smoc/schedules).
SCHEDULES = 7_500
PARTS = 4


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_no_schedule_breaks_a_promise(part: int) -> None:
    failure = first_failure(run_schedule, range(part, SCHEDULES, PARTS))
    assert failure is None, str(failure)


def test_without_choices_all_goes_well() -> None:
    run_schedule(Choices(), faults=0)


def test_a_schedule_is_repeated_by_its_seed_and_by_its_choices() -> None:
    first, by_seed = Choices(3), Choices(3)
    run_schedule(first)
    run_schedule(by_seed)
    by_choices = Choices(follow=first.taken)
    run_schedule(by_choices)
    assert first.taken == by_seed.taken == by_choices.taken
    assert any(first.taken)


# Defects that somebody might make, each in a journal or a database of its own.


class TakesAnyKeyForItsOwn(Journal):
    """Says that a report was committed whenever its place is taken."""

    async def _meaning(self, stop: Exception, commit: Commit) -> Exception:
        del stop
        return AlreadyCommitted(commit.revision)


class TrustsItself(Journal):
    """Takes what it could not store for stored."""

    async def commit(self, chain: Sequence[Commit]) -> Stored:
        stored = await super().commit(chain)
        return stored if stored.stop is None else Stored(len(chain))


class ForgetsSeals(Journal):
    """Recalls a device without the seal of its last commit."""

    async def newest(self, device_id: str, after_revision: int) -> Memory | None:
        memory = await super().newest(device_id, after_revision)
        return memory and Memory(device=memory.device, revision=memory.revision)


class NeverRecalls(Journal):
    """Says that nothing newer is there, although its place was taken."""

    async def newest(self, device_id: str, after_revision: int) -> Memory | None:
        return await super().newest(device_id, after_revision) if after_revision == 0 else None


def opened(kind: type[Journal]) -> Any:
    def open_(commits: MemoryCommits) -> Journal:
        collection: Any = commits
        return kind(collection, now=lambda: NOON)

    return open_


DEFECTS: Mapping[str, tuple[dict[str, Any], str]] = {
    "revisions are not compared": ({"unique": UNIQUE[1:]}, "revision"),
    "reports are not compared": ({"unique": UNIQUE[:1]}, "doubled|is said to be"),
    "an insert goes on behind the first that is not taken": (
        {"ends_at_the_first": False},
        "should be here|commit before it",
    ),
    "an insert does not wait for a majority": ({"waits_for_a_majority": False}, "is said to be"),
    "any key is taken for its own": ({"open_": opened(TakesAnyKeyForItsOwn)}, "is said to be"),
    "the journal trusts itself": ({"open_": opened(TrustsItself)}, "is said to be"),
    "a recall forgets the seal": ({"open_": opened(ForgetsSeals)}, "commit before it is another"),
    "a recall finds nothing newer": ({"open_": opened(NeverRecalls)}, "never taken"),
}


@pytest.mark.slow
@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_found_and_made_short(defect: str) -> None:
    how, said = DEFECTS[defect]
    failure = first_failure(run_schedule, range(500), **how)
    assert failure is not None
    assert any(word in failure.what for word in said.split("|"))
    whole = Choices(failure.seed)
    assert what_fails(run_schedule, whole, how)
    assert what_fails(run_schedule, Choices(at=failure.at), how) == failure.what
    assert len(failure.at) < sum(map(bool, whole.taken)) / 4


@given(st.lists(st.integers(0, 9), max_size=12), st.integers(0, 9), st.integers(0, 9))
def test_a_list_that_fails_is_made_as_short_as_what_makes_it_fail(
    choices: list[int], first: int, second: int
) -> None:
    def fails(some: Sequence[int]) -> bool:
        return first + 1 in some and second + 11 in some

    assert sorted(shrunk([*choices, first + 1, *choices, second + 11], fails)) == sorted(
        [first + 1, second + 11]
    )
