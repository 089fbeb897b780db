"""Counting devices by day, over columns: when they reached a milestone, on which days they served and were heard.

Columns hold a number for each device, in the same order. Days are days since 1970-01-01 (UTC); day 0 is no day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from smoc_service.register.milestones import WINDOW_DAYS

Column: TypeAlias = npt.NDArray[Any]
Counts: TypeAlias = npt.NDArray[np.int64]

IN_SERVICE: Final = frozenset(
    {"DISCOVERED", "IN_OPERATION", "UPDATE_IN_PROGRESS", "POOR_COMMUNICATION", "ERROR"}
)
_DAY_MS: Final = 24 * 60 * 60 * 1000
# Counting takes a number of eight bytes for each, used or not.
_GROUPS_AT_MOST: Final = 4_000_000
_NOT_YET: Final = 2**31


def reached(days: Column, groups: Column, group_count: int, start: int, end: int) -> Counts:
    """Return how many devices have their day from ``start`` to ``end`` (both included), by day and group."""
    within = (days >= max(start, 1)) & (days <= end)
    cells = (days[within] - start) * group_count + groups[within]
    counts = np.bincount(cells, minlength=(end - start + 1) * group_count)
    return counts.reshape(-1, group_count)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDays:
    """The days on which each device was in service, ``ends`` included, as far as milestones and lifecycle tell.

    A device that left service and came back counts as in service meanwhile: its milestones are those of the first time.
    """

    starts: Column
    ends: Column


def service_days(
    *,
    lifecycles: Column,
    words: Sequence[object],
    lifecycle_ms: Column,
    milestones: Sequence[Column],
) -> ServiceDays:
    """Return the days in service; ``lifecycles`` holds places in ``words``, ``lifecycle_ms`` since when each is so."""
    serving = np.array([word in IN_SERVICE for word in words], dtype=np.bool_)[lifecycles]
    since = lifecycle_ms // _DAY_MS
    starts = np.full(len(serving), _NOT_YET, np.int64)
    for days in milestones:
        starts = np.where(days > 0, np.minimum(starts, days), starts)
    # A device in service without a milestone came into the park as a device in trouble.
    starts = np.where((starts == _NOT_YET) & serving & (since > 0), since, starts)
    return ServiceDays(starts=starts, ends=np.where(serving, _NOT_YET, since))


def quality(
    day: int,
    service: ServiceDays,
    *,
    until: Column,
    bits: Column,
    groups: Column,
    group_count: int,
) -> tuple[Counts, Counts]:
    """Return how many devices were in service on ``day``, and how many of those were heard, by group."""
    serving = (service.starts <= day) & (service.ends >= day)
    ago = until[serving] - day
    known = (ago >= 0) & (ago < WINDOW_DAYS)
    heard = known & ((bits[serving] >> np.where(known, ago, 0)) & 1).astype(np.bool_)
    of_serving = groups[serving]
    return (
        np.bincount(of_serving, minlength=group_count),
        np.bincount(of_serving[heard], minlength=group_count),
    )


def dense(groups: Column, group_count: int) -> tuple[Column, Column]:
    """Return groups that can be counted, and what each means: without gaps when there are too many numbers."""
    if group_count <= _GROUPS_AT_MOST:
        return groups, np.arange(group_count)
    places, numbered = np.unique(groups, return_inverse=True)
    return numbered, places


def lines(
    start: int, counts: Mapping[str, Counts], groups: Sequence[object]
) -> list[tuple[int, object, dict[str, int]]]:
    """Return (day, group, count by name) of every cell in which anything is counted, by day and then by group."""
    some = np.zeros(next(iter(counts.values())).shape, np.bool_)
    for each in counts.values():
        some |= each > 0
    cells = [
        (
            start + int(row),
            groups[column],
            {name: int(each[row, column]) for name, each in counts.items()},
        )
        for row, column in zip(*(axis.tolist() for axis in np.nonzero(some)), strict=True)
    ]
    return sorted(cells, key=lambda cell: (cell[0], str(cell[1])))
