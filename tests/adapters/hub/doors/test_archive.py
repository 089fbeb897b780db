"""What a person may read of the journal and the quarantine through the hub's own door, on a real mongod."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.device_hub.v1 import device_hub_service_pb2 as hub
from meterpark.device_hub.v1 import quarantine_pb2
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import (
    DeviceHubServiceStub,
    add_DeviceHubServiceServicer_to_server,
)
from meterpark.device_hub.v1.report_pb2 import Report
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from pymongo import AsyncMongoClient

from device_hub.access import AUDIENCE, TABLE
from device_hub.device.commands import RecordEvent, ReportFacts
from device_hub.device.rules import Rules
from device_hub.device.values import EndDeviceEvent, Meaning
from device_hub.doors.device_hub_service import SERVICE
from device_hub.journal.journal import Journal, open_collection
from device_hub.quarantine.store import Quarantine
from device_hub.turns.turn import (
    recall,
    take_turn,
)
from service_chassis.refusals import reason_of
from service_chassis.server import serving
from tests.neighbours.hub_doors import device_hub_of, quarantine_of
from tests.neighbours.issuer import Bearing, Issuer

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Hub:
    issuer: Issuer
    channel: grpc.aio.Channel
    quarantine: Quarantine

    def asked_by(self, role: str, *networks: str) -> Any:
        token = self.issuer.token(roles=[role], networks=networks)
        return Bearing(DeviceHubServiceStub(self.channel), token)


@pytest.fixture
async def hub_of_two_networks(mongod_url: str) -> AsyncIterator[Hub]:
    """A journal with north/1 and south/1, and a quarantine with a message of each of their networks."""
    async with AsyncMongoClient[dict[str, Any]](mongod_url, tz_aware=True) as client:
        await client.drop_database("test_archive")
        database = client["test_archive"]
        journal = Journal(open_collection(database, "commits"), now=lambda: NOON)
        quarantine = quarantine_of(database)
        await journal.prepare()
        await quarantine.prepare()
        for network in ("north", "south"):
            await _record_a_power_loss(journal, network)
        servicer = device_hub_of(database, journal, quarantine)

        def add(server: grpc.aio.Server) -> list[str]:
            add_DeviceHubServiceServicer_to_server(servicer, server)
            return [SERVICE]

        issuer = Issuer()
        async with (
            serving(0, add, lambda _: None, interceptors=[issuer.lock(AUDIENCE, TABLE)]) as port,
            grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
        ):
            # As the connector does: without a token, through a sidecar in earnest.
            await DeviceHubServiceStub(channel).QuarantineMessages(
                quarantine_pb2.QuarantineMessagesRequest(
                    messages=[
                        quarantine_pb2.QuarantinedMessage(
                            quarantine_id=f"q-{network}", network=network, reason="XML_MALFORMED"
                        )
                        for network in ("north", "south", "")
                    ]
                )
            )
            yield Hub(issuer, channel, quarantine)


async def _record_a_power_loss(journal: Journal, network: str) -> None:
    device_id = f"{network}/1"
    facts = ReportFacts(network=network, identifier="1", received_at=NOON, occurred_at=NOON)
    event = EndDeviceEvent(code="3.26.0.85", meaning=Meaning.POWER_LOST)
    await take_turn(
        journal,
        await recall(journal, device_id),
        device_id=device_id,
        report_id="r1",
        command=RecordEvent(facts=facts, event=event),
        rules=Rules(),
    )


async def refusal(call: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    reason = reason_of(raised.value)
    name = "" if reason is None else ErrorReason.Name(reason).removeprefix("ERROR_REASON_")
    return raised.value.code(), name


NETWORK_DENIED = (grpc.StatusCode.PERMISSION_DENIED, "NETWORK_DENIED")
ROLE_MISSING = (grpc.StatusCode.PERMISSION_DENIED, "ROLE_MISSING")
DEVICE_UNKNOWN = (grpc.StatusCode.NOT_FOUND, "DEVICE_UNKNOWN")
MESSAGE_UNKNOWN = (grpc.StatusCode.NOT_FOUND, "QUARANTINED_MESSAGE_UNKNOWN")


def device(asked: Any, device_id: str) -> Any:
    return asked.GetDevice(hub.GetDeviceRequest(device_id=device_id))


def history(asked: Any, device_id: str) -> Any:
    return asked.GetDeviceHistory(hub.GetDeviceHistoryRequest(device_id=device_id))


async def test_a_device_is_shown_as_it_was_at_a_time(hub_of_two_networks: Hub) -> None:
    auditor = hub_of_two_networks.asked_by("auditor", "north")

    def true_at(device_id: str, seconds: int) -> Any:
        time = Timestamp(seconds=int(NOON.timestamp()) + seconds)
        return auditor.GetDevice(hub.GetDeviceRequest(device_id=device_id, true_time=time))

    assert (await true_at("north/1", 0)).device.power.value == "OFF"
    assert await refusal(true_at("north/1", -1)) == DEVICE_UNKNOWN
    assert await refusal(true_at("south/1", 0)) == NETWORK_DENIED
    never = (grpc.StatusCode.INVALID_ARGUMENT, "ARGUMENT_INVALID")
    assert await refusal(true_at("north/1", 10**12)) == never


async def test_a_device_and_its_history_are_shown_to_whom_its_network_is(
    hub_of_two_networks: Hub,
) -> None:
    for networks in (["north"], ["*"], ["south", "north"]):
        auditor = hub_of_two_networks.asked_by("auditor", *networks)
        assert (await device(auditor, "north/1")).device.power.value == "OFF"
        assert [entry.revision for entry in (await history(auditor, "north/1")).entries] == [1]


@pytest.mark.parametrize("ask", [device, history])
async def test_another_network_s_device_is_denied_whether_it_exists_or_not(
    hub_of_two_networks: Hub, ask: Any
) -> None:
    for networks in (["north"], [], ["nor", "north"]):
        auditor = hub_of_two_networks.asked_by("auditor", *networks)
        for device_id in ("south/1", "south/9", "nowhere/1", "", "/", "/1", "1"):
            assert await refusal(ask(auditor, device_id)) == NETWORK_DENIED
    assert (
        await refusal(ask(hub_of_two_networks.asked_by("auditor", "north"), "north/9"))
        == DEVICE_UNKNOWN
    )
    assert await refusal(ask(hub_of_two_networks.asked_by("auditor", "*"), "1")) == DEVICE_UNKNOWN


async def test_a_history_is_the_auditor_s_and_the_quarantine_the_engineer_s(
    hub_of_two_networks: Hub,
) -> None:
    request = quarantine_pb2.ListQuarantinedMessagesRequest()
    for role in ("asset-viewer", "asset-manager", "integration-engineer", "device-provisioner"):
        asked = hub_of_two_networks.asked_by(role, "*")
        assert await refusal(history(asked, "north/1")) == ROLE_MISSING
    for role in ("asset-viewer", "asset-manager", "auditor", "device-provisioner"):
        asked = hub_of_two_networks.asked_by(role, "*")
        assert await refusal(asked.ListQuarantinedMessages(request)) == ROLE_MISSING


async def test_an_auditor_reads_what_the_journal_stores_of_one_report(
    hub_of_two_networks: Hub,
) -> None:
    auditor = hub_of_two_networks.asked_by("auditor", "north")
    asked = hub.GetDeviceHistoryRequest(device_id="north/1", page_size=1, with_stored_events=True)
    [entry] = (await auditor.GetDeviceHistory(asked)).entries
    stored = [json.loads(text) for text in entry.stored_events]
    assert [event["name"] for event in stored][-1] == "power-lost.1"
    assert stored[-1]["code"] == "3.26.0.85"
    [plain] = (await history(auditor, "north/1")).entries
    assert not plain.stored_events


async def test_a_history_begins_behind_the_revision_that_is_asked_for(
    hub_of_two_networks: Hub,
) -> None:
    auditor = hub_of_two_networks.asked_by("auditor", "north")
    behind = hub.GetDeviceHistoryRequest(device_id="north/1", after_revision=1)
    assert list((await auditor.GetDeviceHistory(behind)).entries) == []
    for device_id, revision, reason in (
        ("north/9", 1, "DEVICE_UNKNOWN"),
        ("north/1", 2**63, "ARGUMENT_INVALID"),
    ):
        asked = hub.GetDeviceHistoryRequest(device_id=device_id, after_revision=revision)
        assert (await refusal(auditor.GetDeviceHistory(asked)))[1] == reason


async def test_the_quarantine_shows_and_replays_what_is_of_one_s_networks(
    hub_of_two_networks: Hub,
) -> None:
    engineer = hub_of_two_networks.asked_by("integration-engineer", "north")
    page = await engineer.ListQuarantinedMessages(quarantine_pb2.ListQuarantinedMessagesRequest())
    assert [message.quarantine_id for message in page.messages] == ["q-north"]
    assert page.total_count == 1
    for quarantine_id in ("q-south", "q-", "q-never"):
        get = quarantine_pb2.GetQuarantinedMessageRequest(quarantine_id=quarantine_id)
        assert await refusal(engineer.GetQuarantinedMessage(get)) == MESSAGE_UNKNOWN
        replay = quarantine_pb2.ReplayQuarantinedMessagesRequest(
            quarantine_ids=["q-north", quarantine_id]
        )
        assert await refusal(engineer.ReplayQuarantinedMessages(replay)) == MESSAGE_UNKNOWN
    every = quarantine_pb2.ReplayQuarantinedMessagesRequest(all_open=True)
    assert (await engineer.ReplayQuarantinedMessages(every)).requested_count == 1
    [claimed] = await hub_of_two_networks.quarantine.claim(9, NOON)
    assert claimed["_id"] == "q-north"
    of_all = hub_of_two_networks.asked_by("integration-engineer", "*")
    assert (await of_all.ReplayQuarantinedMessages(every)).requested_count == 2


async def test_the_connector_s_methods_need_no_token(hub_of_two_networks: Hub) -> None:
    stub: Any = DeviceHubServiceStub(hub_of_two_networks.channel)
    answer = await stub.ClaimReplays(quarantine_pb2.ClaimReplaysRequest(limit=5))
    assert list(answer.replays) == []
    empty = hub.RecordReportsRequest(reports=[Report()] * 501)
    assert (await refusal(stub.RecordReports(empty)))[1] == "BATCH_TOO_LARGE"
