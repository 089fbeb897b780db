"""What the database alone does with the same documents: MongoDB's own insert_many, with the journal's indexes.

The documents are the newest commits of the journal. They go into a collection of the run's own, as often as it takes,
in groups as large as the hub's, each one acknowledged by a majority, on disk.
"""

import asyncio
from typing import Any, Final

import bson
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.write_concern import WriteConcern

from benchmarks.instruments.figures import rate
from benchmarks.instruments.processor_time import ProcessorTime
from benchmarks.measures.measured import Round

Document = dict[str, Any]

DATABASE: Final = "bench_bare"
_GROUP: Final = 500


async def bare_insert(
    client: AsyncMongoClient[Document],
    journal: AsyncCollection[Document],
    pids: dict[str, int],
    documents: int,
) -> Round:
    """Insert copies of the journal's newest ``documents``, and forget them."""
    indexes = [
        (name, index)
        for name, index in (await journal.index_information()).items()
        if name != "_id_"
    ]
    copies = await journal.find().sort("_id", -1).limit(documents).to_list()
    for one in copies:
        one["_id"] = bson.ObjectId()
    bare = client[DATABASE].get_collection(
        "commits", write_concern=WriteConcern(w="majority", j=True)
    )
    await bare.drop()
    for name, index in indexes:
        more = {
            word: index[word] for word in ("unique", "partialFilterExpression") if word in index
        }
        await bare.create_index(index["key"], name=name, **more)
    clock = asyncio.get_running_loop().time
    before, began_at = ProcessorTime.now(pids), clock()
    for first in range(0, len(copies), _GROUP):
        await bare.insert_many(copies[first : first + _GROUP], ordered=False)
    seconds = clock() - began_at
    used = ProcessorTime.now(pids).since(before)
    await client.drop_database(DATABASE)
    return Round(rate=rate(len(copies), seconds), milliseconds=used.per_report(len(copies)))
