"""Large messages in the quarantine: from the connector's client through the hub's door to a real mongod and back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import grpc.aio
import pytest
from meterpark.device_hub.v1 import quarantine_pb2 as contract
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import (
    DeviceHubServiceStub,
    add_DeviceHubServiceServicer_to_server,
)
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from pymongo import AsyncMongoClient

from device_hub.access import AUDIENCE, TABLE
from device_hub.device.rules import Rules
from device_hub.doors.archive import Archive
from device_hub.doors.device_hub_service import SERVICE, DeviceHub
from device_hub.doors.feeds import FeedsDoor
from device_hub.doors.quarantine import QuarantineDoor
from device_hub.doors.readings import ReadingsDoor
from device_hub.doors.reports import ReportsDoor
from device_hub.doors.reports_first import ReportsFirst
from device_hub.doors.shipments import ShipmentsDoor
from device_hub.feeds.store import FeedStore
from device_hub.journal.journal import Journal, open_collection
from device_hub.quarantine.bodies import QuarantinedBodies
from device_hub.quarantine.store import Quarantine
from device_hub.readings.store import Readings
from device_hub.status.progress import Tellers
from iec_connector.forwarding.forwarding import HubRefused
from iec_connector.hub.hub import Hub
from iec_connector.hub.quarantine_wire import CompletedReplay, parts_of
from iec_connector.quarantine import Complaint, QuarantineEntry
from service_chassis.refusals import reason_of
from service_chassis.scope import EVERYTHING
from service_chassis.server import serving
from service_chassis.settings import SidecarSettings
from service_chassis.sidecar import CHANNEL_OPTIONS
from service_status.hop import Hop
from tests.neighbours.issuer import Bearing, Issuer

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MEBIBYTE = 1024 * 1024

Document = dict[str, Any]


class NoDevices:
    """Nobody reports anything here."""

    async def record(self, device_id: str, reports: Any) -> list[Any]:
        raise AssertionError(f"{device_id} {reports}")


@dataclass(slots=True)
class Clock:
    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The hub's quarantine, from all sides."""

    quarantine: Quarantine
    messages: Any
    parts: Any
    connector: Hub
    stub: Any
    engineer: Any
    clock: Clock


@pytest.fixture
async def desk(mongod_url: str) -> AsyncIterator[Desk]:
    clock = Clock()
    async with AsyncMongoClient[Document](mongod_url, tz_aware=True) as client:
        await client.drop_database("test_bodies")
        database = client["test_bodies"]
        journal = Journal(open_collection(database, "commits"), now=clock.now)
        quarantine = Quarantine(
            database["quarantine"],
            QuarantinedBodies(database["quarantine_bodies"]),
            resolved_kept=timedelta(days=90),
        )
        await quarantine.prepare()
        servicer = DeviceHub(
            door=ReportsDoor(NoDevices(), ReportsFirst()),
            shipments=ShipmentsDoor(journal=journal, rules=Rules(), reports_first=ReportsFirst()),
            archive=Archive(journal),
            quarantine=QuarantineDoor(
                quarantine, Hop("replays", peer="iec-connector", now=clock.now), clock.now
            ),
            tellers=Tellers(clock.now),
            feeds=FeedsDoor(FeedStore(database["feeds"]), clock.now),
            readings=ReadingsDoor(Readings(database["readings"]), clock.now),
        )

        def add(server: grpc.aio.Server) -> list[str]:
            add_DeviceHubServiceServicer_to_server(servicer, server)
            return [SERVICE]

        issuer = Issuer()
        async with (
            serving(0, add, lambda _: None, interceptors=[issuer.lock(AUDIENCE, TABLE)]) as port,
            grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS) as channel,
        ):
            token = issuer.token(roles=["integration-engineer"], networks=["*"])
            yield Desk(
                quarantine=quarantine,
                messages=database["quarantine"],
                parts=database["quarantine_bodies"],
                connector=Hub(channel, SidecarSettings(), probe_seconds=1.0),
                stub=DeviceHubServiceStub(channel),
                engineer=Bearing(DeviceHubServiceStub(channel), token),
                clock=clock,
            )


def entry(name: str, body: bytes, kind: str = "bytes") -> QuarantineEntry:
    return QuarantineEntry(
        quarantine_id=name,
        source="hes-north",
        network="north",
        destination="queue://IEC20_PUSH",
        message_id="ID:\ud800",
        verb="created",
        noun="EndDeviceEvents",
        received_at=NOON,
        complaint=Complaint(reason="TOO_MANY_REPORTS", detail="10,001 \ud800", place="/x"),
        body=body,
        body_kind=kind,
        body_size_bytes=len(body),
        truncated=False,
    )


