"""The turns of one device: recall, decide, commit. The only algorithm of the hub; it knows no Dapr and no MongoDB.

The actor gives a device one writer and a cache. Correctness depends on neither: if two hosts believe that they own a
device, the journal refuses one, and that one recalls and decides again.

Reports of one device that come together are decided in memory one after the other, and their commits are stored as a
chain: each is a document of its own, and none is stored unless the one before it is. So a chain that breaks leaves no
hole (docs/decisions/0031); what is behind the break is decided again.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from device_hub.device.commands import Command, NoteContact
from device_hub.device.decisions import decide
from device_hub.device.events import Event
from device_hub.device.evolution import fold
from device_hub.device.refusal import Refused
from device_hub.device.rules import Rules
from device_hub.turns.history import (
    NOTHING_REMEMBERED,
    AlreadyCommitted,
    Commit,
    CommitRefused,
    History,
    HistoryMoved,
    Memory,
    Origin,
    Stored,
)

MOST_ATTEMPTS: Final = 5
# Commits in one chain. A longer chain wastes more decisions when it breaks or when time is up.
MOST_IN_A_CHAIN: Final = 100
# This many reports are tried before a query asks whether the journal holds them already.
_FEW_REPORTS: Final = 4
# Decisions between two breaths of the event loop: some milliseconds.
_DECISIONS_AT_A_TIME: Final = 16


class HistoryUnsettled(Exception):
    """Other writers were faster in every attempt. Nothing was stored: ask again later."""


class DecisionFailed(Exception):
    """Deciding about one report ended in a defect of ours, which is the cause; the reports beside it go on."""


class Outcome(StrEnum):
    RECORDED = "RECORDED"
    UNCHANGED = "UNCHANGED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A report, as its device gets it."""

    report_id: str
    command: Command
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A report that took effect. ``revision``: of the device when it did."""

    outcome: Outcome
    revision: int


Ending = Done | Refused | CommitRefused | DecisionFailed


@dataclass(frozen=True, slots=True)
class _Step:
    """An ending that holds as soon as the first ``needs`` commits of the chain are stored."""

    index: int
    ending: Done | Refused | DecisionFailed
    needs: int
    # It says that nothing is to be done, or may be done, by a memory that may be out of date.
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class _Plan:
    chain: list[Commit] = field(default_factory=list)
    steps: list[_Step] = field(default_factory=list)

    def index_of(self, place: int) -> int:
        """Return which report made the commit at ``place`` of the chain."""
        return next(step.index for step in self.steps if step.needs == place + 1)


class Turns:
    """The turns of one device that are taken together: each report counts once, however often it comes.

    ``endings`` has one for each report, in order; None: postponed, its turn was not taken, or nobody knows. Whatever
    ``take`` raises, what has ended by then stays ended, and ``memory`` still serves.
    """

    def __init__(
        self,
        history: History,
        memory: Memory,
        *,
        device_id: str,
        reports: Sequence[Ask],
        rules: Rules,
    ) -> None:
        self.memory = memory
        self.endings: list[Ending | None] = [None] * len(reports)
        self._history = history
        self._device_id = device_id
        self._reports = reports
        self._rules = rules

    async def take(self) -> None:
        """Take the turns. Raises HistoryUnsettled (ask again), and what ``history`` raises (ask again)."""
        if len(self._reports) > _FEW_REPORTS:
            await self._look_up()
        attempts = 0
        while open_before := self.endings.count(None):
            if attempts == MOST_ATTEMPTS:
                raise HistoryUnsettled(
                    f"{self._device_id}: history moved in each of {MOST_ATTEMPTS} attempts"
                )
            await self._carry_out(await self._decide())
            attempts = 0 if self.endings.count(None) < open_before else attempts + 1

    async def _look_up(self) -> None:
        """Find in one query what was committed before. A lone report finds it by its own commit.

        So do few reports: they seldom come again, and when they do, their chain breaks, and then this query runs.
        """
        unknown = {
            report.report_id
            for report, ending in zip(self._reports, self.endings, strict=True)
            if ending is None
        }
        if len(unknown) > 1:
            self._end_committed(await self._history.find(self._device_id, unknown))

    async def _decide(self) -> _Plan:
        """Decide what has not ended, one after the other, as if the commits before were stored already."""
        plan = _Plan()
        memory = self.memory
        planned: dict[str, _Step] = {}
        for index, report in enumerate(self._reports):
            if self.endings[index] is not None:
                continue
            if (same := planned.get(report.report_id)) is not None:
                plan.steps.append(replace(same, index=index))
                continue
            if len(plan.chain) == MOST_IN_A_CHAIN:
                break
            if index % _DECISIONS_AT_A_TIME == _DECISIONS_AT_A_TIME - 1:
                await asyncio.sleep(0)
            try:
                events, after = _decided(memory, report, self._rules)
            except (Refused, DecisionFailed) as refused:
                doubtful = not plan.chain
                plan.steps.append(_Step(index, refused, len(plan.chain), doubtful))
                continue
            if not events:
                unchanged = Done(Outcome.UNCHANGED, memory.revision)
                doubtful = not plan.chain and _is_worth_a_doubt(report.command)
                plan.steps.append(_Step(index, unchanged, len(plan.chain), doubtful))
                continue
            memory = after
            plan.chain.append(
                Commit(
                    device_id=self._device_id,
                    revision=memory.revision,
                    report_id=report.report_id,
                    events=events,
                    after=memory.device,
                    origin=report.origin,
                    before=b"" if plan.chain else self.memory.seal,
                )
            )
            recorded = _Step(index, Done(Outcome.RECORDED, memory.revision), len(plan.chain))
            planned[report.report_id] = recorded
            plan.steps.append(recorded)
        return plan

    async def _carry_out(self, plan: _Plan) -> None:
        """Commit the chain, and end what holds as far as it came."""
        stored = await self._history.commit(plan.chain) if plan.chain else Stored(0)
        if stored.count:
            last = plan.chain[stored.count - 1]
            self.memory = Memory(device=last.after, revision=last.revision, seal=stored.seal)
        # A commit that was stored proves that the memory before it was the newest.
        in_doubt = stored.count == 0 and any(step.doubtful for step in plan.steps)
        held = [step for step in plan.steps if step.needs <= stored.count]
        self._end(step for step in held if not (in_doubt and step.doubtful))
        self._end_committed({one.report_id: one.revision for one in plan.chain[: stored.count]})
        match stored.stop:
            case None:
                moved = False
            case AlreadyCommitted(revision=revision):
                self._end_committed({plan.chain[stored.count].report_id: revision})
                moved = True
            case HistoryMoved():
                moved = True
            case CommitRefused() as refused:
                self.endings[plan.index_of(stored.count)] = refused
                moved = False
            case trouble:
                raise trouble
        if moved or in_doubt:
            newer = await self._history.newest(self._device_id, self.memory.revision)
            if newer is None:
                self._end(step for step in held if step.doubtful)
                in_doubt = False
            else:
                self.memory = newer
        certain = [step for step in held if not (in_doubt and step.doubtful)]
        await self._end_refused([step for step in certain if not isinstance(step.ending, Done)])
        if moved:
            await self._look_up()

    def _end(self, steps: Iterable[_Step]) -> None:
        for step in steps:
            if isinstance(step.ending, Done):
                self.endings[step.index] = step.ending

    def _end_committed(self, revisions: Mapping[str, int]) -> None:
        """End every report that is in the journal, as often as it is in this call."""
        for index, report in enumerate(self._reports):
            revision = revisions.get(report.report_id)
            if revision is not None and self.endings[index] is None:
                self.endings[index] = Done(Outcome.RECORDED, revision)

    async def _end_refused(self, steps: Sequence[_Step]) -> None:
        """A redelivery of what was taken before (by older rules) is not refused: it is done."""
        if not steps:
            return
        ids = {self._reports[step.index].report_id for step in steps}
        found = await self._history.find(self._device_id, ids)
        for step in steps:
            revision = found.get(self._reports[step.index].report_id)
            taken = None if revision is None else Done(Outcome.RECORDED, revision)
            self.endings[step.index] = taken or step.ending


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

    Raises Refused (the report's own fault), CommitRefused, HistoryUnsettled (ask again), and what ``history`` raises
    (ask again: the journal knows whether the first attempt took effect). ``memory`` then still serves.
    """
    ask = Ask(report_id=report_id, command=command, origin=origin)
    turns = Turns(history, memory, device_id=device_id, reports=[ask], rules=rules)
    await turns.take()
    [ending] = turns.endings
    match ending:
        case Done(outcome=outcome, revision=revision):
            return Taken(memory=turns.memory, outcome=outcome, revision=revision)
        case None:
            raise AssertionError("turns that were taken to the end have ended")
        case _:
            raise ending


async def recall(history: History, device_id: str, memory: Memory = NOTHING_REMEMBERED) -> Memory:
    """Return what the journal knows of the device, at least as new as ``memory``."""
    return await history.newest(device_id, memory.revision) or memory


def _decided(memory: Memory, report: Ask, rules: Rules) -> tuple[list[Event], Memory]:
    """Return what follows from the report, and the memory after it; raise Refused or DecisionFailed."""
    try:
        events = decide(memory.device, report.command, rules)
        after = fold(memory.device, events) if events else memory.device
    except Refused:
        raise
    except Exception as defect:  # one report must not hold up the reports after it
        raise DecisionFailed(f"{type(defect).__name__}: {defect}") from defect
    return events, Memory(device=after, revision=memory.revision + 1)


def _is_worth_a_doubt(command: Command) -> bool:
    """Return whether the journal is read before the answer is "nothing to do". Before a refusal it always is.

    A host that lost the device to another without noticing must not answer "already in place" to a
    configuration that the other has since replaced, nor for ever "not silent" of a device that the shipments' door, or
    another host, took into the field. A missed contact costs nothing: the next one comes.
    """
    match command:
        case NoteContact():
            return False
        case _:
            return True
