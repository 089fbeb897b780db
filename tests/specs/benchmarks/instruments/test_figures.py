"""The arithmetic of a run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.instruments.figures import Delays, Spread, percentile, rate


def test_a_spread_is_the_median_between_the_least_and_the_most() -> None:
    assert Spread.of([812.0, 640.5, 798.0]) == Spread(median=798.0, least=640.5, most=812.0)


def test_one_round_is_its_own_spread() -> None:
    assert Spread.of([812.0]) == Spread(median=812.0, least=812.0, most=812.0)


def test_no_round_is_no_spread() -> None:
    with pytest.raises(ValueError, match="no round"):
        Spread.of([])


def test_p99_of_a_hundred_delays_is_the_one_before_the_longest() -> None:
    delays = [number / 1000 for number in range(1, 101)]
    assert percentile(delays, 99) == 0.099
    assert percentile(delays, 50) == 0.050
    assert percentile(delays, 100) == 0.100


def test_delays_do_not_need_to_be_in_order() -> None:
    assert Delays.of([0.3, 0.1, 0.2]) == Delays(
        p50=0.2, p90=0.3, p99=0.3, p999=0.3, most=0.3, samples=3
    )


@given(st.lists(st.floats(0, 10), min_size=1), st.floats(0, 100))
def test_a_percentile_is_a_delay_that_was_measured_and_enough_are_not_above_it(
    delays: list[float], percent: float
) -> None:
    found = percentile(delays, percent)
    assert found in delays
    assert sum(one <= found for one in delays) >= len(delays) * percent / 100 - 1e-6


@pytest.mark.parametrize("percent", [-1, 100.5])
def test_what_is_no_percentage_is_refused(percent: float) -> None:
    with pytest.raises(ValueError, match="percentage"):
        percentile([0.1], percent)


def test_a_rate_needs_time() -> None:
    assert rate(8000, 10.0) == 800.0
    with pytest.raises(ValueError, match="no time"):
        rate(8000, 0.0)
