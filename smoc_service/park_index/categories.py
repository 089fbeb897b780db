"""A column of words that many devices share: a small number per device, and what the numbers stand for."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from typing import Any, Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from smoc_service.park_index.arrays import Mask, Numbers, Ordinals, with_room

WordT = TypeVar("WordT", bound=Hashable)

# The rank of what is absent, in every direction: last.
LAST: Final = 1 << 40
# Up to so many codes are compared one by one, which the processor does for 64 devices at once; more are looked up.
_COMPARED_AT_MOST = 6
_WIDTHS: Final = (np.uint8, np.uint16, np.uint32)


class Category(Generic[WordT]):
    """Words of devices, and how many devices of each network have which.

    A word that no device has any more gives its number to the next new one; so the dictionary never holds more words
    than the park does, but for the ``first`` ones, which stay.
    """

    def __init__(self, first: Sequence[WordT], rank: Callable[[WordT], Any]) -> None:
        self._rank = rank
        self._kept = len(first)
        self._words: list[WordT | None] = list(first)
        self._codes: dict[WordT, int] = {word: code for code, word in enumerate(first)}
        self._vacant: list[int] = []
        self._column: npt.NDArray[Any] = np.zeros(0, np.uint8)
        # How many devices, by network and code.
        self._totals = np.zeros((1, max(1, len(first))), np.int64)
        self._ranked: tuple[list[Any], Numbers] | None = None

    @property
    def words(self) -> list[WordT | None]:
        """The word of each code; None for a code that stands for nothing now. Not to be changed."""
        return self._words

    @property
    def totals(self) -> npt.NDArray[np.int64]:
        """How many devices, by network's code and code."""
        return self._totals[:, : len(self._words)]

    def numbers(self, words: Sequence[WordT]) -> Ordinals:
        """Return the codes of ``words``, each new one's own."""
        return np.array([self._code(word) for word in words], dtype=np.intp)

    def put(
        self, ordinals: Ordinals, words: Sequence[WordT], networks: Numbers, known: Mask
    ) -> None:
        """Give each of ``ordinals`` its word; ``known`` are those that had one before, in the same network."""
        codes = self.numbers(words)
        self._fit(int(ordinals.max()) + 1, int(networks.max()) + 1)
        before = self._column[ordinals[known]].astype(np.intp)
        np.subtract.at(self._totals, (networks[known], before), 1)
        np.add.at(self._totals, (networks, codes), 1)
        self._column[ordinals] = codes
        self._vacate(np.unique(before))

    def column(self, count: int) -> npt.NDArray[Any]:
        """Return the code of each of the first ``count`` devices."""
        return self._column[:count]

    def word_of(self, ordinal: int) -> WordT | None:
        return self._words[int(self._column[ordinal])]

    def mask(self, words: Collection[WordT], count: int) -> Mask:
        """Return which of the first ``count`` devices have any of ``words``."""
        codes = [self._codes[word] for word in words if word in self._codes]
        return self.mask_of_codes(codes, count)

    def mask_of_codes(self, codes: Sequence[int], count: int) -> Mask:
        column = self._column[:count]
        if len(codes) > _COMPARED_AT_MOST:
            wanted = np.zeros(len(self._words), np.bool_)
            wanted[codes] = True
            found: Mask = wanted[column]
            return found
        mask = np.zeros(count, np.bool_)
        for code in codes:
            mask |= column == code
        return mask

    def counts(self, ordinals: Ordinals) -> npt.NDArray[np.int64]:
        """Return how many of ``ordinals`` have each code."""
        return np.bincount(self._column[ordinals], minlength=len(self._words))

    def ranks(self, ordinals: Ordinals, *, descending: bool) -> Numbers:
        """Return numbers that sort ``ordinals`` by their words; what has none is last in both directions."""
        ranks = self._all_ranks()[1]
        if descending:
            ranks = np.where(ranks == LAST, LAST, -ranks)
        found: Numbers = ranks[self._column[ordinals]]
        return found

    def rank_of(self, word: WordT, *, descending: bool) -> int:
        """Return the rank of a word that a device has, or had: then it lies between those of its neighbours."""
        if not word:
            return LAST
        sorted_keys = self._all_ranks()[0]
        key = self._rank(word)
        place = bisect_left(sorted_keys, key)
        exact = place < len(sorted_keys) and sorted_keys[place] == key
        rank = 2 * place if exact else 2 * place - 1
        return -rank if descending else rank

    def _all_ranks(self) -> tuple[list[Any], Numbers]:
        if self._ranked is None:
            keyed = sorted(
                (self._rank(word), code) for code, word in enumerate(self._words) if word
            )
            ranks = np.full(len(self._words), LAST, np.int64)
            for place, (_, code) in enumerate(keyed):
                ranks[code] = 2 * place
            self._ranked = ([key for key, _ in keyed], ranks)
        return self._ranked

    def _code(self, word: WordT) -> int:
        code = self._codes.get(word)
        if code is None:
            self._ranked = None
            if self._vacant:
                code = self._vacant.pop()
                self._words[code] = word
            else:
                code = len(self._words)
                self._words.append(word)
            self._codes[word] = code
        return code

    def _fit(self, devices: int, networks: int) -> None:
        width = next(each for each in _WIDTHS if len(self._words) - 1 <= np.iinfo(each).max)
        if np.iinfo(width).max > np.iinfo(self._column.dtype).max:
            self._column = self._column.astype(width)
        self._column = with_room(self._column, devices)
        rows, codes = self._totals.shape
        if networks > rows or len(self._words) > codes:
            larger = np.zeros((max(networks, rows), max(len(self._words), codes * 2)), np.int64)
            larger[:rows, :codes] = self._totals
            self._totals = larger

    def _vacate(self, codes: Ordinals) -> None:
        for code in codes[~self._totals[:, codes].any(axis=0)].tolist():
            word = self._words[code]
            if code >= self._kept and word is not None:
                del self._codes[word]
                self._words[code] = None
                self._vacant.append(code)
                self._ranked = None


def held(category: Category[WordT]) -> Iterator[tuple[int, WordT]]:
    """Yield each code that stands for something, with its word."""
    return ((code, word) for code, word in enumerate(category.words) if word is not None)
