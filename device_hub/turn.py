"""One turn of one device: recall, decide, commit. The only algorithm of the hub; it knows no Dapr and no MongoDB.

The actor lends a device one writer and a memory. Neither is relied upon: if two hosts believe that they own
a device, the journal refuses one, and that one recalls and decides again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from device_hub.device.commands import Command, NoteContact
from device_hub.device.decisions import decide
from device_hub.device.events import Event
from device_hub.device.evolution import fold
from device_hub.device.refusal import Refused
from device_hub.device.rules import Rules
from device_hub.device.state import INITIAL, Device

MOST_ATTEMPTS: Final = 5


class AlreadyCommitted(Exception):
    """This very report was committed before, at ``revision``; its effect stands."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"already committed at revision {revision}")
        self.revision = revision


class HistoryMoved(Exception):
    """Another writer committed this revision first: recall and decide again."""


class HistoryUnsettled(Exception):
    """Other writers were faster in every attempt. Nothing was stored: ask again later."""


class Outcome(StrEnum):
    RECORDED = "RECORDED"
    UNCHANGED = "UNCHANGED"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered of a device between turns: a cache, never the truth."""

    device: Device = INITIAL
    revision: int = 0


NOTHING_REMEMBERED: Final = Memory()


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What one report did to one device: one document of the journal. ``after`` is the device after it."""

    device_id: str
    revision: int
    report_id: str
    events: Sequence[Event]
    after: Device
    origin: Origin | None = None


class History(Protocol):
    """The journal, as a turn needs it. Any other error than those named means: not known, ask again."""

    async def newest(self, device_id: str, after_revision: int) -> Memory | None:
        """Return the device at its newest revision, or None when there is none after ``after_revision``."""
        ...

    async def find(self, device_id: str, report_id: str) -> int | None:
        """Return the revision at which the report was committed, or None."""
        ...

    async def commit(self, commit: Commit) -> None:
        """Return when the commit is stored for good; raise AlreadyCommitted or HistoryMoved."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """How a turn ended. ``revision``: of the device when the report took effect."""

    memory: Memory
    outcome: Outcome
    revision: int


async def take_turn(
    history: History,
    memory: Memory,
    *,
    device_id: str,
    report_id: str,
    command: Command,
    rules: Rules,
    origin: Origin | None = None,
) -> Taken:
    """Carry ``command`` out once, however often it comes, and return what to remember.

    Raises Refused (the report's own fault), HistoryUnsettled (ask again), and what ``history`` raises (ask
    again: the journal knows whether the first attempt took effect). ``memory`` then still serves.
    """
    for _ in range(MOST_ATTEMPTS):
        try:
            events = decide(memory.device, command, rules)
        except Refused:
            # A redelivery of what was taken before (by older rules) is not refused: it is done.
            revision = await history.find(device_id, report_id)
            if revision is None:
                raise
            return Taken(memory=memory, outcome=Outcome.RECORDED, revision=revision)
        if not events:
            newer = await _doubt(history, device_id, memory, command)
            if newer is None:
                return Taken(memory=memory, outcome=Outcome.UNCHANGED, revision=memory.revision)
            memory = newer
            continue
        after = Memory(device=fold(memory.device, events), revision=memory.revision + 1)
        commit = Commit(
            device_id=device_id,
            revision=after.revision,
            report_id=report_id,
            events=events,
            after=after.device,
            origin=origin,
        )
        try:
            await history.commit(commit)
        except AlreadyCommitted as done:
            memory = await recall(history, device_id, memory)
            return Taken(memory=memory, outcome=Outcome.RECORDED, revision=done.revision)
        except HistoryMoved:
            memory = await recall(history, device_id, memory)
        else:
            return Taken(memory=after, outcome=Outcome.RECORDED, revision=after.revision)
    raise HistoryUnsettled(f"{device_id}: history moved in each of {MOST_ATTEMPTS} attempts")


async def recall(history: History, device_id: str, memory: Memory = NOTHING_REMEMBERED) -> Memory:
    """Return what the journal knows of the device, at least as new as ``memory``."""
    return await history.newest(device_id, memory.revision) or memory


async def _doubt(
    history: History, device_id: str, memory: Memory, command: Command
) -> Memory | None:
    """Return a newer memory, if the one that found nothing to do may have been out of date.

    A host that lost the device to another without noticing must not answer "already in place" to a
    configuration that the other has since replaced, nor for ever "not silent" of a device that the shipments' door, or
    another host, took into the field. A missed contact costs nothing: the next one comes.
    """
    match command:
        case NoteContact():
            return None
        case _:
            return await history.newest(device_id, memory.revision)
