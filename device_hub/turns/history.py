"""What a turn needs from the journal: the history of one device, its cached state, and commits.

`device_hub.journal.journal` is the one in MongoDB; a test has one in memory.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from device_hub.device.events import Event
from device_hub.device.state import INITIAL, Device


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a report came from, kept with its commit for the auditor. Decides nothing."""

    source: str = ""
    message_id: str = ""
    correlation_id: str = ""
    verb: str = ""
    noun: str = ""
    message_at: datetime | None = None
    index: int = 0
    # Of the message's trace, if that is recorded; older commits have none, and older hubs pass it over.
    traceparent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The cached state of a device between turns; never the truth."""

    device: Device = INITIAL
    revision: int = 0
    # Of the commit at `revision`; empty: it has none. Evidence, no part of what the device is.
    seal: bytes = field(default=b"", compare=False)


NOTHING_REMEMBERED: Final = Memory()


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What one report did to one device: one document of the journal. ``after`` is the device after it.

    ``before``: the seal of the commit before it; of a chain only the first one has it.
    """

    device_id: str
    revision: int
    report_id: str
    events: Sequence[Event]
    after: Device
    origin: Origin | None = None
    before: bytes = field(default=b"", compare=False)


class AlreadyCommitted(Exception):
    """This very report was committed before, at ``revision``; its effect stands."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"already committed at revision {revision}")
        self.revision = revision


class HistoryMoved(Exception):
    """Another writer committed this revision first: recall and decide again."""


class CommitRefused(Exception):
    """The journal can never hold this commit (it is too large, for example)."""


@dataclass(frozen=True, slots=True)
class Stored:
    """How far a chain came: its first ``count`` commits are stored for good; ``stop`` says why the next is not.

    ``stop`` is None when all are stored, else AlreadyCommitted, HistoryMoved, CommitRefused, or any other error, which
    means: not known, ask again. Behind the one that stopped, no commit of the chain is stored. ``seal`` is that of the
    last one that is stored.
    """

    count: int
    stop: Exception | None = None
    seal: bytes = field(default=b"", compare=False)


class History(Protocol):
    """The journal, as a turn needs it. Any error that is raised means: not known, ask again."""

    async def newest(self, device_id: str, after_revision: int) -> Memory | None:
        """Return the device at its newest revision, or None when there is none after ``after_revision``."""
        ...

    async def find(self, device_id: str, report_ids: Collection[str]) -> Mapping[str, int]:
        """Return the revision of each of the reports that was committed."""
        ...

    async def commit(self, chain: Sequence[Commit]) -> Stored:
        """Store commits of one device, of consecutive revisions, in order; return how far that came."""
        ...
