"""The register's database: the indexes that every question rests on."""

from functools import partial
from typing import Final

import structlog
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure, PyMongoError

from park_backup.half_restored import HalfRestored, refuse_half_restored
from service_chassis.retries import Retries
from service_deeds.store import DEEDS, DeedStore
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
from smoc_service.mongodb import Document
from smoc_service.notes.store import NOTE_INDEXES, NOTES
from smoc_service.register.device import FACETS
from smoc_service.register.documents import DEVICES
from smoc_service.views.store import VIEW_INDEXES, VIEWS

log = structlog.get_logger()


# Indexes of earlier versions, which answered what the park's index in memory answers now (decision 22).
_FORMER_INDEXES: Final = frozenset(
    {"by_network", "by_model", "by_beginnings", *(f"by_{name}" for name in FACETS)}
)
_NO_SUCH_INDEX: Final = 27
# For counting an area's devices (alarms). Partial, so that no list is ever led along it.
AREA_INDEX = IndexModel(
    [("network", ASCENDING), ("area", ASCENDING)],
    name="by_area",
    partialFilterExpression={"area": {"$exists": True}},
)


async def prepare(
    database: AsyncDatabase[Document], resolved_alarms_days: int | None = None
) -> None:
    """Make the missing indexes, and drop those that no query uses any more.

    Without ``resolved_alarms_days`` the retention of alarms stays as it is: a command beside the service does not know
    the service's settings. Safe to repeat, and to run in two processes at once.

    Raises:
        HalfRestored: what lies there is no park.
    """
    await refuse_half_restored(database)
    await database[DEVICES].create_indexes([AREA_INDEX])
    for name in sorted(_FORMER_INDEXES & (await database[DEVICES].index_information()).keys()):
        try:
            await database[DEVICES].drop_index(name)
        except OperationFailure as error:
            if error.code != _NO_SUCH_INDEX:
                raise
    await database[ALARMS].create_indexes(ALARM_INDEXES)
    await DeedStore(database[DEEDS]).prepare()
    await database[NOTES].create_indexes(NOTE_INDEXES)
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
    retries = Retries("prepare the database")
    work = partial(prepare, database, resolved_alarms_days)
    await retries.until_done(work, (PyMongoError, HalfRestored))
    log.info("database is ready", database=database.name)
