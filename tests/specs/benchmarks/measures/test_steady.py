"""A warm-up ends when the rate does not change any more, and at last when it has taken long enough."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.measures.measured import Round
from benchmarks.measures.steady import is_steady, until_steady


async def warmed_up(rates: Iterable[float], most: int = 8) -> list[float]:
    coming = iter(rates)

    async def piece() -> Round:
        return Round(rate=next(coming), milliseconds={})

    return await until_steady(piece, most)


async def test_a_warm_up_goes_on_while_the_rate_rises() -> None:
    assert await warmed_up([140, 300, 420, 500, 510, 495, 900]) == [140, 300, 420, 500, 510, 495]


async def test_a_machine_that_never_becomes_steady_is_measured_all_the_same() -> None:
    assert await warmed_up([100, 200] * 8, most=6) == [100, 200] * 3


@given(st.lists(st.floats(min_value=1, max_value=10_000), max_size=2))
def test_two_rates_say_nothing(rates: list[float]) -> None:
    assert not is_steady(rates)


@given(st.floats(min_value=1, max_value=10_000), st.floats(min_value=0.91, max_value=1.09))
def test_three_within_a_tenth_are_steady_whatever_came_before(rate: float, other: float) -> None:
    assert is_steady([rate / 7, rate, rate * other, rate])
    assert not is_steady([rate, rate, rate * 1.2])
