"""A parent is found by whatever name a report calls it, on a real mongod."""

from collections.abc import AsyncIterator

import pytest
from meterpark.device_hub.v1.report_pb2 import Linkage, Report
from pymongo import AsyncMongoClient

from tests.neighbours.hub import Commands, Document, said
from tests.neighbours.named_park import Replica, configuration, named, replica_on

GATEWAY = (("serial_number", "G1"), ("mrid", "8f1c-gateway"))


@pytest.fixture
async def park(mongod_url: str) -> AsyncIterator[Replica]:
    commands = Commands()
    async with AsyncMongoClient[Document](
        mongod_url, tz_aware=True, event_listeners=[commands]
    ) as client:
        await client.drop_database("test_parents")
        async with replica_on(client["test_parents"], commands) as replica:
            yield replica


def behind(
    report_id: str, parent: str, change: Linkage.Change.ValueType = Linkage.CHANGE_LINKED
) -> Report:
    link = Linkage(change=change, parent=parent)
    return named(said(report_id, "?", 2, linkage=link), ("serial_number", "M1"))


async def parent_of(park: Replica, device_id: str) -> str:
    found = await park.hub.journal.newest_of([device_id])
    return found[device_id].device.attributes.get("parent", "")


async def test_a_parent_that_is_called_by_another_name_is_the_device_that_is_known(
    park: Replica,
) -> None:
    await park.hears(configuration("r1", *GATEWAY))
    await park.hears(behind("r2", "8f1c-gateway"))
    assert await parent_of(park, "north/M1") == "G1"
    await park.hears(behind("r3", "8f1c-gateway", Linkage.CHANGE_UNLINKED))
    assert await parent_of(park, "north/M1") == ""


async def test_parent_and_child_of_one_batch_find_each_other(park: Replica) -> None:
    await park.hears(behind("r1", "8f1c-gateway"), configuration("r2", *GATEWAY))
    assert await parent_of(park, "north/M1") == "G1"


async def test_a_parent_that_nobody_knows_yet_stays_as_it_was_named_until_somebody_says_it_again(
    park: Replica,
) -> None:
    await park.hears(behind("r1", "8f1c-gateway"))
    assert await parent_of(park, "north/M1") == "8f1c-gateway"
    await park.hears(configuration("r2", *GATEWAY))
    await park.hears(behind("r3", "8f1c-gateway"))
    assert await parent_of(park, "north/M1") == "G1"
