"""Hubs over one journal, who sends them reports, and what must be so in the end."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import DeviceEvent, Meaning, Report

from device_hub.actors.residents import Resident, Residents, Surroundings
from device_hub.device.evolution import fold
from device_hub.device.rules import Rules
from device_hub.device.state import INITIAL
from device_hub.journal.event_codec import events_from_documents
from device_hub.journal.group_recall import GroupRecall
from device_hub.journal.journal import Journal
from device_hub.journal.state_codec import device_to_document
from device_hub.wire.reports import to_command
from device_hub.wire.verdicts import record
from journal_evidence.chain import Chain
from journal_evidence.seal import look_at
from service_chassis.times import to_timestamp
from tests.specs.hub.schedules.choices import Choices
from tests.specs.hub.schedules.database import MemoryCommits
from tests.specs.hub.schedules.loop import PickingLoop

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MEANINGS = (Meaning.MEANING_POWER_LOST, Meaning.MEANING_POWER_RESTORED)
RULES = Rules()
_RECORDED = Verdict.OUTCOME_RECORDED
_OPEN = Verdict.OUTCOME_POSTPONED
_DEVICES = ("SN-1", "SN-2")
_MOST_ATTEMPTS = 60

OpenJournal = Callable[[MemoryCommits], Journal]


def open_journal(commits: MemoryCommits) -> Journal:
    collection: Any = commits
    return Journal(collection, now=lambda: NOON)


def reported(sender: str, device: str, number: int) -> Report:
    at = to_timestamp(NOON + timedelta(seconds=number))
    return Report(
        report_id=f"{sender}-{device}-{number}",
        network="north",
        device_identifier=device,
        received_time=at,
        occurred_time=at,
        event=DeviceEvent(code="3.26.0.85", meaning=MEANINGS[number % 2]),
    )


_SENT = [
    [reported("a", "SN-1", number) for number in range(2)],
    [reported("b", "SN-1", number) for number in range(2)],
    # Two in the shipments' way: recalled and decided without an actor's memory.
    [reported("c", "SN-2", number) for number in range(2)],
]


class Wrong(AssertionError):
    """A promise was broken."""


@dataclass(eq=False)
class _Hub:
    journal: Journal
    shipments: Journal
    residents: Residents
    calls: dict[asyncio.Task[Any], None] = field(default_factory=dict)

    @classmethod
    def started(cls, commits: MemoryCommits, open_: OpenJournal) -> "_Hub":
        journal = open_(commits)
        loop = asyncio.get_running_loop()
        home = Residents(Surroundings(journal=journal, rules=RULES), clock=loop.time, remembered=1)
        return cls(journal, open_(commits), home)

    def resident(self, device_id: str) -> Resident:
        return self.residents.enter(device_id, self)

    async def call(self, work: Coroutine[Any, Any, list[Verdict]]) -> list[Verdict]:
        """Return the verdicts; none, if the hub dies meanwhile."""
        task = asyncio.get_running_loop().create_task(work)
        self.calls[task] = None
        task.add_done_callback(self.calls.pop)
        await asyncio.wait([task])
        return [] if task.cancelled() else task.result()


class World:
    """Two hubs, two devices, two senders and a shipment; the hubs both believe that the devices are theirs."""

    def __init__(self, choices: Choices, commits: MemoryCommits, open_: OpenJournal) -> None:
        self._choices = choices
        self._commits = commits
        self._open = open_
        self._hubs = [_Hub.started(commits, open_) for _ in range(2)]

    async def run(self) -> None:
        """Let everybody do their work to the end; raise Wrong."""
        async with asyncio.TaskGroup() as together:
            for each in _SENT[:-1]:
                together.create_task(self._send(each))
            together.create_task(self._send(_SENT[-1], by_shipment=True))
            together.create_task(self._disturb())
        await self._commits.come_to_rest()
        self._look(_SENT)

    async def _disturb(self) -> None:
        for _ in range(3):
            await asyncio.sleep(0.02 * self._choices.pick(5))
            hub = self._choices.pick(2)
            match self._choices.pick(6):
                case 1:
                    self._die(hub)
                case 2:
                    for device in _DEVICES:
                        resident = self._hubs[hub].resident(f"north/{device}")
                        self._hubs[hub].residents.leave(resident, self._hubs[hub])
                case 3:
                    self._commits.fail_over()

    def _die(self, number: int) -> None:
        """The process is gone with all that it remembers; what it has sent to the database may take effect."""
        for call in self._hubs[number].calls:
            call.cancel()
        self._hubs[number] = _Hub.started(self._commits, self._open)

    async def _send(self, reports: Sequence[Report], *, by_shipment: bool = False) -> None:
        """Send reports as a connector does: some together, in order, again until each has its verdict."""
        left = list(reports)
        attempts = 0
        while left:
            attempts += 1
            if attempts > _MOST_ATTEMPTS:
                raise Wrong(f"{left[0].report_id} is never taken")
            batch = left[: 1 + self._choices.pick(len(left))]
            hub = self._hubs[self._choices.pick(2)]
            verdicts = await hub.call(self._asked(hub, batch, by_shipment=by_shipment))
            for verdict in verdicts:
                self._heard(batch[0], verdict)
            done = {one.report_id for one in verdicts if one.outcome != _OPEN}
            # A broker delivers some again, although their verdict was given.
            again = self._choices.one_in(8)
            left = [one for one in left if again or one.report_id not in done]
            if again and done.issuperset(one.report_id for one in left):
                left = []
            if not done:
                await asyncio.sleep(0.05)

    async def _asked(
        self, hub: _Hub, batch: Sequence[Report], *, by_shipment: bool
    ) -> list[Verdict]:
        device_id = f"north/{batch[0].device_identifier}"
        if not by_shipment:
            return await hub.resident(device_id).record(batch)
        _, verdicts = await record(
            GroupRecall(hub.shipments), None, device_id, batch, command_of=to_command, rules=RULES
        )
        return verdicts

    def _heard(self, report: Report, verdict: Verdict) -> None:
        """Each verdict holds from the moment on in which it is given."""
        if verdict.outcome == _OPEN:
            return
        if verdict.outcome != _RECORDED:
            raise Wrong(f"{verdict.report_id}: {verdict}")
        device_id = f"north/{report.device_identifier}"
        found = [
            one["revision"]
            for one in self._commits.documents()
            if one["report_id"] == verdict.report_id and one["device_id"] == device_id
        ]
        if found != [verdict.revision]:
            raise Wrong(f"{verdict.report_id} is said to be {verdict.revision}, and is {found}")

    def _look(self, sent: Sequence[Sequence[Report]]) -> None:
        held = sorted(
            zip(map(look_at, self._commits.held), self._commits.documents(), strict=True),
            key=lambda one: one[0].revision,
        )
        counts = Counter(looked.report_id for looked, _ in held)
        said = Counter(report.report_id for reports in sent for report in reports)
        if counts != said:
            raise Wrong(f"lost {said - counts}, doubled {counts - said}")
        for device in _DEVICES:
            chain = Chain(f"north/{device}", None)
            after = INITIAL
            for looked, document in held:
                if looked.device_id != chain.device_id:
                    continue
                chain.add(looked)
                after = fold(after, events_from_documents(document["events"]))
                if document["after"] != device_to_document(after):
                    raise Wrong(
                        f"{device}: revision {chain.revision} was not decided on its history"
                    )
            if chain.problems or chain.unsealed:
                raise Wrong(f"{[str(one) for one in chain.problems]}, {chain.unsealed} unsealed")
        place = {looked.report_id: number for number, (looked, _) in enumerate(held)}
        for reports in sent:
            places = [place[report.report_id] for report in reports]
            if places != sorted(places):
                raise Wrong(f"out of order: {[report.report_id for report in reports]}")


def run_schedule(
    choices: Choices,
    *,
    faults: int = 4,
    open_: OpenJournal = open_journal,
    **defects: Any,
) -> None:
    """Run one schedule; raise what is wrong with it."""

    async def world() -> None:
        await World(choices, MemoryCommits(choices, faults, **defects), open_).run()

    PickingLoop.run(choices, world)
