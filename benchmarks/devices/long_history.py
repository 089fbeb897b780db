"""A device with a long history, without years of waiting: its newest commit, again and again."""

from typing import Any, Final

import bson
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.write_concern import WriteConcern

from benchmarks.trouble import BenchFailed

Document = dict[str, Any]

_GROUP: Final = 500


async def lengthen(commits: AsyncCollection[Document], device_id: str, revision: int) -> None:
    """Add copies of the device's newest commit to the journal, up to ``revision``. The hub finds them as its own.

    Raises BenchFailed when there is no such device.
    """
    commits = commits.with_options(write_concern=WriteConcern(w="majority", j=True))
    newest = await commits.find_one({"device_id": device_id}, sort=[("revision", -1)])
    if newest is None:
        raise BenchFailed(f"the journal holds no commit of {device_id}")
    for first in range(newest["revision"] + 1, revision + 1, _GROUP):
        await commits.insert_many(
            [
                {
                    **newest,
                    "_id": bson.ObjectId(),
                    "revision": number,
                    "report_id": f"{newest['report_id']}-{number}",
                }
                for number in range(first, min(first + _GROUP, revision + 1))
            ]
        )
