"""A hop: one step of the chain. The part of the program that takes the step notes its progress here."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bearer_tokens.admission import Denied

_LONGEST_DETAIL = 300
_QUIET = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What blocks a hop: met ``count`` times since ``since``, not yet overcome."""

    since: datetime
    last: datetime
    count: int
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HopFacts:
    """A hop at one moment. ``waiting_since`` is None when nothing waits, ``last_done_at`` when nothing was done yet."""

    name: str
    peer: str = ""
    waiting_count: int = 0
    waiting_since: datetime | None = None
    last_done_at: datetime | None = None
    done_count: int = 0
    trouble: Trouble | None = None
    denials: Sequence[Denied] = ()
    detail: str = ""
    destinations: Sequence[str] = ()
    waits_for_person: bool = False


class Hop:
    """Notes for one hop. Cheap enough for each batch. The part that works bounds what is under way."""

    def __init__(self, name: str, *, peer: str, now: Callable[[], datetime]) -> None:
        self._name = name
        self._peer = peer
        self._now = now
        self._denials: list[Callable[[], Denied | None]] = []
        self._tickets = itertools.count()
        # In the order in which they came: the first one is the oldest.
        self._under_way: dict[int, tuple[datetime, int]] = {}
        self._waiting_count = 0
        self._last_done_at: datetime | None = None
        self._done_count = 0
        self._trouble: Trouble | None = None

    def watch(self, denied: Callable[[], Denied | None]) -> None:
        """Call ``denied`` each time the facts are requested."""
        self._denials.append(denied)

    def under_way(self, count: int = 1) -> "UnderWay":
        """Count ``count`` as waiting while a block lasts; `did` notes whether they were done."""
        return UnderWay(self, count)

    def begin(self, count: int) -> int:
        """Count ``count`` as waiting from now until `end`; return the ticket for that."""
        ticket = next(self._tickets)
        self._under_way[ticket] = (self._now(), count)
        self._waiting_count += count
        return ticket

    def end(self, ticket: int) -> None:
        """What was begun does not wait any more."""
        _, count = self._under_way.pop(ticket)
        self._waiting_count -= count

    def did(self, count: int = 1) -> None:
        """Note that ``count`` were done: nothing blocks the hop any more."""
        self._last_done_at = self._now()
        self._done_count += count
        self._trouble = None

    def troubled(self, detail: str, remedy: str = "") -> None:
        """Note what blocks the hop; it began with the first such note since something was done."""
        at, before = self._now(), self._trouble
        self._trouble = Trouble(
            since=before.since if before else at,
            last=at,
            count=before.count + 1 if before else 1,
            detail=detail[:_LONGEST_DETAIL],
            remedy=remedy,
        )

    def well(self) -> None:
        """Note that nothing blocks the hop, although there was nothing to do."""
        self._trouble = None

    def facts(self) -> HopFacts:
        oldest = next(iter(self._under_way.values()), None)
        return HopFacts(
            name=self._name,
            peer=self._peer,
            waiting_count=self._waiting_count,
            waiting_since=oldest[0] if oldest else None,
            last_done_at=self._last_done_at,
            done_count=self._done_count,
            trouble=self._trouble,
            denials=[denied for each in self._denials if (denied := each()) is not None],
        )


class UnderWay:
    """A block of `Hop.under_way`; a class, as there is one for each message."""

    __slots__ = ("_count", "_hop", "_ticket")

    def __init__(self, hop: Hop, count: int) -> None:
        self._hop = hop
        self._count = count
        self._ticket = -1

    def __enter__(self) -> None:
        self._ticket = self._hop.begin(self._count)

    def __exit__(self, *_: object) -> None:
        self._hop.end(self._ticket)


class Pulse:
    """A part that runs in short rounds for ever. When a round takes too long, the part hangs."""

    def __init__(
        self, name: str, *, peer: str, now: Callable[[], datetime], quiet: timedelta = _QUIET
    ) -> None:
        self._name = name
        self._peer = peer
        self._now = now
        self._quiet = quiet
        self._started_at = now()
        self._beat_at: datetime | None = None

    def beat(self, at: datetime | None = None) -> None:
        """Note a round; give ``at`` when what it saw is older than now."""
        self._beat_at = at or self._now()

    def facts(self, detail: str = "") -> HopFacts:
        since = self._beat_at or self._started_at
        hangs = self._now() - since > self._quiet
        return HopFacts(
            name=self._name,
            peer=self._peer,
            waiting_count=1 if hangs else 0,
            waiting_since=since if hangs else None,
            last_done_at=self._beat_at,
            detail=detail,
        )
