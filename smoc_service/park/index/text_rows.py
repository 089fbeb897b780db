"""What devices are searched by: any number of texts of each, found by beginning, by end, or by both of one."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from smoc_service.park.index.arrays import Mask, Ordinals, with_room
from smoc_service.park.index.packed import BYTES_AT_MOST, PackedTexts, packed

# Changed texts stay as rows until there are this many.
_STALE_AT_LEAST = 1_000
_NOBODY = -1


def folded(text: str) -> bytes:
    """Return the bytes of a text in which capital and small letters are the same."""
    return text.casefold().encode()


class TextRows:
    """Up to 40 bytes of each text count, from either end. Texts of a device lie in rows beside each other."""

    def __init__(self) -> None:
        self._forward = PackedTexts()
        self._backward = PackedTexts()
        self._owner = np.zeros(0, np.int32)
        self._count = 0
        self._stale = 0
        # Of each device: its first row, how many, and a digest of all, so that most changes of it end here.
        self._first = np.zeros(0, np.int32)
        self._size = np.zeros(0, np.int16)
        self._digest = np.zeros(0, np.int64)

    def put(self, ordinals: Ordinals, texts: Sequence[tuple[str, ...]]) -> None:
        """Give each of ``ordinals`` its texts."""
        needed = int(ordinals.max()) + 1
        self._first = with_room(self._first, needed)
        self._size = with_room(self._size, needed)
        self._digest = with_room(self._digest, needed)
        digests = np.array([hash(each) for each in texts], dtype=np.int64)
        changed = np.flatnonzero(self._digest[ordinals] != digests)
        if not len(changed):
            return
        self._digest[ordinals[changed]] = digests[changed]
        self._release(ordinals[changed])
        rows: list[bytes] = []
        owners: list[int] = []
        for place, ordinal in zip(changed.tolist(), ordinals[changed].tolist(), strict=True):
            own = {folded(text) for text in set(texts[place]) if text}
            self._first[ordinal] = self._count + len(rows)
            self._size[ordinal] = len(own)
            rows += own
            owners += [ordinal] * len(own)
        if rows:
            self._append(rows, owners)
        if self._stale > _STALE_AT_LEAST + self._count // 4:
            self._tidy_up()

    def mask(self, beginning: str, ending: str, count: int) -> Mask:
        """Return which of the first ``count`` devices have a text that begins and ends so."""
        begins, ends = folded(beginning), folded(ending)
        mask = np.zeros(count, np.bool_)
        if max(len(begins), len(ends)) > BYTES_AT_MOST:
            return mask
        if begins:
            rows = self._forward.beginning_with(begins, self._count)
            if ends:
                rows = rows[self._ending_with(ends, rows)]
        else:
            rows = self._backward.beginning_with(ends[::-1], self._count)
        owners = self._owner[rows]
        mask[owners[owners != _NOBODY]] = True
        return mask

    def _ending_with(self, ends: bytes, rows: Ordinals) -> Mask:
        fits = np.zeros(self._count, np.bool_)
        fits[self._backward.beginning_with(ends[::-1], self._count)] = True
        found: Mask = fits[rows]
        return found

    def _release(self, ordinals: Ordinals) -> None:
        sizes = self._size[ordinals].astype(np.intp)
        rows = _ranges(self._first[ordinals].astype(np.intp), sizes)
        self._owner[rows] = _NOBODY
        self._stale += len(rows)

    def _append(self, rows: Sequence[bytes], owners: Sequence[int]) -> None:
        places = np.arange(self._count, self._count + len(rows))
        self._forward.put(places, packed(rows))
        self._backward.put(places, packed([row[::-1] for row in rows]))
        self._owner = with_room(self._owner, self._count + len(rows), _NOBODY)
        self._owner[places] = owners
        self._count += len(rows)

    def _tidy_up(self) -> None:
        kept = np.flatnonzero(self._owner[: self._count] != _NOBODY)
        self._forward.keep(kept)
        self._backward.keep(kept)
        self._owner = self._owner[kept]
        self._count, self._stale = len(kept), 0
        owners, first = np.unique(self._owner, return_index=True)
        self._first[owners] = first


def _ranges(first: Ordinals, sizes: Ordinals) -> npt.NDArray[np.intp]:
    """Return first[0], first[0] + 1, ... (sizes[0] of them), first[1], ..."""
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    rows: npt.NDArray[np.intp] = np.arange(total) + np.repeat(first - (ends - sizes), sizes)
    return rows
