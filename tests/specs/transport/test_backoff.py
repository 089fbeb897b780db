"""Waiting before the next attempt."""

from hypothesis import given
from hypothesis import strategies as st

from jms_transport import Backoff


@given(attempt=st.integers(0, 10_000))
def test_a_pause_grows_to_the_ceiling_and_never_beyond(attempt: int) -> None:
    backoff = Backoff(first_seconds=0.5, ceiling_seconds=30.0)
    assert 0.0 <= backoff.seconds(attempt) <= min(30.0, 0.5 * 2.0 ** min(attempt, 20))
