"""Progress is a word of the standard health service: asked for or watched, by the same facts as the status."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc.aio
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from grpc_health.v1 import health
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub
from meterpark.status.v1.status_pb2 import Denial, Hop, Trouble
from meterpark.status.v1.status_service_pb2 import GetStatusRequest

from service_chassis.scope import EVERYTHING
from service_chassis.server import serving
from service_status.health import PROGRESS, ProgressHealth
from service_status.hop import HopFacts
from service_status.service import Look, Status
from tests.specs.status.test_status_service import NO_CONTEXT, DatabaseError, Minutes

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SERVING = HealthCheckResponse.SERVING
NOT_SERVING = HealthCheckResponse.NOT_SERVING


def ago(seconds: float) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(NOON - timedelta(seconds=seconds))
    return made


@dataclass
class Service:
    """Serves health alone; ``hops`` are what it finds when it looks."""

    hops: Sequence[Hop] = ()
    health: ProgressHealth = field(init=False)
    # The stub has no types.
    stub: Any = field(init=False)

    async def found(self) -> Sequence[Hop]:
        return self.hops

    async def asked(self, name: str = PROGRESS) -> int:
        answer = await self.stub.Check(HealthCheckRequest(service=name))
        return int(answer.status)


@asynccontextmanager
async def open_service() -> AsyncIterator[Service]:
    service = Service()
    healthy = health.aio.HealthServicer()
    service.health = ProgressHealth(healthy=healthy, hops=service.found, now=lambda: NOON)
    async with (
        serving(0, lambda _: (), lambda _: None, healthy=healthy) as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        service.stub = HealthStub(channel)
        yield service


STANDSTILLS = {
    "nothing is done": Hop(name="reports", waiting_count=5, waiting_since_time=ago(31)),
    "trouble lasts": Hop(name="journal", trouble=Trouble(since_time=ago(31), detail="away")),
    "a call is denied": Hop(name="reports", denials=[Denial(since_time=ago(0))]),
    "one is overtaken": Hop(
        name="reports", waiting_count=1, waiting_since_time=ago(301), last_done_time=ago(1)
    ),
}


@pytest.mark.parametrize("hop", STANDSTILLS.values(), ids=STANDSTILLS)
async def test_a_hop_that_stands_still_is_told_and_is_no_reason_to_restart(hop: Hop) -> None:
    async with open_service() as service:
        service.hops = [Hop(name="quiet"), hop]
        await service.health.look()
        assert await service.asked() == NOT_SERVING
        assert await service.asked("") == SERVING


@pytest.mark.parametrize(
    "hop",
    [
        Hop(name="reports", waiting_count=5, waiting_since_time=ago(29)),
        Hop(
            name="quarantine",
            waiting_count=5,
            waiting_since_time=ago(90_000),
            waits_for_person=True,
        ),
    ],
    ids=["what has just come", "what waits for a person"],
)
async def test_what_goes_on_or_waits_for_a_person_is_no_standstill(hop: Hop) -> None:
    async with open_service() as service:
        service.hops = [hop]
        await service.health.look()
        assert await service.asked() == SERVING


async def test_whoever_watches_is_told_when_it_stands_still_and_when_it_goes_on() -> None:
    async with open_service() as service, asyncio.timeout(20):
        await service.health.look()
        answers = aiter(service.stub.Watch(HealthCheckRequest(service=PROGRESS)))
        seen = [(await anext(answers)).status]
        service.hops = [STANDSTILLS["trouble lasts"]]
        await service.health.look()
        seen.append((await anext(answers)).status)
        service.hops = []
        await service.health.look()
        seen.append((await anext(answers)).status)
        assert seen == [SERVING, NOT_SERVING, SERVING]


async def test_a_look_without_an_answer_is_known_before_anybody_asks() -> None:
    looked = asyncio.Event()

    async def ask() -> Sequence[HopFacts]:
        looked.set()
        raise DatabaseError("no primary")

    look = Look(name="journal", peer="the database", ask=ask, errors=(DatabaseError,))
    status = Status(looks=[look], now=Minutes(), started_at=NOON, scope=lambda: EVERYTHING)
    watching = asyncio.create_task(
        ProgressHealth(
            healthy=health.aio.HealthServicer(), hops=status.hops, now=lambda: NOON
        ).run()
    )
    async with asyncio.timeout(10):
        await looked.wait()
    answer = await status.GetStatus(GetStatusRequest(), NO_CONTEXT)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert [hop.trouble.count for hop in answer.hops] == [2]


async def test_a_look_that_takes_too_long_goes_on_and_is_not_asked_twice_meanwhile() -> None:
    asked = 0
    answers = asyncio.Event()

    async def slow() -> Sequence[HopFacts]:
        nonlocal asked
        asked += 1
        await answers.wait()
        return []

    status = Status(
        looks=[Look(name="journal", peer="MongoDB", ask=slow)],
        now=lambda: datetime.now(UTC),
        started_at=datetime.now(UTC),
        look_seconds=0.01,
    )
    for _ in range(3):
        [hop] = await status.hops()
        assert "MongoDB does not answer within 0.01 s" in hop.trouble.detail
    assert asked == 1
    answers.set()
    assert await status.hops() == []
