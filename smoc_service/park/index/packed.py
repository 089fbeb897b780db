"""Texts as numbers: their first 40 bytes of UTF-8 in columns of eight each, which compare as the bytes do.

There are as many columns as the longest text so far needs; shorter texts end earlier.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from smoc_service.park.index.arrays import Mask, Numbers, Ordinals, with_room

BYTES_AT_MOST: Final = 40
COLUMNS_AT_MOST: Final = BYTES_AT_MOST // 8
_ALL_ONES: Final = (1 << 64) - 1

Packed = npt.NDArray[np.uint64]


class PackedTexts:
    def __init__(self) -> None:
        self._columns: list[npt.NDArray[np.uint64]] = [np.zeros(0, np.uint64)]

    def put(self, places: Ordinals, texts: Packed) -> None:
        """Give each of ``places`` its text, as ``packed`` made it."""
        needed = int(places.max()) + 1
        room = max(needed, len(self._columns[0]))
        while len(self._columns) < texts.shape[1]:
            self._columns.append(np.zeros(room, np.uint64))
        for number, column in enumerate(self._columns):
            column = with_room(column, needed)  # noqa: PLW2901 - it is put back
            column[places] = texts[:, number] if number < texts.shape[1] else 0
            self._columns[number] = column

    def values(self, number: int, places: Ordinals) -> Packed:
        """Return eight bytes of each of ``places``: the first ones for number 0, and so on."""
        if number >= len(self._columns):
            return np.zeros(len(places), np.uint64)
        found: Packed = self._columns[number][places]
        return found

    def ranks(self, number: int, places: Ordinals, *, descending: bool) -> Numbers:
        values = self.values(number, places)
        return np.invert(values) if descending else values

    def empty(self, places: Ordinals) -> npt.NDArray[np.uint8]:
        """Return 1 for each of ``places`` without a text, and 0 for the others."""
        empty: Mask = self.values(0, places) == 0
        return empty.astype(np.uint8)

    def first_bytes(self, place: int) -> bytes:
        """Return the stored part of one text."""
        parts = (int(column[place]).to_bytes(8, "big") for column in self._columns)
        return b"".join(parts).rstrip(b"\0")

    @property
    def width(self) -> int:
        return len(self._columns)

    def beginning_with(self, beginning: bytes, count: int) -> Ordinals:
        """Return which of the first ``count`` places hold a text that begins so; at most ``BYTES_AT_MOST``."""
        found: Ordinals | None = None
        for number in range(-(-len(beginning) // 8)):
            if number >= len(self._columns):
                return np.zeros(0, np.intp)
            part = beginning[number * 8 : number * 8 + 8]
            low = int.from_bytes(part.ljust(8, b"\0"), "big")
            high = int.from_bytes(part.ljust(8, b"\xff"), "big")
            column = self._columns[number]
            values = column[:count] if found is None else column[found]
            fits = values == low if low == high else (values >= low) & (values <= high)
            found = np.flatnonzero(fits) if found is None else found[fits]
        return np.arange(count) if found is None else found

    def keep(self, places: Ordinals) -> None:
        """Forget all but ``places``, which come to lie in this order from 0 on."""
        self._columns = [column[places] for column in self._columns]


def packed(texts: Sequence[bytes]) -> Packed:
    """Return a row of numbers for each text: as many as the longest needs, at most ``COLUMNS_AT_MOST``."""
    longest = min(max(map(len, texts), default=0), BYTES_AT_MOST)
    columns = max(1, -(-longest // 8))
    found: Packed = (
        np.array(texts, dtype=f"S{columns * 8}").view(">u8").reshape(len(texts), columns)
    ).astype(np.uint64)
    return found


def rank_of(value: int, *, descending: bool) -> int:
    return value ^ _ALL_ONES if descending else value
