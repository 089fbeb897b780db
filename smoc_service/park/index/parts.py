"""One part of combinations of words: its words, and which of them each combination holds."""

from bisect import bisect_left
from collections.abc import Callable, Hashable
from typing import Any, Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from smoc_service.park.index.arrays import Numbers, with_room

WordT = TypeVar("WordT", bound=Hashable)

# The rank of an absent value, in both directions: last.
LAST: Final = 1 << 40


class Part(Generic[WordT]):
    """A word that no combination holds any more gives its number to the next new one."""

    def __init__(self, rank: Callable[[WordT], Any]) -> None:
        self._rank = rank
        self._words: list[WordT | None] = []
        self._codes: dict[WordT, int] = {}
        # In how many combinations each word is.
        self._uses: list[int] = []
        self._vacant: list[int] = []
        # The word's code, by the combination's.
        self._of = np.zeros(0, np.uint32)
        self._ranked: tuple[list[Any], Numbers] | None = None

    @property
    def words(self) -> list[WordT | None]:
        """The word of each code; None for an unused code. Callers must not change it."""
        return self._words

    def of(self, combinations: int) -> npt.NDArray[np.uint32]:
        """Return the code of the word in each of the first ``combinations``."""
        return self._of[:combinations]

    def bind(self, combination: int, word: WordT) -> None:
        """Let a new combination hold ``word``."""
        code = self._codes.get(word)
        if code is None:
            self._ranked = None
            if self._vacant:
                code = self._vacant.pop()
                self._words[code] = word
            else:
                code = len(self._words)
                self._words.append(word)
                self._uses.append(0)
            self._codes[word] = code
        self._uses[code] += 1
        self._of = with_room(self._of, combination + 1)
        self._of[combination] = code

    def release(self, combination: int) -> None:
        """Let a combination be forgotten."""
        code = int(self._of[combination])
        self._uses[code] -= 1
        word = self._words[code]
        if self._uses[code] == 0 and word is not None:
            del self._codes[word]
            self._words[code] = None
            self._vacant.append(code)
            self._ranked = None

    def code(self, word: WordT) -> int | None:
        return self._codes.get(word)

    def ranks(self, combinations: int, *, descending: bool) -> Numbers:
        """Return numbers that sort combinations by their words; what has none is last in both directions."""
        ranks = self._all_ranks()[1]
        if descending:
            ranks = np.where(ranks == LAST, LAST, -ranks)
        found: Numbers = ranks[self.of(combinations)]
        return found

    def rank_of(self, word: WordT, *, descending: bool) -> int:
        """Return the rank of a word that is here, or was: then it lies between those of its neighbours."""
        if not word:
            return LAST
        keys = self._all_ranks()[0]
        key = self._rank(word)
        place = bisect_left(keys, key)
        is_here = place < len(keys) and keys[place] == key
        rank = 2 * place if is_here else 2 * place - 1
        return -rank if descending else rank

    def _all_ranks(self) -> tuple[list[Any], Numbers]:
        if self._ranked is None:
            keyed = sorted((self._rank(word), code) for word, code in self._codes.items() if word)
            ranks = np.full(len(self._words), LAST, np.int64)
            for place, (_, code) in enumerate(keyed):
                ranks[code] = 2 * place
            self._ranked = ([key for key, _ in keyed], ranks)
        return self._ranked
