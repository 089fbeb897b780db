"""What was found in the databases and at the broker, in the shapes that the checker compares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a commit, or an entry of a timeline: the code, and when it happened.

    What the hub concluded has no code; ``at`` is None then, as journal and timeline name its time differently.
    """

    code: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit of the journal. ``message_id`` is empty for what the hub concluded by itself."""

    device_id: str
    revision: int
    report_id: str
    message_id: str
    events: tuple[Event, ...]
    # Values by the name of the facet, after the commit.
    facets: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A device as the register shows it."""

    revision: int
    facets: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PutAside:
    """A quarantined message: every UUID that stands in it, as its MessageID may be unreadable."""

    quarantine_id: str
    reason: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All of it. Keys of ``entries`` are (revision, index)."""

    commits: Mapping[str, list[Commit]] = field(default_factory=dict)
    heads: Mapping[str, int] = field(default_factory=dict)
    shown: Mapping[str, Shown] = field(default_factory=dict)
    entries: Mapping[str, Mapping[tuple[int, int], Event]] = field(default_factory=dict)
    # (device id, rule) of alarms that are not resolved.
    alarms: tuple[tuple[str, str], ...] = ()
    put_aside: tuple[PutAside, ...] = ()
    # Messages that wait in the queues of the sources, and in their dead-letter queues.
    queued: int = 0
    dead: int = 0
