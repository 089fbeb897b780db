"""Choices: made from a seed, or taken from a list; and how a list that fails is made short."""

import random
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType


class Choices:
    """``taken`` is what was chosen, in order.

    Without a seed all choices are harmless (0), but those of the list ``follow``, or those ``at`` some places.
    """

    def __init__(
        self,
        seed: int | None = None,
        follow: Sequence[int] = (),
        at: Mapping[int, int] = MappingProxyType({}),
    ) -> None:
        self.taken: list[int] = []
        self._random = None if seed is None else random.Random(seed)  # noqa: S311 - no secret
        self._follow = follow
        self._at = at

    def pick(self, count: int) -> int:
        """Return a number from 0 to below ``count``."""
        if count <= 1:
            return 0
        if self._random is not None:
            chosen = int(self._random.random() * count)
        else:
            place = len(self.taken)
            wanted = self._follow[place] if place < len(self._follow) else self._at.get(place, 0)
            chosen = wanted % count
        self.taken.append(chosen)
        return chosen

    def one_in(self, count: int) -> bool:
        """Return whether something happens that happens once in ``count`` times."""
        return self.pick(count) == count - 1


def shrunk(choices: Sequence[int], fails: Callable[[Sequence[int]], bool]) -> list[int]:
    """Return a list that still fails, and in which hardly a choice could be dropped or made harmless."""
    best = list(choices)
    size = max(1, len(best) // 2)
    while size:
        at = 0
        while at < len(best):
            without = best[:at] + best[at + size :]
            harmless = best[:at] + [0] * len(best[at : at + size]) + best[at + size :]
            if fails(without):
                best = without
            elif any(best[at : at + size]) and fails(harmless):
                best = harmless
                at += size
            else:
                at += size
        size //= 2
    while best and best[-1] == 0:
        best.pop()
    return best
