"""The status is answered whatever stands still: what does not answer is a fact of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from meterpark.status.v1.status_pb2 import Hop
from meterpark.status.v1.status_service_pb2 import GetStatusRequest
from structlog.testing import capture_logs

from service_chassis.scope import EVERYTHING, Scope
from service_status.hop import HopFacts, Trouble
from service_status.service import Look, Status

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
# The method does not look at it.
NO_CONTEXT = cast("Any", None)


class DatabaseError(Exception):
    """As a driver raises it."""


class Minutes:
    """A clock on which a minute passes with each look at it."""

    def __init__(self) -> None:
        self._at = NOON

    def __call__(self) -> datetime:
        self._at += timedelta(minutes=1)
        return self._at


def looking(ask: Callable[[], Awaitable[Sequence[HopFacts]]], scope: Scope = EVERYTHING) -> Status:
    return Status(
        looks=[Look(name="journal", peer="the database", ask=ask, errors=(DatabaseError,))],
        now=Minutes(),
        started_at=NOON,
        look_seconds=0.05,
        scope=lambda: scope,
    )


async def only_hop(status: Status) -> Hop:
    answer = await status.GetStatus(GetStatusRequest(), NO_CONTEXT)
    [hop] = answer.hops
    return hop


async def test_facts_travel_as_they_are() -> None:
    async def ask() -> Sequence[HopFacts]:
        return [
            HopFacts(
                name="journal to register",
                waiting_count=3,
                waiting_since=NOON,
                last_done_at=NOON - timedelta(seconds=1),
                destinations=["queue://IEC20_PUSH"],
            )
        ]

    hop = await only_hop(looking(ask))
    assert (hop.name, hop.waiting_count) == ("journal to register", 3)
    assert hop.waiting_since_time.ToDatetime(tzinfo=UTC) == NOON
    assert list(hop.destinations) == ["queue://IEC20_PUSH"]
    assert not hop.HasField("trouble")


async def test_a_caller_of_some_networks_is_told_that_there_is_trouble_but_of_no_device() -> None:
    async def ask() -> Sequence[HopFacts]:
        trouble = Trouble(since=NOON, last=NOON, count=2, detail="south/4711 is in the way")
        return [HopFacts(name="reports", waiting_count=3, detail="south/4711", trouble=trouble)]

    everything = await only_hop(looking(ask))
    assert "south/4711" in everything.trouble.detail
    some = await only_hop(looking(ask, Scope.of(["north"])))
    assert (some.name, some.waiting_count, some.trouble.count) == ("reports", 3, 2)
    assert some.trouble.detail
    assert "4711" not in str(some)


async def test_what_hangs_is_a_trouble_and_holds_up_no_answer() -> None:
    async def ask() -> Sequence[HopFacts]:
        await asyncio.Event().wait()
        return []

    hop = await only_hop(looking(ask))
    assert hop.name == "journal"
    assert hop.trouble.detail == "the database does not answer within 0.05 s"


async def test_an_error_that_a_look_expects_is_a_trouble_since_it_was_met_first() -> None:
    async def ask() -> Sequence[HopFacts]:
        raise DatabaseError("no primary")

    status = looking(ask)
    first = await only_hop(status)
    again = await only_hop(status)
    assert again.trouble.detail == "the database: no primary"
    assert again.trouble.count == 2
    assert again.trouble.since_time == first.trouble.since_time
    assert again.trouble.last_time.seconds > first.trouble.last_time.seconds


async def test_a_defect_of_a_look_is_a_trouble_of_its_hop_and_told_in_the_log_once() -> None:
    before: list[Exception] = [DatabaseError("no primary")]

    async def broken() -> Sequence[HopFacts]:
        raise before.pop() if before else KeyError("a state of tomorrow")

    async def ask() -> Sequence[HopFacts]:
        return [HopFacts(name="journal", waiting_count=3)]

    status = Status(
        looks=[
            Look(name="reports", peer="the database", ask=broken, errors=(DatabaseError,)),
            Look(name="journal", peer="the database", ask=ask),
        ],
        now=Minutes(),
        started_at=NOON,
        scope=lambda: EVERYTHING,
    )
    with capture_logs() as lines:
        for _ in range(3):
            reports, journal = await status.hops()
    assert reports.trouble.detail == "the database: KeyError: 'a state of tomorrow'"
    assert reports.trouble.count == 3
    assert journal.waiting_count == 3
    assert [(line["log_level"], line["hop"]) for line in lines] == [("error", "reports")]


async def test_a_trouble_ends_when_the_look_is_answered() -> None:
    errors = [DatabaseError("no primary")]

    async def ask() -> Sequence[HopFacts]:
        if errors:
            raise errors.pop()
        return [HopFacts(name="journal")]

    status = looking(ask)
    assert (await only_hop(status)).HasField("trouble")
    assert not (await only_hop(status)).HasField("trouble")
