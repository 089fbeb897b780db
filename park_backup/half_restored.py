"""The mark of a database into which a restore has begun and not come to its end: what lies there is no park."""

from datetime import datetime
from typing import Any, Final

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database

Document = dict[str, Any]

# A collection of its own, which no backup holds.
MARKS: Final = "restore_under_way"


class HalfRestored(Exception):
    """A service must not work on this database; the text says why, and what to do."""


async def refuse_half_restored(database: AsyncDatabase[Document]) -> None:
    """Return if the database holds a park, whole or empty.

    Raises:
        HalfRestored: a restore is under way, or was broken off.
    """
    mark = await database[MARKS].find_one()
    if mark is not None:
        raise HalfRestored(
            f"the restore of {database.name} from {mark['backup']}, begun at {mark['begun_at']:%F %T} UTC, "
            "has not come to its end: wait for it, or start it again"
        )


def is_marked(database: Database[Document]) -> bool:
    return database[MARKS].find_one() is not None


def mark(database: Database[Document], *, backup: str, begun_at: datetime) -> None:
    """Mark it before anything in it is changed."""
    database[MARKS].replace_one(
        {"_id": "restore"}, {"backup": backup, "begun_at": begun_at}, upsert=True
    )


def unmark(database: Database[Document]) -> None:
    """Say that all of it is there."""
    database[MARKS].drop()
