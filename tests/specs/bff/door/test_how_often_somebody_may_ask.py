"""So many requests at once, so many in the long run, in a table that does not grow."""

import math

from hypothesis import given
from hypothesis import strategies as st

from bff.door.rate_limit import RateLimit


def test_a_burst_is_let_through_and_what_is_more_is_told_when_to_come_back() -> None:
    limit = RateLimit(per_second=2, burst=3, keys_at_most=10)
    assert [limit.wait_seconds("anna", 100.0) for _ in range(3)] == [0, 0, 0]
    assert limit.wait_seconds("anna", 100.0) == 1
    assert limit.wait_seconds("victor", 100.0) == 0
    assert limit.wait_seconds("anna", 100.5) == 0
    assert limit.wait_seconds("anna", 100.5) == 1


@given(
    st.lists(st.floats(0, 2, allow_nan=False), max_size=80),
    st.floats(0.5, 20),
    st.integers(1, 10),
)
def test_in_no_span_of_time_are_there_more_than_a_burst_and_what_came_back_meanwhile(
    pauses: list[float], per_second: float, burst: int
) -> None:
    limit = RateLimit(per_second=per_second, burst=burst, keys_at_most=10)
    now, taken = 0.0, []
    for pause in pauses:
        now += pause
        if limit.wait_seconds("anna", now) == 0:
            taken.append(now)
    for first, begin in enumerate(taken):
        for last in range(first, len(taken)):
            allowed = burst + per_second * (taken[last] - begin)
            assert last - first + 1 <= math.floor(allowed + 1e-6)


@given(st.lists(st.floats(0, 2, allow_nan=False), max_size=40), st.integers(1, 5))
def test_who_comes_back_when_told_is_let_through(pauses: list[float], burst: int) -> None:
    limit = RateLimit(per_second=0.7, burst=burst, keys_at_most=10)
    now = 0.0
    for pause in pauses:
        now += pause
        wait = limit.wait_seconds("anna", now)
        if wait:
            now += wait
            assert limit.wait_seconds("anna", now) == 0


def test_the_table_keeps_those_who_asked_last() -> None:
    limit = RateLimit(per_second=0.001, burst=1, keys_at_most=100)
    for number in range(10_000):
        assert limit.wait_seconds(f"address {number}", 1.0) == 0
    assert len(limit) == 100
    assert limit.wait_seconds("address 9999", 1.0) > 0
