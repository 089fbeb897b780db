"""Devices by cells: squares of the map, as large as the box that is looked at wants them.

Cells of one size lie always at the same places, whatever is looked at: nothing jumps while the box is moved.
"""

from dataclasses import dataclass

import numpy as np

from smoc_service.park.index.arrays import Numbers
from smoc_service.park.index.places.mercator import SIDE, Box, Coordinates, degrees


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    box: Box
    # The middle of its devices, in degrees.
    latitude: float
    longitude: float
    count: int
    # By code.
    counts: tuple[int, ...]


def cells(
    x: Coordinates, y: Coordinates, codes: Numbers, *, code_count: int, box: Box, along: int
) -> list[Cell]:
    """Return the cells that hold one of the points, which lie all in ``box``.

    Cells are as small as they can be while not more than ``along`` fit beside each other into the box.
    """
    shift = max(0, -(-max(box.width, box.height) // along) - 1).bit_length()
    # From the edge of the first cell on; unsigned numbers begin anew at the map's edge.
    left, top = (box.west % SIDE) >> shift << shift, box.north >> shift << shift
    right, down = x - np.uint32(left), y - np.uint32(top)
    across = (((box.west % SIDE) - left + box.width - 1) >> shift) + 1
    of = (down >> shift).astype(np.intp) * across + (right >> shift)
    cell_count = int(of.max(initial=-1)) + 1
    by_code = np.bincount(of * code_count + codes, minlength=cell_count * code_count)
    by_code = by_code.reshape(cell_count, code_count)
    counts = by_code.sum(axis=1)
    there = np.flatnonzero(counts)
    x_middles = left + np.bincount(of, weights=right)[there] / counts[there]
    y_middles = top + np.bincount(of, weights=down)[there] / counts[there]
    found = []
    size = 1 << shift
    for place, x_middle, y_middle in zip(
        there.tolist(), x_middles.tolist(), y_middles.tolist(), strict=True
    ):
        row, column = divmod(place, across)
        west, north = (left + column * size) % SIDE, top + row * size
        latitude, longitude = degrees(x_middle % SIDE, y_middle)
        found.append(
            Cell(
                box=Box(west=west, north=north, east=west + size, south=north + size),
                latitude=latitude,
                longitude=longitude,
                count=int(counts[place]),
                counts=tuple(by_code[place].tolist()),
            )
        )
    return found
