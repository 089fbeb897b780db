"""Imports of shipment files, put together: the desk for people, and what works in the background."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pymongo import AsyncMongoClient

from smoc_service.imports.checking import ShipmentChecking
from smoc_service.imports.runner import ShipmentRunner
from smoc_service.imports.running import Hub, ShipmentRunning
from smoc_service.imports.store import ShipmentDesk
from smoc_service.mongodb import Document
from smoc_service.work.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipments:
    desk: ShipmentDesk
    runner: ShipmentRunner


def open_shipments(
    client: AsyncMongoClient[Document],
    database: str,
    hub: Hub,
    *,
    now: Callable[[], datetime],
    worker: str,
) -> Shipments:
    """``worker`` is the same name after a start of the same process, and no other's."""
    runner = ShipmentRunner(
        client,
        database,
        ShipmentChecking(client, database, now=now, new_list_id=new_id),
        ShipmentRunning(client, database, hub, now=now),
        now=now,
        worker=worker,
    )
    desk = ShipmentDesk(client, database, new_id=new_id, wake=runner.wake)
    return Shipments(desk=desk, runner=runner)
