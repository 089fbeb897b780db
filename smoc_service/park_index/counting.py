"""How many devices there are by the values of dimensions: a filter's counts, and the whole park's."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from smoc_service.park_index.categories import Category

TAG: Final = "tag"

CodeCounts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The devices of one dimension. A device that has no value there is counted under "", but not under tags."""

    # Largest first, those of the same size by value; nothing of which there is no device.
    values: tuple[tuple[str, int], ...]
    # There are more values than were asked for.
    cut: bool = False


def counted(
    dimension: str, words: Sequence[Any], counts: CodeCounts, at_most: int | None
) -> Counted:
    """Return the ``at_most`` largest of ``counts``, which has a number for the code of each of ``words``."""
    by_word: Iterable[tuple[str, int]]
    there = np.flatnonzero(counts)
    if dimension == TAG:
        by_tag: Counter[str] = Counter()
        for code, count in zip(there.tolist(), counts[there].tolist(), strict=True):
            by_tag.update(dict.fromkeys(words[code], count))
        by_word = by_tag.items()
    else:
        by_word = zip([words[code] for code in there.tolist()], counts[there].tolist(), strict=True)
    largest = sorted(by_word, key=lambda each: (-each[1], each[0]))
    return Counted(
        values=tuple(largest[:at_most]), cut=at_most is not None and len(largest) > at_most
    )


class Totals:
    """The counts of the whole park at one version of it, apart from the index and never changed."""

    def __init__(self, categories: Mapping[str, Category[Any]]) -> None:
        self._words = {name: list(each.words) for name, each in categories.items()}
        self._counts = {name: each.totals.copy() for name, each in categories.items()}

    def device_count(self, networks: Collection[str] | None) -> int:
        """Return how many devices there are in ``networks``; None: in all."""
        return int(self._of("network", networks).sum())

    def counts(
        self, dimensions: Iterable[str], networks: Collection[str] | None, at_most: int | None
    ) -> dict[str, Counted]:
        return {
            name: counted(name, self._words[name], self._of(name, networks), at_most)
            for name in dimensions
        }

    def by_network(self, dimension: str) -> dict[tuple[str, str], int]:
        """Return how many devices there are by (network, value)."""
        return {
            (network, word): count
            for network in self._words["network"]
            if network is not None
            for word, count in self.counts([dimension], [network], None)[dimension].values
        }

    def _of(self, dimension: str, networks: Collection[str] | None) -> CodeCounts:
        by_network = self._counts[dimension]
        if networks is not None:
            codes = [n for n, name in enumerate(self._words["network"]) if name in networks]
            by_network = by_network[[code for code in codes if code < len(by_network)]]
        total: CodeCounts = by_network.sum(axis=0)
        return total
