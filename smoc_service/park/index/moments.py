"""A column of times: milliseconds since 1970 in UTC, or none."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from smoc_service.park.index.arrays import Mask, Numbers, Ordinals, with_room
from smoc_service.park.index.conditions import Span

# Smaller than every time.
ABSENT: Final = int(np.iinfo(np.int64).min)
_LAST: Final = int(np.iinfo(np.int64).max)


class Moments:
    def __init__(self) -> None:
        self._column = np.zeros(0, np.int64)

    @classmethod
    def of_nothing(cls, count: int) -> "Moments":
        """Return a column of ``count`` devices of which none has a time."""
        found = cls()
        found._column = np.full(count, ABSENT, np.int64)
        return found

    def put(self, ordinals: Ordinals, moments: Sequence[datetime | None]) -> None:
        """Give each of ``ordinals`` its time."""
        self._column = with_room(self._column, int(ordinals.max()) + 1, ABSENT)
        # A float holds the milliseconds of ten thousand years; numpy's own way from a datetime is far slower.
        seconds = np.array([math.nan if each is None else each.timestamp() for each in moments])
        absent = np.isnan(seconds)
        milliseconds = np.rint(np.where(absent, 0, seconds) * 1000).astype(np.int64)
        self._column[ordinals] = np.where(absent, ABSENT, milliseconds)

    def column(self, count: int) -> npt.NDArray[np.int64]:
        """Return the time of each of the first ``count`` devices, ``ABSENT`` where there is none."""
        return self._column[:count]

    def mask(self, span: Span, count: int) -> Mask:
        column = self._column[:count]
        mask: Mask = column >= (ABSENT + 1 if span.start is None else span.start)
        if span.end is not None:
            mask &= column < span.end
        return mask

    def present(self, count: int) -> Mask:
        found: Mask = self._column[:count] != ABSENT
        return found

    def ranks(self, ordinals: Ordinals, *, descending: bool) -> Numbers:
        """Return numbers that sort ``ordinals`` by their times; what has none is last in both directions."""
        found = self._column[ordinals]
        return np.where(found == ABSENT, _LAST, -found if descending else found)

    def value(self, ordinal: int) -> int | None:
        found = int(self._column[ordinal])
        return None if found == ABSENT else found


def rank_of(moment: int | None, *, descending: bool) -> int:
    if moment is None:
        return _LAST
    return -moment if descending else moment
