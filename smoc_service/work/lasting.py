"""Work that lasts longer than a call, as it is at one moment. No I/O, no clock, no chance."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final, Self

from smoc_service.who import Who

# One process at a time works on it. One that was killed, and does not come back, is waited for no longer than this.
LEASE: Final = timedelta(seconds=15)
# Work that no user resumes within this time ends.
UNFINISHED_AT_MOST: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that works: ``worker`` is its name after a restart, too, ``session`` is another one then."""

    worker: str
    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LastingWork:
    """What a job and an import have in common."""

    # The states in which a process works on it.
    AT_WORK: ClassVar[frozenset[StrEnum]]

    version: int
    state: StrEnum
    who: Who
    # The networks that it may touch; None: any. Only callers that may see all of them see it.
    networks: frozenset[str] | None
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None = None
    # The list of its parts; empty until it is made.
    list_id: str = ""
    # Which process works on it, in which session, and until when that holds.
    worker: str = ""
    session: str = ""
    lease_until: datetime | None = None

    @property
    def is_worked_on(self) -> bool:
        return self.state in self.AT_WORK

    def is_free_for(self, worker: str, now: datetime) -> bool:
        """Return whether ``worker`` may take it: no other holds it now. A restarted process is the same worker."""
        return self.worker in {"", worker} or self.lease_until is None or self.lease_until <= now

    def is_held_by(self, holder: Holder) -> bool:
        return (self.worker, self.session) == (holder.worker, holder.session)

    def has_lasted_too_long(self, now: datetime) -> bool:
        return self.ended_at is None and now - self.created_at > UNFINISHED_AT_MOST

    def after(self, now: datetime, **changes: Any) -> Self:
        """Return its next version, an update that people are shown."""
        return replace(self, version=self.version + 1, updated_at=now, **changes)

    def held(self, holder: Holder, now: datetime) -> Self:
        """Return it held by ``holder`` for a lease: no update that people are shown, nothing was done yet."""
        return replace(
            self,
            version=self.version + 1,
            worker=holder.worker,
            session=holder.session,
            lease_until=now + LEASE,
        )

    def let_go(self) -> Self:
        # The session stays: the next holder ends what was begun in it.
        return replace(self, version=self.version + 1, worker="", lease_until=None)
