"""A column of combinations of words: a small number per device, and the meaning of the numbers.

Words that depend on each other (the facets of a device; facts of its type) lie in one column, because there are far
fewer combinations than devices: a filter on several of them is one pass, and so are the counts of all.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from smoc_service.park.index.arrays import Mask, Numbers, Ordinals, with_room
from smoc_service.park.index.parts import Part

Combination = tuple[Hashable, ...]
# For each code of a part, how many devices.
CodeCounts = npt.NDArray[np.int64]

# Up to so many codes are compared one by one, which the processor does for many devices at once; more are looked up.
_COMPARED_AT_MOST = 12
_WIDTHS: Final = (np.uint8, np.uint16, np.uint32)


class Category:
    """Combinations, and how many devices of each network have each.

    A combination that no device has any more gives its number to the next new one: there are never more combinations
    than devices.
    """

    def __init__(self, parts: Mapping[str, Part[Any]]) -> None:
        self.parts = parts
        self._combinations: list[Combination | None] = []
        self._codes: dict[Combination, int] = {}
        self._vacant: list[int] = []
        self._column: npt.NDArray[Any] = np.zeros(0, np.uint8)
        # How many devices, by network and code.
        self._totals = np.zeros((1, 1), np.int64)

    @property
    def totals(self) -> npt.NDArray[np.int64]:
        """How many devices, by network's code and code."""
        return self._totals[:, : len(self._combinations)]

    def codes(self, combinations: Sequence[Combination]) -> Ordinals:
        """Return the numbers of ``combinations``, each new one's own."""
        return np.array([self._code(each) for each in combinations], dtype=np.intp)

    def put(self, ordinals: Ordinals, codes: Ordinals, networks: Numbers, known: Mask) -> None:
        """Give each of ``ordinals`` its code; ``known`` are those that had one before, in the same network."""
        self._fit(int(ordinals.max()) + 1, int(networks.max()) + 1)
        before = self._column[ordinals[known]].astype(np.intp)
        np.subtract.at(self._totals, (networks[known], before), 1)
        np.add.at(self._totals, (networks, codes), 1)
        self._column[ordinals] = codes
        if len(before):
            self._vacate(np.unique(before))

    def at(self, ordinals: Ordinals) -> Ordinals:
        """Return the code of each of ``ordinals``."""
        return self._column[ordinals].astype(np.intp)

    def drop(self, ordinals: Ordinals, networks: Numbers) -> None:
        """Count none of ``ordinals`` any more; should one come back, it is not known."""
        np.subtract.at(self._totals, (networks, self.at(ordinals)), 1)

    def mask(self, wanted: Mapping[str, Sequence[int]], count: int) -> Mask:
        """Return which of the first ``count`` devices have, of each part that is named, any of the codes."""
        allowed = np.ones(len(self._combinations), np.bool_)
        for name, codes in wanted.items():
            part = self.parts[name]
            fits = np.zeros(len(part.words), np.bool_)
            fits[list(codes)] = True
            allowed &= fits[part.of(len(self._combinations))]
        allowed &= self.totals.any(axis=0)
        column = self._column[:count]
        found = np.flatnonzero(allowed)
        if len(found) > _COMPARED_AT_MOST:
            return np.take(allowed, column)
        mask = np.zeros(count, np.bool_)
        for code in found.tolist():
            mask |= column == code
        return mask

    def counts(self, ordinals: Ordinals) -> CodeCounts:
        """Return how many of ``ordinals`` have each combination."""
        return np.bincount(self._column[ordinals], minlength=len(self._combinations))

    def of_part(self, name: str, counts: CodeCounts) -> CodeCounts:
        """Return the counts of one part's words, of those of the combinations."""
        part = self.parts[name]
        of = part.of(len(counts))
        found = np.bincount(of, weights=counts, minlength=len(part.words))
        return found.astype(np.int64)

    def values(self, name: str, ordinals: Ordinals) -> Numbers:
        """Return the code of one part's word for each of ``ordinals``."""
        found: Numbers = self.parts[name].of(len(self._combinations))[self._column[ordinals]]
        return found

    def word(self, name: str, ordinal: int) -> Any:
        part = self.parts[name]
        return part.words[int(part.of(len(self._combinations))[int(self._column[ordinal])])]

    def ranks(self, name: str, ordinals: Ordinals, *, descending: bool) -> Numbers:
        """Return numbers that sort ``ordinals`` by one part's words."""
        ranks = self.parts[name].ranks(len(self._combinations), descending=descending)
        found: Numbers = ranks[self._column[ordinals]]
        return found

    def _code(self, combination: Combination) -> int:
        code = self._codes.get(combination)
        if code is None:
            if self._vacant:
                code = self._vacant.pop()
                self._combinations[code] = combination
            else:
                code = len(self._combinations)
                self._combinations.append(combination)
            self._codes[combination] = code
            for part, word in zip(self.parts.values(), combination, strict=True):
                part.bind(code, word)
        return code

    def _fit(self, devices: int, networks: int) -> None:
        codes = len(self._combinations)
        width = next(each for each in _WIDTHS if codes - 1 <= np.iinfo(each).max)
        if np.iinfo(width).max > np.iinfo(self._column.dtype).max:
            self._column = self._column.astype(width)
        self._column = with_room(self._column, devices)
        rows, room = self._totals.shape
        if networks > rows or codes > room:
            larger = np.zeros((max(networks, rows), max(codes, room * 2)), np.int64)
            larger[:rows, :room] = self._totals
            self._totals = larger

    def _vacate(self, codes: Ordinals) -> None:
        for code in codes[~self._totals[:, codes].any(axis=0)].tolist():
            combination = self._combinations[code]
            if combination is not None:
                del self._codes[combination]
                self._combinations[code] = None
                self._vacant.append(code)
                for part in self.parts.values():
                    part.release(code)
