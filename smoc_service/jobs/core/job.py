"""A job, as it is at one moment, and what it goes through.

    state       fixed    worked            pause   resume       cancel
    PREPARING   RUNNING  -                 refused PREPARING    CANCELLED
    RUNNING     -        RUNNING or DONE   PAUSED  RUNNING      CANCELLED
    PAUSED      -        -                 PAUSED  RUNNING      CANCELLED
    DONE        -        -                 refused refused      refused
    CANCELLED   -        -                 refused refused      CANCELLED

PREPARING: the devices are being fixed, as a list in an order. They are worked on in that order, so the counts say how
far it is, and with it which device is next: nothing else has to be kept for going on after a kill.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final

from smoc_service.jobs.core.actions import Action, sentence_for
from smoc_service.work.lasting import LEASE, LastingWork


class State(StrEnum):
    PREPARING = "PREPARING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


ENDED: Final = frozenset({State.DONE, State.CANCELLED})


class Outcome(StrEnum):
    """What became of one device."""

    PENDING = "PENDING"
    DONE = "DONE"
    UNCHANGED = "UNCHANGED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    outcome: Outcome
    # For people: why it failed, how many alarms it was.
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The selection as the user gave it: either conditions, in the contract's words, or ids."""

    conditions: Mapping[str, Any] | None = None
    device_ids: tuple[str, ...] = ()
    alarm_conditions: Mapping[str, Any] | None = None
    alarm_ids: tuple[str, ...] = ()
    # Devices or alarms that are left out of what the conditions find.
    without: tuple[str, ...] = ()

    @property
    def is_of_alarms(self) -> bool:
        return self.alarm_conditions is not None or bool(self.alarm_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    pending: int = 0
    done: int = 0
    unchanged: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def total(self) -> int:
        return self.worked + self.pending + self.skipped

    @property
    def worked(self) -> int:
        """Return how many devices have their result: the number of the one that is next."""
        return self.done + self.unchanged + self.failed


class JobStateRefused(Exception):
    """The job does not take this in its present state; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(LastingWork):
    """``networks``: those that its devices may lie in; ``list_id``: the list of its devices, once they are fixed."""

    AT_WORK: ClassVar = frozenset({State.PREPARING, State.RUNNING})

    # Those made later are greater.
    job_id: str
    state: State
    selection: Selection
    action: Action
    # For people.
    summary: str
    # Its items are alarms, not devices.
    of_alarms: bool = False
    # How many devices or alarms its creator expected; 0: any number.
    expected_count: int = 0
    counts: Counts = field(default_factory=Counts)

    def fixed(self, list_id: str, total: int, now: datetime) -> "Job":
        """Return the job with its devices fixed: they lie in ``list_id``, numbered from 0."""
        return self.after(
            now,
            list_id=list_id,
            counts=Counts(pending=total),
            lease_until=now + LEASE,
            summary=sentence_for(self.action, total, of_alarms=self.of_alarms),
            **_going_on(total, now),
        )

    def worked(self, results: Sequence[Result], now: datetime) -> "Job":
        """Return the job after the next devices of its list got ``results``."""
        added = dict.fromkeys(Outcome, 0)
        for each in results:
            added[each.outcome] += 1
        counts = replace(
            self.counts,
            pending=self.counts.pending - len(results),
            done=self.counts.done + added[Outcome.DONE],
            unchanged=self.counts.unchanged + added[Outcome.UNCHANGED],
            failed=self.counts.failed + added[Outcome.FAILED],
        )
        return self.after(
            now, counts=counts, lease_until=now + LEASE, **_going_on(counts.pending, now)
        )

    def paused(self, now: datetime) -> "Job":
        if self.state is State.PAUSED:
            return self
        if self.state is State.PREPARING:
            raise JobStateRefused(
                f"job {self.job_id} is being prepared: pause it when it runs, or cancel it"
            )
        self._refuse_when_ended()
        return self.after(now, state=State.PAUSED)

    def resumed(self, now: datetime) -> "Job":
        if self.is_worked_on:
            return self
        self._refuse_when_ended()
        return self.after(now, state=State.RUNNING)

    def cancelled(self, now: datetime, why: str = "") -> "Job":
        """Return the ended job; remaining devices are skipped."""
        if self.state is State.CANCELLED:
            return self
        self._refuse_when_ended()
        counts = replace(self.counts, pending=0, skipped=self.counts.pending)
        summary = f"{self.summary} - {why}" if why else self.summary
        return self.after(now, state=State.CANCELLED, ended_at=now, counts=counts, summary=summary)

    def _refuse_when_ended(self) -> None:
        if self.ended_at is not None:
            raise JobStateRefused(f"job {self.job_id} is {self.state.lower()} already")


def has_grown_too_much(expected_count: int, count: int) -> bool:
    """Return whether the selection is larger than ``expected_count`` by more than a tenth."""
    return expected_count > 0 and count * 10 > expected_count * 11


def _going_on(pending: int, now: datetime) -> dict[str, Any]:
    if pending:
        return {"state": State.RUNNING}
    return {"state": State.DONE, "ended_at": now}
