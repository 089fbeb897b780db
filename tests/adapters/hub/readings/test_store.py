"""Readings in a real mongod: given to one connector, shown to one person, and forgotten with the message."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection

from contract_limits import READINGS_PER_CLAIM
from device_hub.readings.store import (
    KEPT,
    LEASE,
    WAITING_OF_ONE,
    Readings,
    ReadingUnknown,
    TooManyReadings,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
async def collection(mongod_url: str) -> AsyncIterator[AsyncCollection[dict[str, Any]]]:
    async with AsyncMongoClient[dict[str, Any]](mongod_url, tz_aware=True) as client:
        await client.drop_database("test_readings")
        yield client["test_readings"]["readings"]


@pytest.fixture
async def readings(collection: AsyncCollection[dict[str, Any]]) -> Readings:
    made = Readings(collection)
    await made.prepare()
    return made


async def ask(readings: Readings, name: str, subject: str = "ingrid", at: datetime = NOON) -> None:
    await readings.request(name, subject, source="hes", body=b"<a/>", at=at)


async def test_a_message_goes_to_one_connector_and_its_result_to_the_one_who_asked(
    readings: Readings, collection: AsyncCollection[dict[str, Any]]
) -> None:
    await ask(readings, "r1")
    assert (await readings.get("r1", "ingrid", NOON)).understood is None
    [claimed] = await readings.claim(NOON)
    assert (claimed.source, claimed.body) == ("hes", b"<a/>")
    assert await readings.claim(NOON + SECOND) == []
    await readings.complete("r1", claimed.lease, b"understood", NOON)
    assert (await readings.get("r1", "ingrid", NOON)).understood == b"understood"
    with pytest.raises(ReadingUnknown):
        await readings.get("r1", "anna", NOON)
    kept = await collection.find_one({"_id": "r1"})
    assert kept is not None
    assert "body" not in kept


async def test_a_connector_that_died_gives_way_to_another_one(readings: Readings) -> None:
    await ask(readings, "r1")
    [dead] = await readings.claim(NOON)
    later = NOON + LEASE + SECOND
    [alive] = await readings.claim(later)
    with pytest.raises(ReadingUnknown):
        await readings.complete("r1", dead.lease, b"too late", later)
    await readings.complete("r1", alive.lease, b"understood", later)
    # The answer was lost, and it says so once more.
    await readings.complete("r1", alive.lease, b"understood", later)


async def test_the_same_request_again_is_one_reading(readings: Readings) -> None:
    await ask(readings, "r1")
    await ask(readings, "r1")
    assert len(await readings.claim(NOON)) == 1


async def test_nobody_fills_the_queue_and_what_nobody_reads_is_given_up(
    readings: Readings,
) -> None:
    for number in range(WAITING_OF_ONE):
        await ask(readings, f"r{number}")
    with pytest.raises(TooManyReadings):
        await ask(readings, "one-more")
    await ask(readings, "r0")
    await ask(readings, "another", subject="ines")
    assert len(await readings.claim(NOON)) == READINGS_PER_CLAIM
    over = NOON + KEPT + SECOND
    assert await readings.claim(over) == []
    with pytest.raises(ReadingUnknown):
        await readings.get("r0", "ingrid", over)
    await ask(readings, "one-more", at=over)
