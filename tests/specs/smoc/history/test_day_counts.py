"""Counting by day over columns, beside counting device by device."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from smoc_service.history.day_counts import IN_SERVICE, dense, lines, quality, reached, service_days
from smoc_service.register.device import FACETS
from smoc_service.register.milestones import WINDOW_DAYS

LIFECYCLES = FACETS["lifecycle"]
DAY_MS = 86_400_000
ABSENT = int(np.iinfo(np.int64).min)
TODAY = 20_000


@dataclass(frozen=True)
class Seen:
    """One device as the columns hold it."""

    lifecycle: str = "IN_OPERATION"
    since: int | None = None
    discovered: int = 0
    operated: int = 0
    until: int = 0
    bits: int = 0
    group: int = 0

    def serves(self, day: int) -> bool:
        serving = self.lifecycle in IN_SERVICE
        started = [each for each in (self.discovered, self.operated) if each]
        if not started and serving and self.since:
            started = [self.since]
        ended = None if serving else (self.since if self.since is not None else -1)
        return bool(started) and min(started) <= day and (ended is None or day <= ended)

    def heard(self, day: int) -> bool:
        ago = self.until - day
        return 0 <= ago < WINDOW_DAYS and bool(self.bits >> ago & 1)


def counted(devices: list[Seen], day: int, groups: int = 1) -> list[tuple[int, int]]:
    def column(name: str) -> Any:
        return np.array([getattr(each, name) for each in devices], dtype=np.int64)

    service = service_days(
        lifecycles=np.array([LIFECYCLES.index(each.lifecycle) for each in devices], dtype=np.uint8),
        words=LIFECYCLES,
        lifecycle_ms=np.array(
            [ABSENT if each.since is None else each.since * DAY_MS + 5 for each in devices],
            dtype=np.int64,
        ),
        milestones=[column("discovered"), column("operated")],
    )
    both = quality(
        day,
        service,
        until=column("until"),
        bits=column("bits"),
        groups=column("group"),
        group_count=groups,
    )
    return list(zip(*(each.tolist() for each in both), strict=True))


def test_a_device_serves_from_its_first_milestone_until_the_day_on_which_it_is_removed() -> None:
    removed = Seen(lifecycle="REMOVED", since=TODAY, discovered=TODAY - 9, operated=TODAY - 8)
    days = (TODAY - 10, TODAY - 9, TODAY, TODAY + 1)
    assert [counted([removed], day)[0][0] for day in days] == [0, 1, 1, 0]


def test_a_device_that_came_into_service_in_trouble_serves_since_then() -> None:
    troubled = Seen(lifecycle="ERROR", since=TODAY)
    assert [counted([troubled], day)[0][0] for day in (TODAY - 1, TODAY)] == [0, 1]


def test_a_device_that_nobody_installed_never_serves_though_it_is_heard() -> None:
    assert counted([Seen(lifecycle="NOT_DEFINED", until=TODAY, bits=1)], TODAY) == [(0, 0)]


def test_a_device_without_a_day_of_contact_was_not_heard() -> None:
    assert counted([Seen(operated=TODAY)], TODAY) == [(1, 0)]


SOME_DAY = st.integers(TODAY - 70, TODAY)
DEVICES = st.builds(
    Seen,
    lifecycle=st.sampled_from(LIFECYCLES),
    since=st.none() | SOME_DAY,
    discovered=st.just(0) | SOME_DAY,
    operated=st.just(0) | SOME_DAY,
    until=st.just(0) | SOME_DAY,
    bits=st.integers(0, 2**63 - 1),
    group=st.integers(0, 2),
)


@given(st.lists(DEVICES), st.integers(TODAY - 75, TODAY + 5))
def test_what_columns_count_is_what_device_by_device_counts(devices: list[Seen], day: int) -> None:
    expected = [
        (
            sum(each.serves(day) for each in devices if each.group == group),
            sum(each.serves(day) and each.heard(day) for each in devices if each.group == group),
        )
        for group in range(3)
    ]
    assert counted(devices, day, 3) == expected


@given(
    st.lists(st.tuples(st.just(0) | SOME_DAY, st.integers(0, 2))),
    SOME_DAY,
    st.integers(0, 20),
)
def test_milestones_are_counted_by_day_and_group(
    devices: list[tuple[int, int]], start: int, span: int
) -> None:
    days = np.array([day for day, _ in devices], dtype=np.int64)
    groups = np.array([group for _, group in devices], dtype=np.uint8)
    counts = reached(days, groups, 3, start, start + span)
    assert counts.tolist() == [
        [devices.count((day, group)) for group in range(3)]
        for day in range(start, start + span + 1)
    ]


def test_days_and_groups_in_which_nothing_happened_are_left_out_and_the_others_are_in_order() -> (
    None
):
    counts = {
        "installed": np.array([[0, 2], [0, 0], [3, 1]]),
        "discovered": np.array([[0, 0], [0, 0], [4, 0]]),
    }
    assert lines(TODAY, counts, ["B", "A"]) == [
        (TODAY, "A", {"installed": 2, "discovered": 0}),
        (TODAY + 2, "A", {"installed": 1, "discovered": 0}),
        (TODAY + 2, "B", {"installed": 3, "discovered": 4}),
    ]


def test_groups_of_which_there_could_be_far_too_many_are_numbered_without_gaps() -> None:
    far_apart = np.array([7, 10**12, 7])
    groups, places = dense(far_apart, 10**13)
    assert places[groups].tolist() == far_apart.tolist()
    assert dense(far_apart, 8)[0] is far_apart
