"""Which fault happens when follows from the seed."""

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from faults.kinds.table import ALL, PROCESSES, TABLE, How
from faults.plan import Pace, Step, planned

SEEDS = st.integers(0, 10**9)


def steps(seed: int, count: int) -> list[Step]:
    return list(islice(planned(seed, TABLE, Pace()), count))


def test_every_process_is_killed_and_frozen_and_no_two_kinds_have_one_name() -> None:
    for how in (How.KILL, How.FREEZE):
        assert {kind.who for kind in TABLE if kind.how is how} == set(PROCESSES)
    assert len({kind.name for kind in TABLE}) == len(TABLE)


@given(SEEDS)
def test_the_same_seed_gives_the_same_faults(seed: int) -> None:
    assert steps(seed, 30) == steps(seed, 30)


@given(SEEDS)
def test_every_kind_comes_once_before_any_comes_again(seed: int) -> None:
    first = [step.kinds[0].name for step in steps(seed, len(TABLE))]
    assert sorted(first) == sorted(kind.name for kind in TABLE)


@given(SEEDS)
def test_each_fourth_is_a_pair_of_two_that_fit_together(seed: int) -> None:
    for step in steps(seed, 80):
        paired = step.number % 4 == 0 and step.kinds[0].who != ALL
        assert len(step.kinds) == (2 if paired else 1)
        assert len({kind.who for kind in step.kinds}) == len(step.kinds)
        assert sum(kind.how in (How.POINT, How.ANSWER) for kind in step.kinds) <= 1


@given(SEEDS)
def test_pauses_and_durations_keep_to_their_bounds(seed: int) -> None:
    pace = Pace(pause_seconds=(1.0, 2.0), lasting_seconds=(3.0, 4.0))
    for step in islice(planned(seed, TABLE, pace), 20):
        assert 1.0 <= step.pause_seconds <= 2.0
        assert 3.0 <= step.seconds <= 4.0
