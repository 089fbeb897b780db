"""`meterpark feeds` against a real gRPC server."""

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from meterpark.device_hub.v1.feed_pb2 import KnownFeed
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from service_chassis.refusals import CallRefused
from tests.specs.cli.command import Command
from tests.specs.cli.services_in_memory import Services, at, sidecar_before


@pytest.fixture
def services() -> Services:
    return Services(
        feeds=[
            KnownFeed(
                source="hes-north",
                network="north",
                heard_time=at("2026-03-01T09:00:01Z"),
                connector_count=1,
                connected=True,
                since_time=at("2026-03-01T08:00:00Z"),
                message_count=12_345,
                unreadable_count=2,
                messages_per_minute=3.14,
                delay_seconds=7.2,
                last_message_time=at("2026-03-01T09:00:00Z"),
            ),
            KnownFeed(source="hes-south", heard_time=at("2026-03-01T07:00:00Z")),
        ]
    )


@pytest.fixture
async def meterpark(services: Services, tmp_path: Path) -> AsyncIterator[Command]:
    async with sidecar_before(services) as port:
        yield Command.asking(port, tmp_path)


async def test_each_feed_is_a_line_and_what_is_not_known_is_no_zero(meterpark: Command) -> None:
    ended = await meterpark("feeds")
    assert ended.code == 0
    heading, north, south = ended.text.splitlines()
    assert heading.startswith("source")
    assert north.split()[:6] == ["hes-north", "north", "CONNECTED", "3.1", "7", "s"]
    assert north.split()[-3:] == ["12,345", "2", "-"]
    assert south.split() == ["hes-south", "-", "UNKNOWN", "-", "-", "-", "-", "-", "-"]


async def test_a_program_gets_the_contract_s_names(meterpark: Command) -> None:
    ended = await meterpark("feeds", "--json")
    north, south = ended.document["feeds"]
    assert (north["messages_per_minute"], north["message_count"]) == (3.14, 12_345)
    assert (south["since_time"], south["connected"]) == (None, False)
    assert ended.document["asked_time"] == "2026-03-01T09:00:03Z"
    assert ended.document["is_cut"] is False


async def test_an_absent_rate_is_null_for_a_program(meterpark: Command) -> None:
    ended = await meterpark("feeds", "--json")
    _, south = ended.document["feeds"]
    assert (south["messages_per_minute"], south["delay_seconds"]) == (None, None)


async def test_an_answer_that_is_cut_says_so(meterpark: Command, services: Services) -> None:
    services.most_feeds = 1
    ended = await meterpark("feeds")
    assert ended.complaint == "there are more feeds than are shown"


async def test_no_feed_is_said_in_words(meterpark: Command, services: Services) -> None:
    services.feeds.clear()
    ended = await meterpark("feeds")
    assert (ended.code, ended.text, ended.complaint) == (0, "", "no feeds")


async def test_who_may_not_see_feeds_reads_which_role_it_needs(
    meterpark: Command, services: Services
) -> None:
    services.refusals["ListFeeds"] = CallRefused(
        grpc.StatusCode.PERMISSION_DENIED, ErrorReason.ERROR_REASON_ROLE_MISSING, "no role"
    )
    ended = await meterpark("feeds")
    assert ended.code == 1
    assert "integration-engineer" in ended.err
