"""The register's database: how it is reached, and the indexes that every question rests on."""

from typing import Any, Final

import stamina
import structlog
from bson import Timestamp
from pydantic import SecretStr
from pymongo import ASCENDING, AsyncMongoClient, IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure, PyMongoError

from smoc_service.alarms.documents import ALARM_INDEXES, ALARMS
from smoc_service.alarms.keeping import keep_resolved
from smoc_service.imports.documents import (
    CHUNK_INDEXES,
    IMPORT_CHUNKS,
    IMPORT_INDEXES,
    IMPORT_PARTS,
    IMPORTS,
    PART_INDEXES,
)
from smoc_service.jobs.documents import ITEM_INDEXES, JOB_INDEXES, JOB_ITEMS, JOBS
from smoc_service.register.device import FACETS
from smoc_service.register.documents import DEVICES, Document
from smoc_service.views.store import VIEW_INDEXES, VIEWS

log = structlog.get_logger()

# For calls, and the few streams that this process follows; more at once wait for each other.
_CONNECTIONS_AT_MOST = 60

# Indexes of earlier versions, which answered what the park's index in memory answers now (decision 22).
_FORMER_INDEXES: Final = frozenset(
    {"by_network", "by_model", "by_beginnings", *(f"by_{name}" for name in FACETS)}
)
# A change stream's token that cannot be used any more: history lost, or made by another database.
TOKEN_USELESS: Final = frozenset({136, 260, 280, 286})
_NO_SUCH_INDEX: Final = 27
# For counting an area's devices (alarms). Partial, so that no list is ever led along it.
AREA_INDEX = IndexModel(
    [("network", ASCENDING), ("area", ASCENDING)],
    name="by_area",
    partialFilterExpression={"area": {"$exists": True}},
)


def open_client(url: str, password: SecretStr | None = None) -> AsyncMongoClient[Document]:
    """Return a client that waits for nothing yet; ``password`` is that of the URL's user, if the URL lacks it.

    What it is told is stored by a majority, on disk, or it is an error. The limits make a database in trouble an error
    within seconds, which callers try again.
    """
    login: dict[str, Any] = {"password": password.get_secret_value()} if password else {}
    return AsyncMongoClient(
        url,
        **login,
        w="majority",
        journal=True,
        wTimeoutMS=10_000,
        readConcernLevel="majority",
        tz_aware=True,
        retryReads=True,
        retryWrites=True,
        serverSelectionTimeoutMS=5_000,
        connectTimeoutMS=5_000,
        socketTimeoutMS=30_000,
        waitQueueTimeoutMS=5_000,
        maxPoolSize=_CONNECTIONS_AT_MOST,
        appName="smoc_service",
    )


async def cluster_time(database: AsyncDatabase[Document]) -> Timestamp:
    """Return a point of the database's time up to which everything can be read now."""
    # Any read will do that is of one point; a member that has just become primary refuses it, and is asked again.
    point = await database.command(
        {
            "find": DEVICES,
            "limit": 1,
            "projection": {"_id": True},
            "readConcern": {"level": "snapshot"},
        }
    )
    found: Timestamp = point["cursor"]["atClusterTime"]
    return found


async def prepare(
    database: AsyncDatabase[Document], resolved_alarms_days: int | None = None
) -> None:
    """Make the indexes that are missing, and drop those of which nobody asks any more.

    Without ``resolved_alarms_days`` alarms are kept as long as they were: a command beside the service does not know
    what the service is told. Safe to repeat, and to run in two processes at once.
    """
    await database[DEVICES].create_indexes([AREA_INDEX])
    for name in sorted(_FORMER_INDEXES & (await database[DEVICES].index_information()).keys()):
        try:
            await database[DEVICES].drop_index(name)
        except OperationFailure as error:
            if error.code != _NO_SUCH_INDEX:
                raise
    await database[ALARMS].create_indexes(ALARM_INDEXES)
    await database[VIEWS].create_indexes(VIEW_INDEXES)
    await database[JOBS].create_indexes(JOB_INDEXES)
    await database[JOB_ITEMS].create_indexes(ITEM_INDEXES)
    if resolved_alarms_days is not None:
        await keep_resolved(database, resolved_alarms_days)
    await database[IMPORTS].create_indexes(IMPORT_INDEXES)
    await database[IMPORT_CHUNKS].create_indexes(CHUNK_INDEXES)
    await database[IMPORT_PARTS].create_indexes(PART_INDEXES)


async def prepare_patiently(database: AsyncDatabase[Document], resolved_alarms_days: int) -> None:
    """Prepare the database as soon as it can be reached, however long that takes."""
    async for attempt in stamina.retry_context(
        on=PyMongoError, attempts=None, timeout=None, wait_initial=0.5, wait_max=10.0
    ):
        with attempt:
            try:
                await prepare(database, resolved_alarms_days)
            except PyMongoError as error:
                log.warning("database is not ready, waiting", detail=str(error)[:200])
                raise
    log.info("database is ready", database=database.name)
