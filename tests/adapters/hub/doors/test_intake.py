"""The intake at the door of the hub, with its locks: each caller gets what role and networks allow, and no more."""

from typing import Any

from meterpark.device_hub.v1 import device_hub_service_pb2 as hub
from meterpark.device_hub.v1 import feed_pb2, quarantine_pb2, reading_pb2
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceStub
from meterpark.status.v1.status_service_pb2 import Teller

from tests.adapters.hub.doors.test_archive import (
    ROLE_MISSING,
    Hub,
    hub_of_two_networks,
    refusal,
)

__all__ = ["hub_of_two_networks"]


def connector(hub_of_two: Hub) -> Any:
    """As the connector calls: without a token, through a sidecar in earnest."""
    return DeviceHubServiceStub(hub_of_two.channel)


async def test_feeds_are_those_of_ones_networks(hub_of_two_networks: Hub) -> None:
    feeds = [
        feed_pb2.Feed(source="hes", network=network, message_count=7, recent_seconds=60.0)
        for network in ("north", "south", "")
    ]
    await connector(hub_of_two_networks).TellProgress(
        hub.TellProgressRequest(teller=Teller(name="iec-connector at here:1"), feeds=feeds)
    )
    for networks, seen in (
        (["north"], ["north"]),
        (["*"], ["", "north", "south"]),
        ([], []),
    ):
        manager = hub_of_two_networks.asked_by("asset-manager", *networks)
        answer = await manager.ListFeeds(feed_pb2.ListFeedsRequest())
        assert [feed.network for feed in answer.feeds] == seen
        for feed in answer.feeds:
            assert (feed.connector_count, feed.messages_per_minute) == (1, 0.0)
            assert not feed.HasField("delay_seconds")
    viewer = hub_of_two_networks.asked_by("asset-viewer", "*")
    assert await refusal(viewer.ListFeeds(feed_pb2.ListFeedsRequest())) == ROLE_MISSING


async def test_a_manager_sees_how_many_messages_there_are_and_an_engineer_how_far_a_replay_is(
    hub_of_two_networks: Hub,
) -> None:
    count = quarantine_pb2.CountQuarantinedMessagesRequest()
    manager = hub_of_two_networks.asked_by("asset-manager", "north")
    [malformed] = (await manager.CountQuarantinedMessages(count)).counts
    assert (malformed.reason, malformed.open_count) == ("XML_MALFORMED", 1)
    engineer = hub_of_two_networks.asked_by("integration-engineer", "north")
    wanted = quarantine_pb2.ReplayQuarantinedMessagesRequest(all_open=True, replay_id="r1")
    assert (await engineer.ReplayQuarantinedMessages(wanted)).requested_count == 1
    progress = quarantine_pb2.GetReplayRequest(replay_id="r1")
    assert (await engineer.GetReplay(progress)).waiting_count == 1
    elsewhere = hub_of_two_networks.asked_by("integration-engineer", "south")
    assert (await elsewhere.GetReplay(progress)).waiting_count == 0
    assert await refusal(manager.GetReplay(progress)) == ROLE_MISSING


async def test_a_reading_names_the_sources_to_callers_of_all_networks_alone(
    hub_of_two_networks: Hub,
) -> None:
    told = reading_pb2.MessageUnderstood(source="hes", known_sources=["hes", "hes-south"])
    for networks, known in ((["*"], ["hes", "hes-south"]), (["north"], [])):
        engineer = hub_of_two_networks.asked_by("integration-engineer", *networks)
        name = f"r-{networks[0]}"
        await engineer.RequestReading(
            reading_pb2.RequestReadingRequest(reading_id=name, body=b"<a/>")
        )
        door = connector(hub_of_two_networks)
        [claimed] = (await door.ClaimReadings(reading_pb2.ClaimReadingsRequest())).readings
        await door.CompleteReading(
            reading_pb2.CompleteReadingRequest(
                reading_id=name, lease=claimed.lease, understood=told
            )
        )
        found = await engineer.GetReading(reading_pb2.GetReadingRequest(reading_id=name))
        assert list(found.understood.known_sources) == known
    manager = hub_of_two_networks.asked_by("asset-manager", "*")
    asked = reading_pb2.GetReadingRequest(reading_id="r-*")
    assert await refusal(manager.GetReading(asked)) == ROLE_MISSING
