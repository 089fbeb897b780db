"""A device as it was at a time by all that is known today, which is not how it was known then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from device_hub.device.commands import Command, NoteSilence, RecordEvent, ReportFacts
from device_hub.device.rules import Rules
from device_hub.device.values import Communication, EndDeviceEvent, Meaning, Power
from device_hub.doors.archive import Archive, DeviceUnknown
from device_hub.journal.journal import Journal
from device_hub.turns.turn import recall, take_turn
from service_chassis.scope import Scope
from tests.specs.hub.schedules.choices import Choices
from tests.specs.hub.schedules.database import MemoryCommits

DEVICE = "north/SN-1"
CODES = {
    Meaning.POWER_LOST: "3.26.0.85",
    Meaning.POWER_RESTORED: "3.26.0.216",
    Meaning.DISCOVERED: "3.7.0.88",
}
EVERYWHERE = Scope.of(["*"])


def at(hour: int, day: int = 1) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


class Told:
    """A hub that is told things, in this order."""

    def __init__(self) -> None:
        collection: Any = MemoryCommits(Choices())
        self.journal = Journal(collection, now=lambda: at(12))
        self.archive = Archive(self.journal)
        self._count = 0

    async def _tell(self, command: Command) -> None:
        self._count += 1
        await take_turn(
            self.journal,
            await recall(self.journal, DEVICE),
            device_id=DEVICE,
            report_id=f"r{self._count}",
            command=command,
            rules=Rules(),
        )

    async def event(self, meaning: Meaning, occurred: datetime, received: datetime) -> None:
        facts = ReportFacts(
            network="north", identifier="SN-1", received_at=received, occurred_at=occurred
        )
        event = EndDeviceEvent(code=CODES[meaning], meaning=meaning)
        await self._tell(RecordEvent(facts=facts, event=event))

    async def silence(self, noted: datetime) -> None:
        await self._tell(NoteSilence(at=noted))

    async def power_at(self, when: datetime) -> Power:
        device, _ = await self.archive.device_true_at(DEVICE, EVERYWHERE, when)
        return device.supply.value


async def test_what_came_late_counts_to_when_it_happened() -> None:
    hub = Told()
    await hub.event(Meaning.POWER_RESTORED, at(8), at(8))
    # Told at two o'clock: until then the device was known to have power.
    await hub.event(Meaning.POWER_LOST, at(10), at(14))
    await hub.event(Meaning.POWER_RESTORED, at(16), at(16))
    assert [await hub.power_at(at(hour)) for hour in (9, 10, 13, 15, 16)] == [
        *(Power.ON, Power.OFF, Power.OFF, Power.OFF, Power.ON)
    ]


async def test_what_came_in_another_order_is_true_in_its_own() -> None:
    hub = Told()
    await hub.event(Meaning.POWER_RESTORED, at(12), at(12))
    await hub.event(Meaning.POWER_LOST, at(9), at(13))
    assert [await hub.power_at(at(hour)) for hour in (10, 12)] == [Power.OFF, Power.ON]
    device, commit = await hub.archive.device_true_at(DEVICE, EVERYWHERE, at(10))
    assert (device.network, device.identifier) == ("north", "SN-1")
    assert commit["revision"] == 2, "it is known by the last commit"


async def test_at_the_end_of_days_it_is_the_device_as_it_is() -> None:
    hub = Told()
    await hub.event(Meaning.POWER_LOST, at(9), at(9))
    await hub.event(Meaning.POWER_RESTORED, at(10), at(10))
    now, _ = await hub.archive.device(DEVICE, EVERYWHERE)
    then, _ = await hub.archive.device_true_at(DEVICE, EVERYWHERE, at(10) + timedelta(days=9_000))
    assert then == now


async def test_before_anything_happened_it_is_unknown() -> None:
    hub = Told()
    await hub.event(Meaning.POWER_LOST, at(9), at(9))
    with pytest.raises(DeviceUnknown):
        await hub.archive.device_true_at(DEVICE, EVERYWHERE, at(8))
    with pytest.raises(DeviceUnknown):
        await hub.archive.device_true_at("north/SN-2", EVERYWHERE, at(9))


async def test_a_silence_is_true_from_when_the_device_was_heard_last() -> None:
    hub = Told()
    await hub.event(Meaning.DISCOVERED, at(7), at(7))
    await hub.event(Meaning.POWER_RESTORED, at(8), at(8))
    await hub.silence(at(20, day=2))
    found = [
        (await hub.archive.device_true_at(DEVICE, EVERYWHERE, when))[0].communication.value
        for when in (at(7), at(8), at(9), at(20, day=2))
    ]
    assert found == [Communication.REACHABLE, *3 * [Communication.LOST]]
