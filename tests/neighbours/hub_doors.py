"""The door of DeviceHubService over a database, for tests that ask as people do: nobody reports anything there."""

from datetime import timedelta
from typing import Any

from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from pymongo.asynchronous.database import AsyncDatabase

from device_hub.device.rules import Rules
from device_hub.doors.archive import Archive
from device_hub.doors.device_hub_service import DeviceHub
from device_hub.doors.feeds import FeedsDoor
from device_hub.doors.quarantine import QuarantineDoor
from device_hub.doors.readings import ReadingsDoor
from device_hub.doors.reports import ReportsDoor
from device_hub.doors.reports_first import ReportsFirst
from device_hub.doors.shipments import ShipmentsDoor
from device_hub.feeds.store import FeedStore
from device_hub.journal.journal import Journal
from device_hub.quarantine.bodies import QuarantinedBodies
from device_hub.quarantine.store import Quarantine
from device_hub.readings.store import Readings
from device_hub.status.progress import Tellers
from service_status.hop import Hop
from tests.neighbours.hub import NOON, Document


class NoDevices:
    async def record(self, device_id: str, reports: Any) -> list[Verdict]:
        raise AssertionError(f"{device_id} {reports}")


def quarantine_of(database: AsyncDatabase[Document]) -> Quarantine:
    bodies = QuarantinedBodies(database["quarantine_bodies"])
    return Quarantine(database["quarantine"], bodies, resolved_kept=timedelta(days=1))


def device_hub_of(
    database: AsyncDatabase[Document], journal: Journal, quarantine: Quarantine
) -> DeviceHub:
    replays = Hop("replays", peer="iec-connector", now=lambda: NOON)
    return DeviceHub(
        door=ReportsDoor(NoDevices(), ReportsFirst()),
        shipments=ShipmentsDoor(journal=journal, rules=Rules(), reports_first=ReportsFirst()),
        archive=Archive(journal),
        quarantine=QuarantineDoor(quarantine, replays, lambda: NOON),
        tellers=Tellers(lambda: NOON),
        feeds=FeedsDoor(FeedStore(database["feeds"]), lambda: NOON),
        readings=ReadingsDoor(Readings(database["readings"]), lambda: NOON),
    )
