"""The shipments' door: what smoc_service read in a shipment file, recorded device by device, in this process.

Turns are taken here without actors (docs/decisions/0025): devices are recalled in one query, each takes its turn, and
their commits share inserts. The journal arbitrates between this door and an actor as it does between two actors.

Bounded: one batch is under way, as many may wait as ``waiting`` says, the next is told to come again. A batch is taken
in slices, and after each the head-end system's reports go first (`reports_first`).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import Report
from pymongo.errors import PyMongoError

from device_hub.device.deciding.shipping import contradicted
from device_hub.device.rules import Rules
from device_hub.doors.reports import Places, check_batch, find_devices, indexes_by_device
from device_hub.doors.reports_first import ReportsFirst
from device_hub.journal.group_recall import GroupRecall
from device_hub.journal.journal import Journal
from device_hub.turns.history import (
    NOTHING_REMEMBERED,
    Memory,
)
from device_hub.wire.reports import device_id_of, fault_of
from device_hub.wire.shipments import shipment_fault_of, shipped_attributes, to_ship
from device_hub.wire.verdicts import postponed, record, told
from service_chassis.refusals import PeerUnavailable

# Devices whose turns are taken at once: some 25 ms of this process.
_SLICE: Final = 100
_TEXT_AT_MOST: Final = 60
_NOT_IN_TIME: Final = "not done in time, send it again"


@dataclass(slots=True, kw_only=True)
class ShipmentsDoor:
    """``journal``: with a group commit of its own, so that no report waits behind a shipment's commits."""

    journal: Journal
    rules: Rules
    reports_first: ReportsFirst
    identities: Places | None = None
    waiting: int = 4
    # The caller waits for 30 s: what is done by then gets its verdict, the rest is postponed.
    answer_within_seconds: float = 20.0
    _turnstile: asyncio.Lock = field(default_factory=asyncio.Lock)
    _calls: int = 0

    async def record(self, reports: Sequence[Report]) -> list[Verdict]:
        """Return one verdict per report, in order; trouble of one report does not affect the others.

        Reports that are not done in time, behind others or with a slow database, are postponed; some are always done.
        Raises CallRefused for an empty batch or one with more than 500 reports, PeerUnavailable when too many wait.
        """
        check_batch(reports)
        if self._calls > self.waiting:
            raise PeerUnavailable("the hub is busy with other shipments, try again")
        self._calls += 1
        until = asyncio.get_running_loop().time() + self.answer_within_seconds
        try:
            async with self._turnstile:
                return await self._record(reports, until)
        finally:
            self._calls -= 1

    async def _record(self, reports: Sequence[Report], until: float) -> list[Verdict]:
        verdicts = [fault_of(report) or shipment_fault_of(report) for report in reports]
        called = [device_id_of(report) for report in reports]
        await find_devices(self.identities, reports, verdicts)
        devices = list(indexes_by_device(reports, verdicts).values())
        clock = asyncio.get_running_loop().time
        for start in range(0, len(devices), _SLICE):
            began_at = clock()
            if start and began_at > until:
                for index in (index for indexes in devices[start:] for index in indexes):
                    verdicts[index] = postponed(reports[index].report_id, _NOT_IN_TIME)
                break
            part = [
                [reports[index] for index in indexes] for indexes in devices[start : start + _SLICE]
            ]
            answers = await self._slice(part)
            for indexes, answer in zip(devices[start : start + _SLICE], answers, strict=True):
                for index, verdict in zip(indexes, answer, strict=True):
                    verdicts[index] = verdict
            await self.reports_first.let_pass(clock() - began_at)
        told_all = [verdict for verdict in verdicts if verdict is not None]
        for name, report, verdict in zip(called, reports, told_all, strict=True):
            if name != device_id_of(report):
                known_as = f"is device {device_id_of(report)}"
                verdict.detail = f"{known_as}; {verdict.detail}" if verdict.detail else known_as
        return told_all

    async def _slice(self, devices: Sequence[Sequence[Report]]) -> list[list[Verdict]]:
        history = GroupRecall(self.journal)
        answers = await asyncio.gather(*(self._device(history, reports) for reports in devices))
        await self._counted(devices, answers)
        return answers

    async def _device(self, history: GroupRecall, reports: Sequence[Report]) -> list[Verdict]:
        memory, verdicts = await record(
            history, None, device_id_of(reports[0]), reports, command_of=to_ship, rules=self.rules
        )
        for report, verdict in zip(reports, verdicts, strict=True):
            if verdict.outcome in (Verdict.OUTCOME_RECORDED, Verdict.OUTCOME_UNCHANGED):
                # A shipment takes nothing back: what contradicts it then contradicts it still.
                verdict.detail = _known_otherwise(report, memory or NOTHING_REMEMBERED)
        return verdicts

    async def _counted(
        self, devices: Sequence[Sequence[Report]], answers: Sequence[Sequence[Verdict]]
    ) -> None:
        """A report that comes again finds its effect in place; its verdict is again RECORDED."""
        unchanged = [
            ((device_id_of(reports[0]), verdict.report_id), verdict)
            for reports, verdicts in zip(devices, answers, strict=True)
            for verdict in verdicts
            if verdict.outcome == Verdict.OUTCOME_UNCHANGED
        ]
        if not unchanged:
            return
        try:
            found = await self.journal.find_all({committed for committed, _ in unchanged})
        except PyMongoError as error:
            for _, verdict in unchanged:
                verdict.CopyFrom(postponed(verdict.report_id, told(error)))
            return
        for committed, verdict in unchanged:
            if committed in found:
                verdict.outcome, verdict.revision = Verdict.OUTCOME_RECORDED, found[committed]


def _known_otherwise(report: Report, memory: Memory) -> str:
    """Say for people what the device is known by, where the file says otherwise."""
    said = contradicted(memory.device, shipped_attributes(report))
    return "; ".join(
        f"{word} stays {memory.device.attributes[word][:_TEXT_AT_MOST]!r}, "
        f"the file says {text[:_TEXT_AT_MOST]!r}"
        for word, text in sorted(said.items())
    )