def large(mebibytes: float, mark: bytes = b"x") -> bytes:
    """Return a body in which no two places look alike."""
    pattern = b"".join(b"<%b%d/>" % (mark, number) for number in range(5000))
    wanted = int(mebibytes * MEBIBYTE)
    return (pattern * (wanted // len(pattern) + 1))[:wanted]


async def _ask_again(desk: Desk, *names: str) -> None:
    asked = await desk.quarantine.request_replay(
        names, EVERYTHING, all_open=not names, reason="", at=desk.clock.at
    )
    assert asked[1] == 0


async def test_a_large_message_is_kept_whole_and_read_again(desk: Desk) -> None:
    body = large(17.3)
    text = "Zähler \ud800"
    as_kept = text.encode(errors="surrogatepass")
    await desk.connector.quarantine([entry("q-1", body), entry("q-0", as_kept, "text")])
    await _ask_again(desk)
    small, first = await desk.connector.claim_replays(20)
    assert small.body == text
    assert first.body == body
    await desk.connector.complete_replays(
        [CompletedReplay(quarantine_id="q-1", lease=first.lease, complaint=None)]
    )
    kept = await desk.quarantine.get("q-1", EVERYTHING)
    assert kept["state"] == "RESOLVED"
    assert await desk.parts.count_documents({"forgotten_at": {"$gt": kept["forgotten_at"]}}) == 9


async def test_a_message_that_fails_again_keeps_its_body(desk: Desk) -> None:
    await desk.connector.quarantine([entry("q-1", large(3))])
    await _ask_again(desk)
    [claimed] = await desk.connector.claim_replays(1)
    complaint = Complaint(reason="XML_MALFORMED", detail="still", place="line 1")
    await desk.connector.complete_replays(
        [CompletedReplay(quarantine_id="q-1", lease=claimed.lease, complaint=complaint)]
    )
    assert await desk.parts.count_documents({"forgotten_at": {"$exists": True}}) == 0
    assert (await desk.quarantine.get("q-1", EVERYTHING))["state"] == "OPEN"


async def test_a_resolved_message_that_is_asked_for_keeps_its_body_again(desk: Desk) -> None:
    await desk.connector.quarantine([entry("q-1", large(3))])
    await _ask_again(desk)
    [claimed] = await desk.connector.claim_replays(1)
    done = CompletedReplay(quarantine_id="q-1", lease=claimed.lease, complaint=None)
    await desk.connector.complete_replays([done])
    await _ask_again(desk, "q-1")
    assert await desk.parts.count_documents({"forgotten_at": {"$exists": True}}) == 0


async def test_replays_of_many_large_messages_are_claimed_in_bounded_answers(desk: Desk) -> None:
    """Twenty of 2 MiB made an answer of 40 MiB, which no call carries: nothing was ever replayed again."""
    await desk.messages.insert_many(
        [
            {
                "_id": f"q-{number:02}",
                "source": "hes-north",
                "state": "REPLAY_REQUESTED",
                "reason": "XML_MALFORMED",
                "network": "north",
                "received_at": NOON,
                "quarantined_at": NOON,
                "changed_at": NOON,
                "replay_count": 0,
                "body": large(2),
                "body_kind": "bytes",
                "body_size_bytes": 2 * MEBIBYTE,
                "truncated": False,
            }
            for number in range(20)
        ]
    )
    seen: list[str] = []
    while claimed := await desk.connector.claim_replays(20):
        assert sum(len(one.body) for one in claimed) <= 10 * MEBIBYTE
        seen += [one.quarantine_id for one in claimed]
    assert seen == [f"q-{number:02}" for number in range(20)]


async def test_one_that_is_larger_than_a_claim_is_claimed_and_the_others_too(desk: Desk) -> None:
    for name, body in (("q-1", b"<a/>"), ("q-2", large(24)), ("q-3", b"<b/>")):
        desk.clock.at += timedelta(seconds=1)
        await desk.connector.quarantine([entry(name, body)])
    await _ask_again(desk)
    first = await desk.connector.claim_replays(20)
    assert [one.quarantine_id for one in first] == ["q-1", "q-2"]
    assert len(first[1].body) == 24 * MEBIBYTE
    assert [one.quarantine_id for one in await desk.connector.claim_replays(20)] == ["q-3"]


async def test_a_message_of_which_parts_are_missing_is_not_to_be_seen(desk: Desk) -> None:
    whole = entry("q-1", large(5))
    parts = list(parts_of(whole))
    assert len(parts) == 3
    message = contract.QuarantinedMessage(
        quarantine_id="q-1", reason="X", body_id=parts[0].body_id, kept_size_bytes=5 * MEBIBYTE
    )
    first_and_last = contract.QuarantineMessagesRequest(body_parts=[parts[0], parts[2]])
    await desk.stub.QuarantineMessages(first_and_last)
    told = contract.QuarantineMessagesRequest(messages=[message])
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await desk.stub.QuarantineMessages(told)
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert reason_of(refused.value) is None, "the connector sends it again"
    assert await desk.messages.count_documents({}) == 0
    assert await desk.parts.count_documents({"forgotten_at": {"$exists": True}}) == 2
    await desk.connector.quarantine([whole])
    assert await desk.messages.count_documents({}) == 1
    assert await desk.parts.count_documents({"forgotten_at": {"$exists": True}}) == 0


async def test_a_message_of_which_a_part_was_lost_says_so_and_holds_up_nobody(desk: Desk) -> None:
    await desk.connector.quarantine([entry("q-1", large(5)), entry("q-2", b"<a/>")])
    await desk.parts.delete_one({"offset": 2 * MEBIBYTE})
    await _ask_again(desk)
    lost, whole = await desk.connector.claim_replays(20)
    assert lost.complaint is not None
    assert lost.complaint.reason == "BODY_LOST"
    assert (whole.complaint, whole.body) == (None, b"<a/>")


async def test_the_same_message_with_another_body_leaves_no_parts_behind(desk: Desk) -> None:
    await desk.connector.quarantine([entry("q-1", large(5))])
    await desk.connector.quarantine([entry("q-1", large(4, b"y"))])
    await desk.connector.quarantine([entry("q-1", large(4, b"y"))])
    assert await desk.parts.count_documents({}) == 2
    assert (
        await desk.quarantine.body_of(await desk.quarantine.get("q-1", EVERYTHING), 0)
        == (large(4, b"y")[: 2 * MEBIBYTE])
    )


async def test_a_person_reads_a_large_body_piece_by_piece(desk: Desk) -> None:
    body = large(7.5)
    await desk.connector.quarantine([entry("q-1", body)])
    read = b""
    while True:
        request = contract.GetQuarantinedMessageRequest(quarantine_id="q-1", body_offset=len(read))
        message = (await desk.engineer.GetQuarantinedMessage(request)).message
        assert message.kept_size_bytes == len(body)
        if not message.body:
            break
        read += message.body
    assert read == body


async def test_a_lease_that_is_no_longer_held_reads_nothing(desk: Desk) -> None:
    await desk.connector.quarantine([entry("q-1", large(3))])
    request = contract.ReadReplayBodyRequest(quarantine_id="q-1", lease="mine", offset=0)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await desk.stub.ReadReplayBody(request)
    assert reason_of(refused.value) == (ErrorReason.ERROR_REASON_QUARANTINED_MESSAGE_UNKNOWN)


async def test_batches_of_the_quarantine_are_bounded_in_number(desk: Desk) -> None:
    completed = [CompletedReplay(quarantine_id="q", lease="l", complaint=None)] * 101
    with pytest.raises(HubRefused, match="BATCH_TOO_LARGE"):
        await desk.connector.complete_replays(completed)
    ids = contract.ReplayQuarantinedMessagesRequest(quarantine_ids=["q"] * 1001)
    with pytest.raises(grpc.aio.AioRpcError, match="1001 ids"):
        await desk.engineer.ReplayQuarantinedMessages(ids)
    part = contract.QuarantinedBodyPart(quarantine_id="q", body_id="b", content=b"x")
    parts = contract.QuarantineMessagesRequest(body_parts=[part] * 5)
    with pytest.raises(grpc.aio.AioRpcError, match="5 body parts"):
        await desk.stub.QuarantineMessages(parts)


async def test_a_page_is_bounded_in_bytes_and_counting_in_number(desk: Desk) -> None:
    told = {"detail": "ä" * 4000, "place": "p" * 4000, "message_id": "m" * 4000}
    await desk.messages.insert_many(
        [
            {
                "_id": f"q-{number:05}",
                "state": "OPEN",
                "network": "north",
                "reason": "X",
                "received_at": NOON,
                "quarantined_at": NOON,
                "changed_at": NOON,
                "replay_count": 0,
                "body_size_bytes": 0,
                "truncated": False,
                **(told if number < 500 else {}),
            }
            for number in range(10_001)
        ]
    )
    asked = contract.ListQuarantinedMessagesRequest(page_size=500)
    seen: list[str] = []
    shorter = 0
    while True:
        page = await desk.engineer.ListQuarantinedMessages(asked)
        assert page.ByteSize() < 8 * MEBIBYTE
        assert (page.total_count, page.total_count_is_minimum) == (10_000, True)
        seen += [message.quarantine_id for message in page.messages]
        shorter += len(page.messages) < 500
        asked.page_token = page.next_page_token
        if not page.next_page_token:
            break
    assert seen == [f"q-{number:05}" for number in reversed(range(10_001))]
    assert shorter > 1
