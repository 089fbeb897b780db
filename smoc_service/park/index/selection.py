"""The devices that fit a filter: how many, by what, and which come first. Good until the index takes in a change."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from smoc_service.park.index.arrays import Mask, Numbers, Ordinals
from smoc_service.park.index.categories import Category, CodeCounts
from smoc_service.park.index.columns import DEVICE_ID, Columns
from smoc_service.park.index.conditions import Conditions
from smoc_service.park.index.counting import Counted, counted
from smoc_service.park.index.located import Located, View, located
from smoc_service.park.index.order import Level, SortKey, cursor_at, levels, read_cursor

_BY_ID = (SortKey(name=DEVICE_ID),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    device_ids: list[str]
    # Where to go on; None: that was all.
    cursor: str | None


class Selection:
    """Made by ``ParkIndex.select``."""

    def __init__(self, columns: Columns, wanted: Conditions) -> None:
        self._columns = columns
        self._mask: Mask | None = columns.mask(wanted)

    @cached_property
    def count(self) -> int:
        """How many devices fit."""
        return self._columns.count if self._mask is None else int(np.count_nonzero(self._mask))

    @cached_property
    def ordinals(self) -> Ordinals:
        """The places in the columns of all that fit."""
        if self._mask is None:
            return np.arange(self._columns.count)
        return np.flatnonzero(self._mask)

    def counts(self, dimensions: Iterable[str], at_most: int | None = None) -> dict[str, Counted]:
        """Return how many of the devices have which value, by dimension; the ``at_most`` largest of each."""
        by_column: dict[Category, CodeCounts] = {}
        found = {}
        for name in dimensions:
            category = self._columns.categories[name]
            if category not in by_column:
                by_column[category] = self._code_counts(category)
            counts = category.of_part(name, by_column[category])
            found[name] = counted(name, category.parts[name].words, counts, at_most)
        return found

    def codes(self, dimension: str) -> tuple[Sequence[object], Numbers]:
        """Return the words of a dimension, and each device's code among them, in the order of ``ordinals``."""
        category = self._columns.categories[dimension]
        return category.parts[dimension].words, category.values(dimension, self.ordinals)

    def by_word(self, dimension: str) -> dict[object, int]:
        """Return how many of the devices have which word of a dimension; of tags: which tags together."""
        words, codes = self.codes(dimension)
        counts = np.bincount(codes, minlength=len(words))
        return {word: int(count) for word, count in zip(words, counts, strict=True) if count}

    def moments(self, name: str) -> Numbers:
        """Return each device's time in milliseconds since 1970, ``moments.ABSENT`` without one."""
        return self._columns.moment(name).column(self._columns.count)[self.ordinals]

    def numbers(self, name: str) -> Numbers:
        """Return each device's number, in the order of ``ordinals``."""
        column = self._columns.numbers.get(name)
        if column is None:
            return np.zeros(self.count, np.int64)
        return column.column(self._columns.count)[self.ordinals]

    def located(self, view: View) -> Located:
        """Return where the devices are."""
        return located(self._columns, self.ordinals, view)

    def page(self, order: Sequence[SortKey], size: int, after: str | None = None) -> Ids:
        """Return the first ``size`` devices in ``order``, or those that follow the cursor ``after``.

        Raises:
            CursorInvalid: ``after`` was not made for this order.
        """
        columns = self._columns
        order = (*order, *_BY_ID)
        pool = self.ordinals
        if after is None:
            sorted_by = levels(columns, order)
        else:
            values, device_id = read_cursor(columns, order, after)
            sorted_by = levels(columns, order, values)
            pool = _following(
                pool, sorted_by, lambda places: self._beyond(places, order, device_id)
            )
        first = self._first(pool, sorted_by, order, size + 1)
        more = len(first) > size
        return Ids(
            device_ids=[columns.ids[place] for place in first[:size]],
            cursor=cursor_at(columns, order, first[size - 1]) if more else None,
        )

    def device_ids(self, limit: int, after: str = "") -> list[str]:
        """Return the first ``limit`` ids, or those that follow the id ``after``, in order."""
        columns, pool = self._columns, self.ordinals
        sorted_by = levels(columns, _BY_ID, [after] if after else ())
        if after:
            pool = _following(pool, sorted_by, lambda places: self._beyond(places, _BY_ID, after))
        return [columns.ids[place] for place in self._first(pool, sorted_by, _BY_ID, limit)]

    def _code_counts(self, category: Category) -> CodeCounts:
        if self._mask is not None and self.count <= self._columns.count // 2:
            return category.counts(self.ordinals)
        counts: CodeCounts = category.totals.sum(axis=0)
        # Most of the park: quicker counted by those that do not fit.
        return counts if self._mask is None else counts - category.counts(self._others)

    @cached_property
    def _others(self) -> Ordinals:
        if self._mask is None:
            return np.zeros(0, np.intp)
        return np.flatnonzero(~self._mask & self._columns.there)

    def _beyond(self, places: Ordinals, order: Sequence[SortKey], device_id: str) -> Ordinals:
        """Return those of ``places`` whose ids follow; they are alike in all that the columns hold of them."""
        ids, down = self._columns.ids, _ids_descend(order)
        kept = [
            place
            for place in places.tolist()
            if (ids[place] < device_id if down else ids[place] > device_id)
        ]
        return np.array(kept, dtype=np.intp)

    def _first(
        self, pool: Ordinals, sorted_by: Sequence[Level], order: Sequence[SortKey], count: int
    ) -> list[int]:
        """Return the first ``count`` of ``pool``, in order."""
        found: list[Ordinals] = []
        wanted = count
        for level in sorted_by:
            if len(pool) <= wanted:
                break
            values = level.values(pool)
            last = np.partition(values, wanted - 1)[wanted - 1]
            certain = pool[values < last]
            found.append(certain)
            wanted -= len(certain)
            pool = pool[values == last]
        chosen = np.concatenate([*found, pool])
        keys = [level.values(chosen).tolist() for level in sorted_by]
        ids = self._columns.ids
        # By id first: sorting is stable, and what the columns hold of an id may end before the id does.
        places = sorted(
            range(len(chosen)), key=lambda n: ids[chosen[n]], reverse=_ids_descend(order)
        )
        places.sort(key=lambda n: [key[n] for key in keys])
        return [int(chosen[place]) for place in places[:count]]


def _ids_descend(order: Sequence[SortKey]) -> bool:
    return next(key.descending for key in order if key.name == DEVICE_ID)


def _following(
    pool: Ordinals, sorted_by: Sequence[Level], alike: Callable[[Ordinals], Ordinals]
) -> Ordinals:
    """Return those of ``pool`` beyond the bounds; of those on them, what ``alike`` leaves."""
    found: list[Ordinals] = []
    for level in sorted_by:
        if not len(pool):
            break
        values = level.values(pool)
        found.append(pool[values > level.bound])
        pool = pool[values == level.bound]
    return np.concatenate([*found, alike(pool)])
