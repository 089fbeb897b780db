"""The arithmetic of what a browser notes, by the definitions of web.dev."""

import pytest

from benchmarks.page.browsing import Noted


def noted(
    *, shifts: list[tuple[float, float]] | None = None, interactions: list[float] | None = None
) -> Noted:
    return Noted(paints=[], shifts=shifts or [], interactions=interactions or [])


@pytest.mark.parametrize(
    ("shifts", "worst"),
    [
        ([], 0.0),
        ([(100, 0.05), (900, 0.03)], 0.08),
        # More than a second apart: two windows, the worse one counts.
        ([(100, 0.05), (1_200, 0.03)], 0.05),
        # A window is at most five seconds long, however close the shifts are.
        ([(float(at), 0.01) for at in range(0, 12_000, 900)], 0.06),
    ],
)
def test_layout_shift_is_the_worst_window(shifts: list[tuple[float, float]], worst: float) -> None:
    assert noted(shifts=shifts).layout_shift == pytest.approx(worst)


@pytest.mark.parametrize(("count", "found"), [(0, 0), (1, 1), (49, 49), (50, 49), (100, 98)])
def test_next_paint_is_the_slowest_interaction_but_one_in_fifty(count: int, found: float) -> None:
    assert noted(interactions=[float(each + 1) for each in range(count)]).next_paint == found
