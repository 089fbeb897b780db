"""Places that are held for a while: limited in number, in all and per name. The table is as large as what is held."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class NoPlace(Exception):
    """All are taken; the text is empty, or says that they are those of one name."""


class Places:
    def __init__(self, *, at_most: int, each: int) -> None:
        self._at_most = at_most
        self._each = each
        self._held: Counter[str] = Counter()

    @contextmanager
    def one(self, name: str) -> Iterator[None]:
        """Hold one while the block lasts; raise NoPlace when there is none."""
        if self._held.total() >= self._at_most:
            raise NoPlace
        if self._held[name] >= self._each:
            raise NoPlace(" of yours")
        self._held[name] += 1
        try:
            yield
        finally:
            self._held -= Counter({name: 1})
