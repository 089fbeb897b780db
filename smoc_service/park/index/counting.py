"""Counts of devices by the values of dimensions: for a filter, and for the whole park."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from smoc_service.park.index.categories import Category, CodeCounts

NETWORK: Final = "network"
AREA: Final = "area"
TAG: Final = "tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The devices of one dimension. A device that has no value there is counted under "", but not under tags."""

    # Largest first, those of the same size by value; nothing of which there is no device.
    values: tuple[tuple[str, int], ...]
    # There are more values than requested.
    cut: bool = False


def counted(
    dimension: str, words: Sequence[Any], counts: CodeCounts, at_most: int | None
) -> Counted:
    """Return the ``at_most`` largest of ``counts``, which has a number for the code of each of ``words``."""
    by_word: Iterable[tuple[str, int]]
    there = np.flatnonzero(counts)
    numbers = counts[there].tolist()
    found = [words[code] for code in there.tolist()]
    if dimension == TAG:
        by_tag: Counter[str] = Counter()
        for tags, number in zip(found, numbers, strict=True):
            by_tag.update(dict.fromkeys(tags, number))
        by_word = by_tag.items()
    else:
        by_word = zip(found, numbers, strict=True)
    largest = sorted(by_word, key=lambda each: (-each[1], each[0]))
    return Counted(
        values=tuple(largest[:at_most]), cut=at_most is not None and len(largest) > at_most
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    words: list[Any]
    # By network and word.
    counts: npt.NDArray[np.int64]


class Totals:
    """The counts of the whole park at one version of it, apart from the index and never changed."""

    def __init__(self, categories: Mapping[str, Category]) -> None:
        self._kept = {
            name: _Kept(
                words=list(category.parts[name].words),
                counts=np.array(
                    [category.of_part(name, each) for each in category.totals], dtype=np.int64
                ),
            )
            for name, category in categories.items()
        }

    def device_count(self, networks: Collection[str] | None) -> int:
        """Return how many devices there are in ``networks``; None: in all."""
        return int(self._of(NETWORK, networks).sum())

    def counts(
        self, dimensions: Iterable[str], networks: Collection[str] | None, at_most: int | None
    ) -> dict[str, Counted]:
        return {
            name: counted(name, self._kept[name].words, self._of(name, networks), at_most)
            for name in dimensions
        }

    def by_network(self, dimension: str) -> dict[tuple[str, str], int]:
        """Return how many devices there are by (network, value)."""
        return {
            (network, word): count
            for network in self._kept[NETWORK].words
            for word, count in self.counts([dimension], [network], None)[dimension].values
        }

    def _of(self, dimension: str, networks: Collection[str] | None) -> CodeCounts:
        counts = self._kept[dimension].counts
        if networks is not None:
            names = self._kept[NETWORK].words[: len(counts)]
            counts = counts[[code for code, name in enumerate(names) if name in networks]]
        total: CodeCounts = counts.sum(axis=0)
        return total
