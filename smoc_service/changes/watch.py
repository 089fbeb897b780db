"""Watching changes: each watcher reads the recent changes that this process holds for all, at its own speed.

Nothing is queued. For a slow watcher at most one piece of 50 changes waits. A watcher that falls behind the ring reads
from the database's log. One that stays away longer than the log reaches back gets PositionTooOld, and lists again.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from service_chassis.pages import seal, unseal
from smoc_service.changes.recent import Change, RecentChanges, point_of
from smoc_service.errors import (
    PositionInvalid,
    TooManyWatchers,
    WatchClosed,
    WatchInterrupted,
)

SIGN_OF_LIFE_SECONDS: Final = 3.0
# So one caller cannot take all places.
OF_ONE_CALLER_AT_MOST: Final = 100
_PATIENCE_SECONDS: Final = 5.0

ItemT = TypeVar("ItemT")
ItemT_contra = TypeVar("ItemT_contra", contravariant=True)


class Visible(Protocol[ItemT_contra]):
    """What a caller selects and may see."""

    def fits(self, item: ItemT_contra, /) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchAnswer(Generic[ItemT]):
    # None in the first answer and in signs of life.
    item: ItemT | None
    position: str
    # Of the trace that the change belongs to, if that is recorded.
    traceparent: str = ""


class Watchers:
    """All watchers and readers of long streams: limited in number, in all and per caller, until the process stops."""

    def __init__(
        self,
        at_most: int,
        of_one_caller_at_most: int = OF_ONE_CALLER_AT_MOST,
        called: str = "watches",
    ) -> None:
        self._at_most = at_most
        self._called = called
        self._of_one_caller_at_most = of_one_caller_at_most
        # By the subject of their callers' tokens.
        self._counts: Counter[str] = Counter()
        self.is_closed = False

    @property
    def count(self) -> int:
        return self._counts.total()

    @contextmanager
    def one_more(self, subject: str) -> Iterator[None]:
        """Raise ``TooManyWatchers``."""
        if self._counts.total() >= self._at_most:
            raise TooManyWatchers(
                f"{self._counts.total()} {self._called} already, no more are served"
            )
        if self._counts[subject] >= self._of_one_caller_at_most:
            raise TooManyWatchers(f"{self._counts[subject]} {self._called} of this caller already")
        self._counts[subject] += 1
        try:
            yield
        finally:
            self._counts[subject] -= 1
            if not self._counts[subject]:
                del self._counts[subject]

    def check_open(self) -> None:
        """Raise ``WatchClosed`` when this process stops."""
        if self.is_closed:
            raise WatchClosed("this process is stopping, resume from the last position")


class Watch(Generic[ItemT]):
    """Shows ``changes`` to ``watchers``; ``purpose`` keeps its positions apart from those of other watches."""

    def __init__(
        self,
        changes: RecentChanges[ItemT],
        watchers: Watchers,
        purpose: str,
        sign_of_life_seconds: float = SIGN_OF_LIFE_SECONDS,
    ) -> None:
        self._changes = changes
        self._watchers = watchers
        self._purpose = purpose
        self._sign_of_life_seconds = sign_of_life_seconds

    async def follow(
        self, visible: Visible[ItemT], position: str, subject: str
    ) -> AsyncGenerator[WatchAnswer[ItemT]]:
        """Yield a position, then each changed item that fits, from ``position`` or from now on, for ever.

        An item is shown as it was at the change. Without changes the position is sent from time to time; it moves on
        with the database's log, so a watcher that waits long for a rare change can still resume.

        Raises:
            TooManyWatchers: at once; try again later.
            PositionInvalid: at once; the position was not made by this service.
            PositionTooOld: at once or later; list again, then watch without position.
            WatchInterrupted: the database is in trouble; resume from the last position.
            WatchClosed: this process stops; resume from the last position.
        """
        with self._watchers.one_more(subject):
            reader = await self._reader(position)
            told = reader.token if position else point_of(reader.token)
            piece = await reader.piece()
            yield self._answer(None, told)
            clock = asyncio.get_running_loop().time
            told_at = clock()
            while True:
                for change in piece:
                    if visible.fits(change.item):
                        told = change.token
                        yield self._answer(change.item, told, change.traceparent)
                        told_at = clock()
                if clock() - told_at >= self._sign_of_life_seconds:
                    # Where the reader is may be a change that the watcher must not know of.
                    told = max(told, point_of(reader.token))
                    yield self._answer(None, told)
                    told_at = clock()
                self._watchers.check_open()
                if piece:
                    # A watcher with much to catch up on does not delay the others.
                    await asyncio.sleep(0)
                elif self._changes.is_following:
                    await self._changes.moved(told_at + self._sign_of_life_seconds - clock())
                else:
                    raise _interrupted()
                piece = await reader.piece()

    async def _reader(self, position: str) -> "_Reader[ItemT]":
        if position:
            token = unseal(self._purpose, position) or ""
            try:
                point_of(token)
            except ValueError:
                raise PositionInvalid("not a position that this watch gave") from None
            # Always tried on the database's own log first, which knows whether it ever held such a token.
            return _Reader(self._changes, token, None)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while not self._changes.head:
                    await self._changes.moved(_PATIENCE_SECONDS)
        except TimeoutError:
            raise _interrupted() from None
        head = self._changes.head
        return _Reader(self._changes, head, self._changes.place_after(head))

    def _answer(self, item: ItemT | None, token: str, traceparent: str = "") -> WatchAnswer[ItemT]:
        return WatchAnswer(item=item, position=seal(self._purpose, token), traceparent=traceparent)


class _Reader(Generic[ItemT]):
    """How far one watcher has read."""

    def __init__(self, changes: RecentChanges[ItemT], token: str, place: int | None) -> None:
        self._changes = changes
        # Number of the next change in the ring; None: read the log.
        self._place = place
        # Everything up to it was read; it may name what the watcher must not know of.
        self.token = token

    async def piece(self) -> Sequence[Change[ItemT]]:
        """Return the changes that follow, at most a piece of them; none: nothing is new. Raises ``PositionTooOld``."""
        while True:
            held = None if self._place is None else self._changes.piece(self._place)
            if self._place is None or held is None:
                found, self.token = await self._changes.from_log(self.token)
                self._place = self._changes.place_after(self.token)
                if found or self._place is None:
                    return found
            elif held:
                self._place += len(held)
                # The log may have been ahead of those held.
                if new := [change for change in held if change.token > self.token]:
                    self.token = new[-1].token
                    return new
            else:
                self.token = max(self.token, self._changes.head)
                return ()


def _interrupted() -> WatchInterrupted:
    return WatchInterrupted("the database is in trouble, resume from the last position")
