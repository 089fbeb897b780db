"""Degrees and the map: x from west to east, y from north to south, whole numbers of 32 bits along each side."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

BITS: Final = 32
SIDE: Final = 1 << BITS

Coordinates = npt.NDArray[np.uint32]
Degrees = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """From ``north`` and ``west`` (inclusive) to ``south`` and ``east`` (exclusive), 0 to ``SIDE``.

    East is not beyond west where the box lies across the map's edge.
    """

    south: int
    west: int
    north: int
    east: int

    @property
    def width(self) -> int:
        return (self.east - self.west) % SIDE or SIDE

    @property
    def height(self) -> int:
        return self.south - self.north


def projected(latitudes: Degrees, longitudes: Degrees) -> tuple[Coordinates, Coordinates]:
    """Return x and y of places; what lies beyond the map lies at its edge."""
    last = SIDE - 1
    x = np.clip(np.floor(_x(longitudes)), 0, last).astype(np.uint32)
    y = np.clip(np.floor(_y(latitudes)), 0, last).astype(np.uint32)
    return x, y


def box_of(*, south: float, west: float, north: float, east: float) -> Box:
    """Return a box of degrees; the edges of cells come back as they were (``degrees``)."""
    x = np.clip(np.rint(_x(np.array([west, east]))), 0, SIDE)
    y = np.clip(np.rint(_y(np.array([north, south]))), 0, SIDE)
    return Box(west=int(x[0]), east=int(x[1]), north=int(y[0]), south=int(y[1]))


def degrees(x: float, y: float) -> tuple[float, float]:
    """Return latitude and longitude of a point of the map."""
    latitude = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / SIDE))))
    return latitude, x / SIDE * 360 - 180


def _x(longitudes: Degrees) -> Degrees:
    found: Degrees = (longitudes + 180) / 360 * SIDE
    return found


def _y(latitudes: Degrees) -> Degrees:
    # The poles are infinitely far away; a little beside them is far beyond the map's edge, too.
    radians = np.radians(np.clip(latitudes, -89.9, 89.9))
    found: Degrees = (1 - np.arcsinh(np.tan(radians)) / np.pi) / 2 * SIDE
    return found
