"""An import of a shipment file at one moment, and its states.

    state       append  check     run       pause    resume   cancel
    UPLOADING   more    CHECKING  refused   refused  refused  CANCELLED
    CHECKING    refused -         refused   refused  refused  CANCELLED     then CHECKED or UNREADABLE
    CHECKED     refused -         RUNNING   refused  refused  CANCELLED
    UNREADABLE  refused -         refused   refused  refused  refused
    RUNNING     refused -         -         PAUSED*  -        CANCELLED*    then DONE
    PAUSED      refused -         refused   -        RUNNING  CANCELLED
    DONE        refused -         -         refused  refused  refused
    CANCELLED   refused refused   refused   refused  refused  -

``-``: it is so already. ``*``: after the rows in hand, the wish is kept until then.

Rows lie in parts, in the order of the file. Parts are sent in that order, a few at once, and settled in that order: so
``next_part`` says what is done. ``sent_until`` is stored before a part is sent: the parts between the two are in hand,
and after a kill they are sent again, because nobody knows what became of them. Every row has a report id of its own, so
it counts once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from smoc_service.work.lasting import LastingWork

CHUNKS_AT_MOST: Final = 1_000
# Rows that lie, and travel to device_hub, together.
PART: Final = 500
# Parts that are on their way at once.
IN_HAND: Final = 2


class State(StrEnum):
    UPLOADING = "UPLOADING"
    CHECKING = "CHECKING"
    CHECKED = "CHECKED"
    UNREADABLE = "UNREADABLE"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


ENDED: Final = frozenset({State.UNREADABLE, State.DONE, State.CANCELLED})


_SPOKEN: Final = {
    State.UPLOADING: "waiting for its content",
    State.CHECKING: "being checked",
    State.CHECKED: "checked",
    State.UNREADABLE: "unreadable",
    State.RUNNING: "running",
    State.PAUSED: "paused",
    State.DONE: "done",
    State.CANCELLED: "cancelled",
}


class Verdict(StrEnum):
    """The verdict on one row."""

    READY = "READY"
    IMPORTED = "IMPORTED"
    UNCHANGED = "UNCHANGED"
    REFUSED = "REFUSED"
    SKIPPED = "SKIPPED"


class Wish(StrEnum):
    """What is to happen as soon as no row is in work."""

    NONE = ""
    PAUSE = "PAUSE"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """``attributes``: what it says, in the hub's words; dropped when the row has its last verdict."""

    line: int
    # Empty when the row does not say it well enough.
    device_id: str
    verdict: Verdict
    detail: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    ready: int = 0
    imported: int = 0
    unchanged: int = 0
    refused: int = 0
    skipped: int = 0

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Counts":
        counted = dict.fromkeys(Verdict, 0)
        for row in rows:
            counted[row.verdict] += 1
        return cls(**{verdict.value.lower(): count for verdict, count in counted.items()})

    @property
    def total(self) -> int:
        return self.ready + self.imported + self.unchanged + self.refused + self.skipped

    def plus(self, other: "Counts", times: int = 1) -> "Counts":
        names = ("ready", "imported", "unchanged", "refused", "skipped")
        return Counts(
            **{name: getattr(self, name) + times * getattr(other, name) for name in names}
        )


