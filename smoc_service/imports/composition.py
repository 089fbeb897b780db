"""Imports of shipment files, put together: the store for people, and what works in the background."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pymongo import AsyncMongoClient

from smoc_service.imports.checking import ImportChecking
from smoc_service.imports.runner import ImportRunner
from smoc_service.imports.running import Hub, ImportRunning
from smoc_service.imports.store import ImportStore
from smoc_service.mongodb import Document
from smoc_service.work.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Imports:
    store: ImportStore
    runner: ImportRunner


def open_imports(
    client: AsyncMongoClient[Document],
    database: str,
    hub: Hub,
    *,
    now: Callable[[], datetime],
    worker: str,
) -> Imports:
    """``worker`` is the same name after a start of the same process, and no other's."""
    runner = ImportRunner(
        client,
        database,
        ImportChecking(client, database, now=now, new_list_id=new_id),
        ImportRunning(client, database, hub, now=now),
        now=now,
        worker=worker,
    )
    store = ImportStore(client, database, new_id=new_id, wake=runner.wake)
    return Imports(store=store, runner=runner)
