"""What is said of a usage point goes to the device that is there; on a real mongod, by real heads."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import Configuration, Identifier, Report
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from pymongo import AsyncMongoClient

from device_hub.doors.usage_points import UsagePoints
from device_hub.journal.heads import Head, Heads
from device_hub.journal.journal import open_collection
from tests.neighbours.hub import said

Document = dict[str, Any]
UNKNOWN = ErrorReason.ERROR_REASON_DEVICE_UNKNOWN


@pytest.fixture
async def heads(mongod_url: str) -> AsyncIterator[Heads]:
    async with AsyncMongoClient[Document](mongod_url, tz_aware=True) as client:
        await client.drop_database("test_usage_points")
        made = Heads(open_collection(client["test_usage_points"], "heads"))
        await made.prepare()
        yield made


def at(device_id: str, place: str | None, revision: int = 1) -> Head:
    return Head(device_id=device_id, revision=revision, silence_due_at=None, place=place)


def about(usage_point: str) -> Report:
    content = Configuration(connection_state="connected")
    report = said("r1", usage_point, 1, configuration=content)
    report.identifiers.append(Identifier(scheme="usage_point", value=usage_point))
    return report


async def find(heads: Heads, *reports: Report) -> list[Verdict | None]:
    verdicts: list[Verdict | None] = [None] * len(reports)
    await UsagePoints(heads).find(reports, verdicts)
    return verdicts


async def test_it_goes_to_the_one_device_that_is_there_now(heads: Heads) -> None:
    await heads.advance([at("north/M1", "north/UP1"), at("north/M2", "north/UP2")])
    await heads.advance([at("north/M1", None, 2), at("north/M3", "north/UP1")])
    report, other = about("UP1"), said("r2", "SN-1", 1, configuration=Configuration(model="E450"))
    assert await find(heads, report, other) == [None, None]
    assert (report.device_identifier, list(report.identifiers)) == ("M3", [])
    assert other.device_identifier == "SN-1"


async def test_where_no_device_is_known_or_several_are_it_is_refused(heads: Heads) -> None:
    both = [at("north/M1", "north/UP1"), at("north/M2", "north/UP1"), at("south/M9", "south/UP9")]
    await heads.advance(both)
    several, nobody = await find(heads, about("UP1"), about("UP9"))
    assert several is not None
    assert nobody is not None
    assert (several.reason, nobody.reason) == (UNKNOWN, UNKNOWN)
    assert several.detail == "device_identifier: 2 devices are known at usage point 'UP1'"
    assert nobody.detail == "device_identifier: no device is known at usage point 'UP9'"
