"""Deeds of the hub, through its own doors and a real database: no decision, join or replay without a trace."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import grpc
import grpc.aio
import pytest
from meterpark.device_hub.v1 import audit_service_pb2 as contract
from meterpark.device_hub.v1 import identity_service_pb2 as identities
from meterpark.device_hub.v1 import quarantine_pb2
from meterpark.device_hub.v1.audit_service_pb2_grpc import AuditServiceStub
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceStub
from meterpark.device_hub.v1.identity_service_pb2_grpc import IdentityServiceStub
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1.audit_service_pb2 import Deed, DeedFilter, DeedOutcome
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from device_hub.access import AUDIENCE, TABLE
from device_hub.doors.deeds import HUB, AuditDoor
from device_hub.doors.identities import IdentityDoor
from device_hub.doors.services import add_services, translate
from device_hub.journal.journal import open_collection
from service_chassis.refusals import reason_of
from service_chassis.server import serving
from service_deeds.noting import DeedsNoted
from service_deeds.store import DEEDS, DeedStore
from tests.neighbours.hub import Commands, Document
from tests.neighbours.hub_doors import device_hub_of, quarantine_of
from tests.neighbours.issuer import Bearing, Issuer
from tests.neighbours.named_park import Replica, configuration, contact, replica_on

SERIAL, MRID = ("serial_number", "S1"), ("mrid", "8f1c-uuid")
TWO = "north/S1", "north/8f1c-uuid"
DONE, REFUSED, ASKED = (
    DeedOutcome.DEED_OUTCOME_DONE,
    DeedOutcome.DEED_OUTCOME_REFUSED,
    DeedOutcome.DEED_OUTCOME_ASKED,
)
Resolve = identities.ResolveIdentityConflictRequest
Replay = quarantine_pb2.ReplayQuarantinedMessagesRequest


@dataclass(frozen=True, slots=True)
class Hub:
    park: Replica
    database: AsyncDatabase[Document]
    issuer: Issuer
    channel: grpc.aio.Channel

    def asked_by(self, stub: Any, name: str, role: str, *networks: str) -> Any:
        token = self.issuer.token(
            roles=[role], networks=networks, preferred_username=name, sub=f"id-of-{name}"
        )
        return Bearing(stub(self.channel), token)

    @property
    def anna(self) -> Any:
        return self.asked_by(IdentityServiceStub, "anna", "asset-manager", "*")

    @property
    def ingrid(self) -> Any:
        return self.asked_by(DeviceHubServiceStub, "ingrid", "integration-engineer", "*")

    async def deeds(self, *, networks: Sequence[str] = ("*",), **wanted: Any) -> list[Deed]:
        """Return the deeds that an auditor finds, newest first, page by page."""
        audrey = self.asked_by(AuditServiceStub, "audrey", "auditor", *networks)
        found: list[Deed] = []
        request = contract.ListDeedsRequest(filter=DeedFilter(**wanted), page_size=2)
        while True:
            page = await audrey.ListDeeds(request)
            found += page.deeds
            request.page_token = page.next_page_token
            if not request.page_token:
                return found

    async def conflict(self) -> str:
        """Return the id of a conflict: two devices of one meter, and a configuration that names both."""
        await self.park.hears(contact("r-1", MRID), contact("r-2", SERIAL))
        await self.park.hears(configuration("c-1", SERIAL, MRID))
        answer = await self.anna.ListIdentityConflicts(identities.ListIdentityConflictsRequest())
        [conflict] = answer.conflicts
        return str(conflict.conflict_id)

    async def quarantined(self, *ids: str) -> None:
        """As the connector does: without a token, through a sidecar in earnest."""
        await DeviceHubServiceStub(self.channel).QuarantineMessages(
            quarantine_pb2.QuarantineMessagesRequest(
                messages=[
                    quarantine_pb2.QuarantinedMessage(
                        quarantine_id=each, network="north", reason="XML_MALFORMED"
                    )
                    for each in ids
                ]
            )
        )

    async def takes(self, collection: str, validator: Document) -> None:
        """Let a collection take only what fits; as a failing disk would, in the end."""
        await self.database.command({"collMod": collection, "validator": validator})


@pytest.fixture
async def hub(mongod_url: str) -> AsyncIterator[Hub]:
    commands = Commands()
    async with AsyncMongoClient[Document](
        mongod_url, tz_aware=True, event_listeners=[commands]
    ) as client:
        database = client["test_hub_deeds"]
        await client.drop_database(database)
        deeds = DeedStore(open_collection(database, DEEDS))
        await deeds.prepare()
        quarantine = quarantine_of(database)
        await quarantine.prepare()
        async with replica_on(database, commands) as park:
            servicer = device_hub_of(database, park.hub.journal, quarantine)
            identity = IdentityDoor(park.parts.deciding, park.parts.joining)
            issuer = Issuer()
            noted = DeedsNoted(deeds, HUB, translate, now=lambda: datetime.now(UTC))
            async with (
                serving(
                    0,
                    lambda server: add_services(server, servicer, identity, AuditDoor(deeds)),
                    translate,
                    interceptors=[issuer.lock(AUDIENCE, TABLE), noted],
                ) as port,
                grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
            ):
                yield Hub(park, database, issuer, channel)


async def refusal(call: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call
    reason = reason_of(error.value)
    return "" if reason is None else ErrorReason.Name(reason).removeprefix("ERROR_REASON_")


async def test_an_auditor_finds_who_decided_a_conflict_and_why(hub: Hub) -> None:
    conflict_id = await hub.conflict()
    await hub.anna.ResolveIdentityConflict(
        Resolve(conflict_id=conflict_id, assigned_device_id=TWO[0], reason="the type plate says so")
    )
    [deed] = await hub.deeds()
    assert (deed.username, deed.subject) == ("anna", "id-of-anna")
    assert (deed.kind, deed.about) == ("resolve-identity-conflict", conflict_id)
    assert deed.summary == f"mrid {MRID[1]}: assigned to {TWO[0]}"
    assert dict(deed.said) == {
        "assigned_device_id": TWO[0],
        "reason": "the type plate says so",
    }
    assert (deed.outcome, set(deed.device_ids)) == (DONE, set(TWO))
    for wanted in (
        {"device_id": TWO[1]},
        {"about": conflict_id},
        {"usernames": ["anna"], "kinds": ["resolve-identity-conflict"]},
        {"outcomes": [DONE]},
    ):
        assert await hub.deeds(**wanted) == [deed]
    assert await hub.deeds(usernames=["otto"]) == []


async def test_a_decision_lies_in_its_network_whoever_made_it(hub: Hub) -> None:
    conflict_id = await hub.conflict()
    await hub.anna.ResolveIdentityConflict(Resolve(conflict_id=conflict_id, reason="two meters"))
    [deed] = await hub.deeds(networks=("north",))
    assert deed.summary == f"mrid {MRID[1]}: dismissed"
    assert await hub.deeds(networks=("south",)) == []


async def test_a_join_and_its_undoing_are_two_deeds_about_both_devices(hub: Hub) -> None:
    await hub.conflict()
    kept, joined = TWO
    await hub.anna.JoinDevices(
        identities.JoinDevicesRequest(kept_device_id=kept, joined_device_id=joined, reason="one")
    )
    await hub.anna.UndoJoin(identities.UndoJoinRequest(joined_device_id=joined, reason="two"))
    undone, done = await hub.deeds(networks=("north",))
    assert [each.kind for each in (undone, done)] == ["undo-join", "join-devices"]
    assert (done.summary, undone.summary) == (f"{joined} into {kept}", f"{joined} out of {kept}")
    assert dict(done.said) == {"kept_device_id": kept, "joined_device_id": joined, "reason": "one"}
    for device_id in TWO:
        assert await hub.deeds(device_id=device_id) == [undone, done]


async def test_a_replay_of_one_of_some_and_of_all_messages_is_a_deed_each(hub: Hub) -> None:
    ids = [f"q-{number}" for number in range(6)]
    await hub.quarantined(*ids)
    some = str(uuid4())
    await hub.ingrid.ReplayQuarantinedMessages(Replay(quarantine_ids=ids[:1], replay_id="one"))
    await hub.ingrid.ReplayQuarantinedMessages(Replay(quarantine_ids=ids[1:3], replay_id=some))
    await hub.ingrid.ReplayQuarantinedMessages(Replay(all_open=True, reason="XML_MALFORMED"))
    of_all, of_some, of_one = await hub.deeds()
    assert {each.kind for each in (of_all, of_some, of_one)} == {"replay-quarantined-messages"}
    assert (of_one.about, of_one.summary, dict(of_one.said)) == (ids[0], "1 message", {})
    assert (of_some.about, of_some.summary) == (some, "2 messages")
    assert dict(of_some.said) == {"quarantine_ids": '["q-1", "q-2"]'}
    assert (of_all.about, of_all.summary) == ("", "3 messages")
    assert dict(of_all.said) == {"all_open": "true", "reason": "XML_MALFORMED"}
    assert await hub.deeds(about=ids[0]) == [of_one]
    # It reaches as far as who asked for it.
    assert await hub.deeds(networks=("north",)) == []


async def test_the_same_request_is_one_deed_however_often_it_comes(hub: Hub) -> None:
    conflict_id = await hub.conflict()
    await hub.quarantined("q-1", "q-2")
    decide = Resolve(conflict_id=conflict_id, reason="two meters", request_id=str(uuid4()))
    again = Replay(quarantine_ids=["q-1", "q-2"], replay_id=str(uuid4()))
    await asyncio.gather(*(hub.anna.ResolveIdentityConflict(decide) for _ in range(3)))
    await hub.anna.ResolveIdentityConflict(decide)
    for _ in range(3):
        await hub.ingrid.ReplayQuarantinedMessages(again)
    replayed, decided = await hub.deeds()
    assert (replayed.summary, decided.outcome) == ("2 messages", DONE)
    for each in (replayed, decided):
        assert "the same request came again at" in each.detail
    # Without an id nobody knows that it is the same.
    decide.request_id = ""
    await hub.anna.ResolveIdentityConflict(decide)
    assert [each.about for each in await hub.deeds(about=conflict_id)] == [conflict_id] * 2


async def test_what_was_refused_is_found_with_the_reason(hub: Hub) -> None:
    conflict_id = await hub.conflict()
    await hub.anna.ResolveIdentityConflict(Resolve(conflict_id=conflict_id, reason="two meters"))
    otherwise = Resolve(conflict_id=conflict_id, assigned_device_id=TWO[0], reason="one after all")
    assert await refusal(hub.anna.ResolveIdentityConflict(otherwise)) == "IDENTITY_CONFLICT_DECIDED"
    into_itself = identities.JoinDevicesRequest(
        kept_device_id=TWO[0], joined_device_id=TWO[0], reason="one"
    )
    assert await refusal(hub.anna.JoinDevices(into_itself)) == "JOIN_REFUSED"
    unknown = Replay(quarantine_ids=["q-9"])
    assert (
        await refusal(hub.ingrid.ReplayQuarantinedMessages(unknown))
        == "QUARANTINED_MESSAGE_UNKNOWN"
    )
    found = await hub.deeds(outcomes=[REFUSED])
    assert [each.refusal_reason for each in found] == [
        *("QUARANTINED_MESSAGE_UNKNOWN", "JOIN_REFUSED", "IDENTITY_CONFLICT_DECIDED")
    ]
    assert [(each.kind, each.detail) for each in found] == [
        ("replay-quarantined-messages", "no quarantined message is called 'q-9'"),
        ("join-devices", "a device cannot be joined into itself"),
        ("resolve-identity-conflict", "the conflict was decided otherwise before"),
    ]
    long = Resolve(conflict_id=conflict_id, reason="two meters", request_id="x" * 65)
    assert await refusal(hub.anna.ResolveIdentityConflict(long)) == "ARGUMENT_INVALID"


async def test_a_join_of_two_networks_is_told_to_no_auditor_of_one_of_them(hub: Hub) -> None:
    far = identities.JoinDevicesRequest(
        kept_device_id="north/S1", joined_device_id="south/S1", reason="one"
    )
    assert await refusal(hub.anna.JoinDevices(far)) == "JOIN_REFUSED"
    assert await hub.deeds(networks=("north",)) == []
    [deed] = await hub.deeds(networks=("north", "south"))
    assert list(deed.device_ids) == ["north/S1", "south/S1"]


async def test_what_cannot_be_noted_is_not_done(hub: Hub) -> None:
    conflict_id = await hub.conflict()
    await hub.quarantined("q-1")
    await hub.takes(DEEDS, {"never": {"$exists": True}})
    decide = Resolve(conflict_id=conflict_id, reason="two meters")
    for call in (
        hub.anna.ResolveIdentityConflict(decide),
        hub.ingrid.ReplayQuarantinedMessages(Replay(all_open=True)),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await call
        assert error.value.code() is grpc.StatusCode.UNAVAILABLE
    [conflict] = (
        await hub.anna.ListIdentityConflicts(identities.ListIdentityConflictsRequest())
    ).conflicts
    assert conflict.state == identities.IdentityConflict.State.STATE_OPEN
    [message] = (
        await hub.ingrid.ListQuarantinedMessages(quarantine_pb2.ListQuarantinedMessagesRequest())
    ).messages
    assert message.state == quarantine_pb2.QuarantineState.QUARANTINE_STATE_OPEN


async def test_a_deed_that_broke_off_says_so_and_ends_when_it_is_asked_again(hub: Hub) -> None:
    decide = Resolve(conflict_id=await hub.conflict(), reason="two meters", request_id=str(uuid4()))
    await hub.takes("identity_conflicts", {"never": {"$exists": True}})
    assert await refusal(hub.anna.ResolveIdentityConflict(decide)) == ""
    [deed] = await hub.deeds()
    assert (deed.outcome, deed.detail) == (ASKED, "")
    await hub.takes("identity_conflicts", {})
    await hub.anna.ResolveIdentityConflict(decide)
    [ended] = await hub.deeds()
    assert (ended.deed_id, ended.outcome) == (deed.deed_id, DONE)


async def test_what_only_reads_and_what_comes_from_head_end_systems_is_no_deed(hub: Hub) -> None:
    await hub.conflict()
    await hub.quarantined("q-1")
    await hub.ingrid.GetQuarantinedMessage(
        quarantine_pb2.GetQuarantinedMessageRequest(quarantine_id="q-1")
    )
    await DeviceHubServiceStub(hub.channel).ClaimReplays(
        quarantine_pb2.ClaimReplaysRequest(limit=1)
    )
    assert await hub.deeds() == []


async def test_only_auditors_may_ask(hub: Hub) -> None:
    anna = hub.asked_by(AuditServiceStub, "anna", "asset-manager", "*")
    assert await refusal(anna.ListDeeds(contract.ListDeedsRequest())) == "ROLE_MISSING"
    audrey = hub.asked_by(AuditServiceStub, "audrey", "auditor", "*")
    wrong = contract.ListDeedsRequest(filter=DeedFilter(device_id="no-slash"))
    assert await refusal(audrey.ListDeeds(wrong)) == "ARGUMENT_INVALID"
