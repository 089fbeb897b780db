"""What people chose of how the page looks: one document a person, a few short texts in it."""

from typing import Final

from pymongo import AsyncMongoClient
from pymongo.errors import DuplicateKeyError

from smoc_service.errors import TooMany
from smoc_service.mongodb import Document
from smoc_service.who import Who

PREFERENCES: Final = "preferences"
OF_ONE_AT_MOST: Final = 20


class PreferenceStore:
    """Keeps choices. MongoDB in trouble is a ``PyMongoError``."""

    def __init__(self, client: AsyncMongoClient[Document], database: str) -> None:
        self._people = client[database][PREFERENCES]

    async def of(self, who: Who) -> dict[str, str]:
        """Return the person's choices by name."""
        found = await self._people.find_one({"_id": who.subject})
        return {} if found is None else dict(sorted(found["chosen"].items()))

    async def set(self, who: Who, name: str, value: str) -> None:
        """Keep one choice; two at once keep both.

        Raises:
            TooMany: the person has as many others as are kept.
        """
        room = {
            "$or": [
                {f"chosen.{name}": {"$exists": True}},
                {
                    "$expr": {
                        "$lt": [{"$size": {"$objectToArray": "$chosen"}}, OF_ONE_AT_MOST],
                    }
                },
            ]
        }
        change = {"$set": {f"chosen.{name}": value}}
        # The first choice of a person makes the document; at the same time another may.
        for _ in range(2):
            done = await self._people.update_one({"_id": who.subject, **room}, change)
            if done.matched_count:
                return
            try:
                await self._people.insert_one({"_id": who.subject, "chosen": {name: value}})
            except DuplicateKeyError:
                continue
            return
        raise TooMany(f"{OF_ONE_AT_MOST} choices of yours are kept, no more are")
