"""What MongoDB counts of its own work, before a real one."""

from typing import Any

from pymongo import AsyncMongoClient

from benchmarks.instruments.database_work import DatabaseWork


async def test_what_is_written_is_counted_by_collection(mongod_url: str) -> None:
    async with AsyncMongoClient[dict[str, Any]](mongod_url) as client:
        database = client["database_work"]
        await database["one"].create_index("value")
        before = await DatabaseWork.now(client)
        await database["one"].insert_many([{"_id": each, "value": each} for each in range(10)])
        await database["one"].replace_one({"_id": 0}, {"value": 100})
        await database["one"].update_one({"_id": 1}, {"$set": {"other": 1}})
        await database["one"].delete_one({"_id": 2})
        async with await database["one"].watch():
            done = (await DatabaseWork.now(client)).since(before).per_report(10)
    written = done.writes["database_work.one"]
    assert written.documents == 1.3
    # Of ten documents two entries each; of the replaced one the old value's and the new one's; of the deleted one both.
    assert written.index_entries == 2.4
    assert written.bytes > 10
    assert done.requests["insert"] == 0.1
    assert done.requests["update"] == 0.2
    assert done.requests["delete"] == 0.1
    assert done.change_streams["database_work.one"] == 1
