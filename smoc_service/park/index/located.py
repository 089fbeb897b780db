"""Where the devices of a selection are: those with a place by cells, the others by their areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smoc_service.park.index.counting import AREA, NETWORK
from smoc_service.park.index.places.cells import Cell, cells
from smoc_service.park.index.places.column import within
from smoc_service.park.index.places.mercator import Box, Coordinates, degrees

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smoc_service.park.index.arrays import Numbers, Ordinals
    from smoc_service.park.index.categories import Category
    from smoc_service.park.index.columns import Columns

# How many areas of devices without a place are told, at most.
AREAS_AT_MOST: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What part of the map is looked at, and how closely."""

    # None: the smallest box around all devices that have a place.
    box: Box | None
    # How many cells the longer side of the box has at most.
    along: int
    # By which category the devices of a cell are counted; "": none.
    dimension: str
    # Devices are told themselves when there are no more in the box.
    devices_at_most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Devices of an area that have no place; it is where the middle of the area's others is."""

    network: str
    area: str
    latitude: float
    longitude: float
    count: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    # All that were selected.
    count: int
    # What ``counts`` of cells and areas are of.
    words: tuple[str, ...]
    cells: list[Cell]
    areas: list[Area]
    # Without a place, and in no area whose middle is known.
    nowhere: int
    extent: Box | None
    device_ids: list[str]


class _Codes:
    """The words of a category in their order, and the place of each device's word among them."""

    def __init__(self, columns: Columns, dimension: str) -> None:
        self._category: Category | None = columns.categories.get(dimension)
        self._dimension = dimension
        self.words: tuple[str, ...] = ()
        if self._category is None:
            return
        part = self._category.parts[dimension]
        known = [word for word in part.words if word is not None]
        known.sort(key=lambda word: part.rank_of(word, descending=False))
        self.words = tuple(known)
        place = {word: number for number, word in enumerate(known)}
        self._place = np.array([place.get(word, 0) for word in part.words], np.intp)

    @property
    def count(self) -> int:
        return max(1, len(self.words))

    def of(self, ordinals: Ordinals) -> Numbers:
        if self._category is None:
            return np.zeros(len(ordinals), np.intp)
        found: Numbers = self._place[self._category.values(self._dimension, ordinals)]
        return found


def located(columns: Columns, ordinals: Ordinals, view: View) -> Located:
    """Return where the devices are that have the places ``ordinals`` in the columns."""
    codes = _Codes(columns, view.dimension)
    there = columns.places.there(columns.count)[ordinals]
    placed = ordinals[there]
    x, y = columns.places.at(placed)
    extent = _extent(x, y)
    box = view.box or extent
    areas, nowhere = _areas(columns, ordinals[~there], codes, view.box)
    found: list[Cell] = []
    device_ids: list[str] = []
    if box is not None:
        if view.box is not None:
            inside = within(x, y, box)
            placed, x, y = placed[inside], x[inside], y[inside]
        found = cells(x, y, codes.of(placed), code_count=codes.count, box=box, along=view.along)
        if len(placed) <= view.devices_at_most:
            device_ids = sorted(columns.ids[place] for place in placed.tolist())
    return Located(
        count=len(ordinals),
        words=codes.words,
        cells=found,
        areas=areas,
        nowhere=nowhere,
        extent=extent,
        device_ids=device_ids,
    )


def _extent(x: Coordinates, y: Coordinates) -> Box | None:
    if not len(x):
        return None
    return Box(west=int(x.min()), east=int(x.max()) + 1, north=int(y.min()), south=int(y.max()) + 1)


def _areas(
    columns: Columns, unplaced: Ordinals, codes: _Codes, box: Box | None
) -> tuple[list[Area], int]:
    """Return the areas of ``unplaced`` with their middles, and how many devices are in none of them."""
    if not len(unplaced):
        return [], 0
    middles = columns.middles()
    area, network = columns.categories[AREA], columns.categories[NETWORK]
    areas: Sequence[Any] = area.parts[AREA].words
    networks: Sequence[Any] = network.parts[NETWORK].words
    of = network.values(NETWORK, unplaced) * len(areas) + area.values(AREA, unplaced)
    counts = np.bincount(of)
    present = np.flatnonzero(counts)
    network_of, area_of = np.divmod(present, len(areas))
    x, y = middles.at(network_of, area_of)
    known = ~np.isnan(x) & np.array([bool(areas[code]) for code in area_of.tolist()], np.bool_)
    nowhere = int(counts[present[~known]].sum())
    present, x, y = present[known], x[known], y[known]
    largest = np.argsort(-counts[present], kind="stable")
    nowhere += int(counts[present[largest[AREAS_AT_MOST:]]].sum())
    largest = largest[:AREAS_AT_MOST]
    if box is not None:
        seen = within(x[largest].astype(np.uint32), y[largest].astype(np.uint32), box)
        largest = largest[seen]
    # Rows of the table of counts: one for each area that is told, the last for all others.
    row = np.full(len(counts), len(largest), np.intp)
    row[present[largest]] = np.arange(len(largest))
    by_code = np.bincount(
        row[of] * codes.count + codes.of(unplaced), minlength=(len(largest) + 1) * codes.count
    ).reshape(-1, codes.count)
    found = []
    for number, place in enumerate(largest.tolist()):
        network_code, area_code = divmod(int(present[place]), len(areas))
        latitude, longitude = degrees(float(x[place]), float(y[place]))
        found.append(
            Area(
                network=networks[network_code],
                area=areas[area_code],
                latitude=latitude,
                longitude=longitude,
                count=int(counts[present[place]]),
                counts=tuple(by_code[number].tolist()) if codes.words else (),
            )
        )
    return found, nowhere