class ImportStateRefused(Exception):
    """The import does not take this in its present state; the text says why."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of the file; the digest distinguishes its content from another piece at the same place."""

    offset: int
    size: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentImport(LastingWork):
    """``networks``: those that its rows may name; ``list_id``: the list of its rows, from the check on."""

    AT_WORK: ClassVar = frozenset({State.CHECKING, State.RUNNING})

    # Those made later are greater.
    import_id: str
    state: State
    file_name: str
    detail: str = ""
    chunks: tuple[Chunk, ...] = ()
    counts: Counts = field(default_factory=Counts)
    part_count: int = 0
    # When it was first run: the time that the devices record for its rows.
    run_at: datetime | None = None
    next_part: int = 0
    sent_until: int = 0
    wish: Wish = Wish.NONE

    @property
    def received_bytes(self) -> int:
        return self.chunks[-1].offset + self.chunks[-1].size if self.chunks else 0

    # --- what people want -----------------------------------------------------------------------

    def appended(self, chunk: Chunk, now: datetime) -> "ShipmentImport":
        """``chunk`` begins where the last one ended."""
        self._require(State.UPLOADING, "takes no more content")
        return self.after(now, chunks=(*self.chunks, chunk))

    def to_be_checked(self, now: datetime) -> "ShipmentImport":
        if self.state is State.CANCELLED:
            raise self._refused("cannot be checked any more")
        if self.state is not State.UPLOADING:
            return self
        if not self.chunks:
            raise ImportStateRefused(f"import {self.import_id} has no content yet")
        return self.after(now, state=State.CHECKING)

    def to_be_run(self, now: datetime) -> "ShipmentImport":
        if self.state in {State.RUNNING, State.DONE}:
            return self
        self._require(State.CHECKED, "cannot be run")
        if not self.counts.ready:
            return self.after(now, state=State.DONE, run_at=now, ended_at=now)
        return self.after(now, state=State.RUNNING, run_at=now)

    def paused(self, now: datetime) -> "ShipmentImport":
        if self.state is State.PAUSED or self.wish is Wish.PAUSE:
            return self
        self._require(State.RUNNING, "cannot be paused")
        if self.wish is Wish.CANCEL:
            raise self._refused("is being cancelled")
        return _as_wished(self.after(now, wish=Wish.PAUSE), now)

    def resumed(self, now: datetime) -> "ShipmentImport":
        if self.state is State.PAUSED:
            return self.after(now, state=State.RUNNING, detail="")
        self._require(State.RUNNING, "cannot go on")
        if self.wish is Wish.CANCEL:
            raise self._refused("is being cancelled")
        return self if self.wish is Wish.NONE else self.after(now, wish=Wish.NONE)

    def cancelled(self, now: datetime, why: str = "") -> "ShipmentImport":
        """Return the ended import; rows that were not sent are skipped."""
        if self.state is State.CANCELLED or self.wish is Wish.CANCEL:
            return self
        if self.state in ENDED:
            raise self._refused("has ended")
        return _as_wished(self.after(now, wish=Wish.CANCEL, detail=why), now)

    # --- work in the background -----------------------------------------------------------

    def listed(self, list_id: str, now: datetime) -> "ShipmentImport":
        """The check begins, and lays its rows under ``list_id``."""
        return self.after(now, list_id=list_id)

    def checked(self, counts: Counts, part_count: int, now: datetime) -> "ShipmentImport":
        return self.after(now, state=State.CHECKED, counts=counts, part_count=part_count)

    def unreadable(self, detail: str, now: datetime) -> "ShipmentImport":
        return self.after(now, state=State.UNREADABLE, detail=detail, ended_at=now)

    def sending(self, now: datetime) -> "ShipmentImport":
        """Take up as many parts as may be under way at once; none when the import is to stop."""
        if self.wish is not Wish.NONE:
            return self
        until = min(self.next_part + IN_HAND, self.part_count)
        return self if until <= self.sent_until else self.after(now, sent_until=until)

    def settled(self, before: Counts, verdicts: Counts, now: datetime) -> "ShipmentImport":
        """The next part has its verdicts: its rows counted as ``before`` and count as ``verdicts``."""
        done = self.after(
            now,
            counts=self.counts.plus(before, -1).plus(verdicts),
            next_part=self.next_part + 1,
            detail="",
        )
        if done.next_part == done.part_count:
            return replace(done, state=State.DONE, ended_at=now, wish=Wish.NONE)
        return _as_wished(done, now)

    def in_trouble(self, detail: str, now: datetime) -> "ShipmentImport":
        return self if detail == self.detail else self.after(now, detail=detail)

    def _require(self, state: State, what: str) -> None:
        if self.state is not state:
            raise self._refused(what)

    def _refused(self, what: str) -> ImportStateRefused:
        return ImportStateRefused(f"import {self.import_id} is {_SPOKEN[self.state]}: it {what}")


def _as_wished(import_: ShipmentImport, now: datetime) -> ShipmentImport:
    """Return it stopped, if that is wanted and no row is in work."""
    if import_.wish is Wish.NONE or import_.sent_until > import_.next_part:
        return import_
    if import_.wish is Wish.PAUSE:
        return replace(import_, state=State.PAUSED, wish=Wish.NONE)
    # Before the check has ended, no row can be read.
    rows = import_.counts
    counts = replace(rows, ready=0, skipped=rows.skipped + rows.ready)
    return replace(import_, state=State.CANCELLED, ended_at=now, counts=counts, wish=Wish.NONE)
