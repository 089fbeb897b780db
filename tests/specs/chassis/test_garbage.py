"""A service looks for garbage seldom, and never at what it imported."""

import gc
from collections.abc import Iterator

import pytest

from service_chassis.garbage import collect_seldom


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """What the run itself has set holds for the tests after these."""
    thresholds, frozen = gc.get_threshold(), gc.get_freeze_count()
    yield
    gc.set_threshold(*thresholds)
    if not frozen:
        gc.unfreeze()


def test_what_is_there_is_never_looked_at_again() -> None:
    kept = [["a part of a service"]]
    collect_seldom()
    assert gc.get_freeze_count() > 0
    assert not any(each is kept for each in gc.get_objects())


def test_a_batch_of_reports_is_not_looked_at_while_it_is_taken() -> None:
    collect_seldom()
    before = [generation["collections"] for generation in gc.get_stats()]
    batch = [[number] for number in range(40_000)]
    assert [generation["collections"] for generation in gc.get_stats()] == before
    assert len(batch) == 40_000


def test_garbage_that_holds_on_to_itself_goes_in_the_end() -> None:
    collect_seldom()
    before = gc.get_stats()[0]["collections"]
    for _ in range(60_000):
        circle: list[object] = []
        circle.append(circle)
    assert gc.get_stats()[0]["collections"] > before
