"""A column of places: x and y of each device on the map, or none."""

import math
from collections.abc import Sequence

import numpy as np

from smoc_service.park.index.arrays import Mask, Ordinals, with_room
from smoc_service.park.index.places.mercator import SIDE, Box, Coordinates, projected

# Latitude and longitude in degrees.
Place = tuple[float, float]
_NOWHERE: Place = (math.nan, math.nan)


class Places:
    def __init__(self) -> None:
        self._x: Coordinates = np.zeros(0, np.uint32)
        self._y: Coordinates = np.zeros(0, np.uint32)
        self._there = np.zeros(0, np.bool_)

    def put(self, ordinals: Ordinals, places: Sequence[Place | None]) -> Mask:
        """Give each of ``ordinals`` its place; return which of them were elsewhere before."""
        needed = int(ordinals.max()) + 1
        self._x = with_room(self._x, needed)
        self._y = with_room(self._y, needed)
        self._there = with_room(self._there, needed)
        told = np.array([_NOWHERE if place is None else place for place in places], np.float64)
        there = ~np.isnan(told[:, 0])
        x = np.zeros(len(told), np.uint32)
        y = np.zeros(len(told), np.uint32)
        x[there], y[there] = projected(told[there, 0], told[there, 1])
        moved: Mask = (
            (self._there[ordinals] != there) | (self._x[ordinals] != x) | (self._y[ordinals] != y)
        )
        self._x[ordinals], self._y[ordinals], self._there[ordinals] = x, y, there
        return moved

    def there(self, count: int) -> Mask:
        """Return which of the first ``count`` devices have a place."""
        return self._there[:count]

    def at(self, ordinals: Ordinals) -> tuple[Coordinates, Coordinates]:
        return self._x[ordinals], self._y[ordinals]

    def mask(self, box: Box, count: int) -> Mask:
        """Return which of the first ``count`` devices lie in ``box``."""
        return self._there[:count] & within(self._x[:count], self._y[:count], box)


def within(x: Coordinates, y: Coordinates, box: Box) -> Mask:
    """Return which of the points lie in ``box``."""
    # Unsigned numbers begin anew at the map's edge, as boxes do.
    found: Mask = x - np.uint32(box.west % SIDE) <= np.uint32(box.width - 1)
    if box.height <= 0:
        return np.zeros(len(x), np.bool_)
    found &= y - np.uint32(box.north) <= np.uint32(box.height - 1)
    found &= y >= np.uint32(box.north)
    return found


def lies_in(place: Place, box: Box) -> bool:
    """Whether a place, in degrees, lies in ``box``."""
    x, y = projected(np.array(place[:1]), np.array(place[1:]))
    return bool(within(x, y, box)[0])
