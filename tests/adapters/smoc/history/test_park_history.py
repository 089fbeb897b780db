"""Rollout and communication of the park by day and area, against a real MongoDB."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import device_pb2, device_service_pb2, provisioning_service_pb2

from service_chassis.refusals import reason_of
from smoc_service.history.communication_days import COMMUNICATION_DAYS, CommunicationDays
from smoc_service.register.milestones import WINDOW_DAYS, date_of, day_of
from tests.neighbours.smoc.running import Smoc, running
from tests.specs.smoc.messages import device

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def written(at: datetime) -> Timestamp:
    time = Timestamp()
    time.FromDatetime(at)
    return time


def serving(
    device_id: str, area: str, *, since_days: int, heard_days: Sequence[int] = ()
) -> provisioning_service_pb2.Provision:
    """Return a device that was discovered so many days ago, in operation a day later, and heard on some days."""
    begun = NOW - since_days * DAY
    told = [
        device_pb2.TimelineEntry(kind="installed", occurred_time=written(begun)),
        device_pb2.TimelineEntry(kind="discovered", occurred_time=written(begun)),
        *(
            device_pb2.TimelineEntry(kind="contact", received_time=written(NOW - ago * DAY))
            for ago in heard_days
        ),
    ]
    for index, each in enumerate(told):
        each.entry_id, each.revision = f"1.{index}", 1
    given = device(device_id, 1, area=area, lifecycle="IN_OPERATION")
    given.lifecycle.as_of_time.FromDatetime(begun + DAY)
    return provisioning_service_pb2.Provision(device=given, entries=told)


def date(ago: int) -> str:
    return date_of(day_of(NOW) - ago).isoformat()


async def rollout(smoc: Smoc, since: int, **asked: Any) -> list[tuple[Any, ...]]:
    request = device_service_pb2.GetRolloutRequest(
        **{"start_date": date(since), "end_date": date(0), **asked}
    )
    answer = await smoc.devices.GetRollout(request)
    return [
        (each.date, each.area, each.installed, each.discovered, each.taken_into_operation)
        for each in answer.days
    ]


async def quality(smoc: Smoc, since: int, **asked: Any) -> list[tuple[Any, ...]]:
    request = device_service_pb2.GetCommunicationQualityRequest(
        **{"start_date": date(since), "end_date": date(0), **asked}
    )
    answer = await smoc.devices.GetCommunicationQuality(request)
    return [
        (each.date, each.area, each.devices_in_service, each.devices_heard) for each in answer.days
    ]


def keeper(smoc: Smoc, at: datetime = NOW) -> CommunicationDays:
    return CommunicationDays(smoc.park, smoc.database, lambda: at)


PARK = [
    serving("north/1", "A-1", since_days=5, heard_days=[4, 2, 0]),
    serving("north/2", "A-2", since_days=5, heard_days=[2]),
    serving("north/3", "", since_days=3),
    serving("south/1", "A-1", since_days=2, heard_days=[1]),
]


async def test_a_rollout_is_told_by_day_and_by_area(mongod_url: str) -> None:
    async with running(mongod_url, before=PARK, now=lambda: NOW) as smoc:
        await smoc.summary_from_now()
        assert await rollout(smoc, 9) == [
            (date(5), "", 2, 2, 0),
            (date(4), "", 0, 0, 2),
            (date(3), "", 1, 1, 0),
            (date(2), "", 1, 1, 1),
            (date(1), "", 0, 0, 1),
        ]
        assert await rollout(smoc, 5, end_date=date(4), by_area=True) == [
            (date(5), "A-1", 1, 1, 0),
            (date(5), "A-2", 1, 1, 0),
            (date(4), "A-1", 0, 0, 1),
            (date(4), "A-2", 0, 0, 1),
        ]
        assert await rollout(smoc, 9, areas=["A-2"]) == [
            (date(5), "", 1, 1, 0),
            (date(4), "", 0, 0, 1),
        ]
        assert await rollout(smoc.seen_by("south"), 9) == [
            (date(2), "", 1, 1, 0),
            (date(1), "", 0, 0, 1),
        ]


async def test_communication_is_told_by_day_and_by_area_for_what_is_kept_and_for_today(
    mongod_url: str,
) -> None:
    async with running(mongod_url, before=PARK, now=lambda: NOW) as smoc:
        await smoc.summary_from_now()
        assert await keeper(smoc).keep() > 0
        assert await quality(smoc, 9) == [
            (date(5), "", 2, 0),
            (date(4), "", 2, 1),
            (date(3), "", 3, 0),
            (date(2), "", 4, 2),
            (date(1), "", 4, 1),
            (date(0), "", 4, 1),
        ]
        assert await quality(smoc, 2, end_date=date(1), by_area=True) == [
            (date(2), "", 1, 0),
            (date(2), "A-1", 2, 1),
            (date(2), "A-2", 1, 1),
            (date(1), "", 1, 0),
            (date(1), "A-1", 2, 1),
            (date(1), "A-2", 1, 0),
        ]
        assert await quality(smoc, 2, end_date=date(2), areas=["A-1"]) == [(date(2), "", 2, 1)]
        assert await quality(smoc.seen_by("south"), 3, end_date=date(2), by_area=True) == [
            (date(2), "A-1", 1, 0)
        ]


async def test_keeping_again_writes_nothing_and_what_comes_late_is_counted_later(
    mongod_url: str,
) -> None:
    async with running(mongod_url, before=PARK, now=lambda: NOW) as smoc:
        await smoc.summary_from_now()
        await keeper(smoc).keep()
        assert await keeper(smoc).keep() == 0
        late = serving("north/2", "A-9", since_days=5, heard_days=[3])
        late.device.revision = 2
        for index, each in enumerate(late.entries):
            each.entry_id, each.revision = f"2.{index}", 2
        await smoc.provision(late)
        await smoc.summary_from_now()
        await keeper(smoc).keep()
        # It moved, and its days in service with it.
        assert await quality(smoc, 3, end_date=date(3), by_area=True) == [
            (date(3), "", 1, 0),
            (date(3), "A-1", 1, 0),
            (date(3), "A-9", 1, 1),
        ]


async def test_a_day_that_no_device_remembers_stays_as_it_was_kept(mongod_url: str) -> None:
    async with running(mongod_url, before=PARK, now=lambda: NOW) as smoc:
        await smoc.summary_from_now()
        await keeper(smoc).keep()
        before = (
            await smoc.database[COMMUNICATION_DAYS].find({"_id.day": day_of(NOW) - 4}).to_list()
        )
        contact = device_pb2.TimelineEntry(
            entry_id="2.0", revision=2, kind="contact", received_time=written(NOW)
        )
        contact.received_time.FromDatetime(NOW + WINDOW_DAYS * DAY)
        moved = serving("north/1", "A-1", since_days=5).device
        moved.revision = 2
        await smoc.provision(provisioning_service_pb2.Provision(device=moved, entries=[contact]))
        await smoc.summary_from_now()
        await keeper(smoc, NOW + WINDOW_DAYS * DAY).keep()
        after = await smoc.database[COMMUNICATION_DAYS].find({"_id.day": day_of(NOW) - 4}).to_list()
        assert after == before != []


async def test_a_question_reads_a_document_for_each_day_however_many_areas_there_are(
    mongod_url: str,
) -> None:
    park = [serving(f"north/{n}", f"A-{n}", since_days=9) for n in range(200)]
    async with running(mongod_url, before=park, now=lambda: NOW) as smoc:
        await smoc.summary_from_now()
        await keeper(smoc).keep()
        await smoc.profiling()
        await quality(smoc, 8)
        examined = [
            each["docsExamined"]
            for each in await smoc.profiled()
            if each["ns"].endswith(COMMUNICATION_DAYS)
        ]
        assert examined == [7]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"start_date": ""}, "start_date: '' is no day like 2026-11-21"),
        ({"start_date": "20261121"}, "start_date: '20261121' is no day"),
        ({"end_date": "2026-02-30"}, "end_date: '2026-02-30' is no day"),
        ({"start_date": "2026-01-02", "end_date": "2026-01-01"}, "start_date: lies after end_date"),
        (
            {"start_date": "2025-01-01", "end_date": "2026-02-05"},
            "end_date: more than 400 days",
        ),
        ({"networks": ["NORTH"]}, "networks[0]: 'NORTH' is no network name"),
        ({"areas": [""]}, "areas[0]: empty"),
    ],
)
async def test_a_question_that_cannot_be_meant_is_refused_with_its_field(
    mongod_url: str, asked: dict[str, Any], said: str
) -> None:
    async with running(mongod_url) as smoc:
        for question in (rollout, quality):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await question(smoc, 1, **asked)
            assert reason_of(refused.value) == ErrorReason.ERROR_REASON_ARGUMENT_INVALID
            assert said in str(refused.value.details())


async def test_an_answer_of_too_many_lines_is_refused_before_it_is_made(mongod_url: str) -> None:
    async with running(mongod_url, before=PARK, now=lambda: NOW) as smoc:
        await smoc.summary_from_now()
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await quality(smoc, 399, areas=[f"A-{n}" for n in range(50)])
        assert "398 days of 50 areas in 2 networks" in str(refused.value.details())


async def test_a_network_that_the_caller_does_not_see_is_denied(mongod_url: str) -> None:
    async with running(mongod_url, before=PARK, now=lambda: NOW) as smoc:
        for question in (rollout, quality):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await question(smoc.seen_by("south"), 1, networks=["north"])
            assert reason_of(refused.value) == ErrorReason.ERROR_REASON_NETWORK_DENIED
