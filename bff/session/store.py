"""The sessions of this process: in memory, limited in number, per user, by idle time and by age.

They are lost with the process, and other processes do not know them: behind a balancer a browser has to come back to
the replica where it logged in (docs/operations.md). A lost session costs a login; while the provider's own session
lasts, it asks the user nothing.
"""

import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

import structlog

from bff.session.session_tokens import SessionTokens

log = structlog.get_logger()


class Stream(Protocol):
    """An answer that is still coming in."""

    def close(self) -> None: ...


@dataclass(slots=True, kw_only=True, eq=False)
class Session:
    """One browser of one user. Moments are seconds of the store's clock."""

    subject: str
    username: str
    tokens: SessionTokens
    ends_at: float
    idle_at: float
    key: bytes = field(repr=False)
    csrf_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    # They end with the session.
    streams: set[Stream] = field(default_factory=set)
    over: bool = False

    def close_streams(self) -> None:
        for stream in list(self.streams):
            stream.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many sessions there may be, and for how long."""

    at_most: int
    per_person: int
    idle_seconds: float
    life_seconds: float


class SessionStore:
    """Keeps sessions under a hash of the number in the cookie, so a reader of these keys gets no cookie."""

    def __init__(self, bounds: Bounds, *, clock: Callable[[], float]) -> None:
        self._bounds = bounds
        self._clock = clock
        # The longest idle one first.
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()
        self._of_person: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._sessions)

    @property
    def stream_count(self) -> int:
        """How many streams of all sessions are open."""
        return sum(len(session.streams) for session in self._sessions.values())

    def open(self, *, subject: str, username: str, tokens: SessionTokens) -> tuple[str, Session]:
        """Begin a session with a new random number; return the number for the cookie, too.

        When there are too many, the session that was idle longest ends: of this user first, else of all.
        """
        self._end_idle_ones()
        number = secrets.token_urlsafe(32)
        now = self._clock()
        session = Session(
            subject=subject,
            username=username,
            tokens=tokens,
            ends_at=now + self._bounds.life_seconds,
            idle_at=now + self._bounds.idle_seconds,
            key=_key(number),
        )
        if self._of_person[subject] >= self._bounds.per_person:
            oldest = next(one for one in self._sessions.values() if one.subject == subject)
            self.end(oldest, why="too many sessions of this user")
        while len(self._sessions) >= self._bounds.at_most:
            self.end(next(iter(self._sessions.values())), why="too many sessions")
        self._sessions[session.key] = session
        self._of_person[subject] += 1
        return number, session

    def find(self, number: str | None) -> Session | None:
        """Return the session behind a cookie's number, which is in use by that; None when there is none (any more)."""
        if number is None:
            return None
        session = self._sessions.get(_key(number))
        if session is None:
            return None
        now = self._clock()
        if now >= min(session.ends_at, session.idle_at):
            self.end(session, why="its time is over")
            return None
        session.idle_at = now + self._bounds.idle_seconds
        self._sessions.move_to_end(session.key)
        return session

    def end(self, session: Session, *, why: str) -> None:
        """Forget it, and end what it has under way; once more is nothing."""
        if self._sessions.pop(session.key, None) is None:
            return
        self._of_person[session.subject] -= 1
        if not self._of_person[session.subject]:
            del self._of_person[session.subject]
        session.over = True
        session.close_streams()
        log.info("session ended", username=session.username, subject=session.subject, why=why)

    def close_streams(self) -> None:
        """Release all listeners, as the process is about to end."""
        for session in self._sessions.values():
            session.close_streams()

    def _end_idle_ones(self) -> None:
        now = self._clock()
        while self._sessions:
            session = next(iter(self._sessions.values()))
            if now < session.idle_at:
                return
            self.end(session, why="idle")


def _key(number: str) -> bytes:
    return sha256(number.encode()).digest()
