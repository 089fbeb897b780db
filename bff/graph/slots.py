"""How many subscriptions are open, in this process and for one user."""

from asyncio import Event
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from bff.graph.failures import Code, Failure


class SubscriptionSlots:
    """Each open subscription takes one; ``close`` lets all of them go."""

    def __init__(self, *, at_most: int, per_user: int) -> None:
        self._at_most = at_most
        self._per_user = per_user
        self._taken: Counter[str] = Counter()
        self.closing = Event()

    def close(self) -> None:
        self.closing.set()

    @property
    def taken(self) -> int:
        return self._taken.total()

    @contextmanager
    def one(self, user: str) -> Iterator[None]:
        """Take a slot while the block lasts; raise Failure when there is none."""
        if self.taken >= self._at_most:
            raise Failure(
                Code.UNAVAILABLE, f"{self._at_most} subscriptions already, no more are served"
            )
        if self._taken[user] >= self._per_user:
            raise Failure(
                Code.UNAVAILABLE,
                f"{self._per_user} subscriptions of yours already, end one of them",
            )
        self._taken[user] += 1
        try:
            yield
        finally:
            self._taken[user] -= 1
            if not self._taken[user]:
                del self._taken[user]
