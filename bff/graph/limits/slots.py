"""How many subscriptions are open, in this process and for one user."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bff.failures import Code, Failure


@dataclass(eq=False, slots=True)
class Slot:
    """One open subscription. ``leave`` ends the stream that it reads from."""

    leave: Callable[[], object] | None = None


class SubscriptionSlots:
    """Each open subscription takes one; ``close`` lets all of them go, and no more in."""

    def __init__(self, *, at_most: int, per_user: int) -> None:
        self.at_most = at_most
        self._per_user = per_user
        self._open: set[Slot] = set()
        self._of_user: Counter[str] = Counter()
        self.closed = False

    def close(self) -> None:
        self.closed = True
        for slot in tuple(self._open):
            if slot.leave is not None:
                slot.leave()

    @property
    def taken(self) -> int:
        return len(self._open)

    @contextmanager
    def one(self, user: str) -> Iterator[Slot]:
        """Take a slot while the block lasts; raise Failure when there is none."""
        if self.closed:
            raise stopping()
        if self.taken >= self.at_most:
            raise Failure(
                Code.UNAVAILABLE, f"{self.at_most} subscriptions already, no more are served"
            )
        if self._of_user[user] >= self._per_user:
            raise Failure(
                Code.UNAVAILABLE,
                f"{self._per_user} subscriptions of yours already, end one of them",
            )
        slot = Slot()
        self._open.add(slot)
        self._of_user[user] += 1
        try:
            yield slot
        finally:
            self._open.discard(slot)
            self._of_user -= Counter({user: 1})


def stopping() -> Failure:
    return Failure(
        Code.UNAVAILABLE, "this process is stopping: subscribe again from the last position"
    )
