"""How long resolved alarms are kept; the database itself removes those that are older, about once a minute."""

from typing import Final

from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

from smoc_service.alarms.documents import ALARMS
from smoc_service.mongodb import Document

# Ten years: the history of an alarm may be needed late.
RESOLVED_DAYS: Final = 3_650
_DAY_SECONDS: Final = 86_400
_NAME: Final = "kept"
# The index is there, with other options; or another process dropped it first.
_OTHER_OPTIONS: Final = frozenset({85, 86})
_NO_SUCH_INDEX: Final = 27


async def keep_resolved(database: AsyncDatabase[Document], days: int = RESOLVED_DAYS) -> None:
    """Have alarms kept for ``days`` after they were resolved; safe to repeat, also with another number."""
    try:
        await _make(database, days)
    except OperationFailure as error:
        if error.code not in _OTHER_OPTIONS:
            raise
        try:
            await database[ALARMS].drop_index(_NAME)
        except OperationFailure as gone:
            if gone.code != _NO_SUCH_INDEX:
                raise
        await _make(database, days)


async def _make(database: AsyncDatabase[Document], days: int) -> None:
    await database[ALARMS].create_index(
        [("resolved_at", ASCENDING)],
        name=_NAME,
        expireAfterSeconds=days * _DAY_SECONDS,
        # Those that are not resolved hold no time there, and need not lie in it.
        partialFilterExpression={"resolved_at": {"$type": "date"}},
    )
