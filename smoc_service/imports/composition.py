"""Imports of shipment files, put together: the desk for people, and what works in the background."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pymongo import AsyncMongoClient

from smoc_service.imports.checking import ShipmentChecking
from smoc_service.imports.runner import ShipmentRunner
from smoc_service.imports.running import Hub, ShipmentRunning
from smoc_service.imports.store import ShipmentDesk
from smoc_service.mongodb import Document


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
    """``worker`` names this process; no other may be called so."""
    runner = ShipmentRunner(
        client,
        database,
        ShipmentChecking(client, database, now=now, new_list_id=new_import_id),
        ShipmentRunning(client, database, hub, now=now),
        now=now,
        worker=worker,
    )
    desk = ShipmentDesk(client, database, new_id=new_import_id, wake=runner.wake)
    return Shipments(desk=desk, runner=runner)


def new_import_id() -> str:
    """Return an id that no other import has; those made later are greater."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(4)}"
