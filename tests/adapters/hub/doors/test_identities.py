"""What people decide about names of devices, through the hub's own door, on a real mongod."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
import pytest
from meterpark.device_hub.v1.identity_service_pb2 import (
    IdentityConflict,
    JoinDevicesRequest,
    ListIdentityConflictsRequest,
    ResolveIdentityConflictRequest,
    UndoJoinRequest,
)
from meterpark.device_hub.v1.identity_service_pb2_grpc import (
    IdentityServiceStub,
    add_IdentityServiceServicer_to_server,
)
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from pymongo import AsyncMongoClient

from device_hub.access import AUDIENCE, TABLE
from device_hub.doors.identities import SERVICE, IdentityDoor
from service_chassis.refusals import reason_of
from service_chassis.server import serving
from tests.neighbours.hub import Commands, Document
from tests.neighbours.issuer import Bearing, Issuer
from tests.neighbours.named_park import Replica, configuration, contact, replica_on

SERIAL, MRID = ("serial_number", "S1"), ("mrid", "8f1c-uuid")
OPEN = IdentityConflict.State.STATE_OPEN


@dataclass(frozen=True, slots=True)
class Door:
    park: Replica
    issuer: Issuer
    channel: grpc.aio.Channel

    def asked_by(self, role: str, *networks: str) -> Any:
        token = self.issuer.token(roles=[role], networks=networks)
        return Bearing(IdentityServiceStub(self.channel), token)

    async def conflict(self) -> IdentityConflict:
        """Two devices of one meter, and a configuration that names both."""
        await self.park.hears(contact("r-1", MRID), contact("r-2", SERIAL))
        await self.park.hears(configuration("c-1", SERIAL, MRID))
        answer = await self.asked_by("asset-manager", "north").ListIdentityConflicts(
            ListIdentityConflictsRequest(state=OPEN)
        )
        [conflict] = list[IdentityConflict](answer.conflicts)
        assert answer.open_count == 1
        return conflict


@pytest.fixture
async def door(mongod_url: str) -> AsyncIterator[Door]:
    commands = Commands()
    async with AsyncMongoClient[Document](
        mongod_url, tz_aware=True, event_listeners=[commands]
    ) as client:
        await client.drop_database("test_identity_door")
        async with replica_on(client["test_identity_door"], commands) as park:

            def add(server: grpc.aio.Server) -> list[str]:
                add_IdentityServiceServicer_to_server(
                    IdentityDoor(park.parts.deciding, park.parts.joining), server
                )
                return [SERVICE]

            issuer = Issuer()
            async with (
                serving(
                    0, add, lambda _: None, interceptors=[issuer.lock(AUDIENCE, TABLE)]
                ) as port,
                grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
            ):
                yield Door(park, issuer, channel)


async def refused(call: Any) -> ErrorReason.ValueType | None:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call
    return reason_of(error.value)


async def test_a_conflict_says_what_contradicts(door: Door) -> None:
    conflict = await door.conflict()
    assert conflict.kind == IdentityConflict.Kind.KIND_CLAIMED_BY_ANOTHER
    assert (conflict.scheme, conflict.value) == MRID
    assert (conflict.device_id, conflict.other_device_id) == ("north/S1", "north/8f1c-uuid")
    assert (conflict.state, conflict.decided_by) == (OPEN, "")


async def test_a_dismissed_conflict_changes_nothing_and_is_not_listed_again(door: Door) -> None:
    conflict = await door.conflict()
    asked = door.asked_by("integration-engineer", "*")
    request = ResolveIdentityConflictRequest(
        conflict_id=conflict.conflict_id, reason="they are two"
    )
    for _ in range(2):
        answer = await asked.ResolveIdentityConflict(request)
        assert answer.conflict.state == IdentityConflict.State.STATE_DISMISSED
        assert (answer.conflict.reason, answer.conflict.decided_by) == ("they are two", "anna")
    await door.park.hears(configuration("c-2", SERIAL, MRID))
    assert not (
        await asked.ListIdentityConflicts(ListIdentityConflictsRequest(state=OPEN))
    ).conflicts
    assert await door.park.hears(contact("r-3", MRID)) == ["north/8f1c-uuid"]


async def test_an_assigned_name_finds_its_device_from_then_on(door: Door) -> None:
    conflict = await door.conflict()
    request = ResolveIdentityConflictRequest(
        conflict_id=conflict.conflict_id, assigned_device_id="north/S1", reason="type plate"
    )
    for _ in range(2):
        await door.asked_by("asset-manager", "north").ResolveIdentityConflict(request)
    assert await door.park.hears(contact("r-3", MRID)) == ["north/S1"]
    [*_, last] = await door.park.hub.journal.commits("north/S1", after=0, limit=100)
    named = [
        event
        for commit in await door.park.hub.journal.commits("north/S1", after=0, limit=100)
        for event in commit["events"]
        if event.get("by")
    ]
    assert [(one["by"], one["reason"]) for one in named] == [("anna", "type plate")]
    assert {"scheme": "mrid", "value": "8f1c-uuid"} in named[0]["identifiers"]
    assert last["revision"] >= 2


async def test_what_was_decided_is_not_decided_otherwise(door: Door) -> None:
    conflict = await door.conflict()
    asked = door.asked_by("asset-manager", "north")
    request = ResolveIdentityConflictRequest(conflict_id=conflict.conflict_id, reason="two")
    await asked.ResolveIdentityConflict(request)
    request.assigned_device_id = "north/S1"
    assert (
        await refused(asked.ResolveIdentityConflict(request))
        == ErrorReason.ERROR_REASON_IDENTITY_CONFLICT_DECIDED
    )


async def test_a_name_is_given_to_none_but_the_conflict_s_devices(door: Door) -> None:
    conflict = await door.conflict()
    request = ResolveIdentityConflictRequest(
        conflict_id=conflict.conflict_id, assigned_device_id="north/S2", reason="no"
    )
    asked = door.asked_by("asset-manager", "north")
    assert (
        await refused(asked.ResolveIdentityConflict(request))
        == ErrorReason.ERROR_REASON_ARGUMENT_INVALID
    )
    listed = await asked.ListIdentityConflicts(ListIdentityConflictsRequest(state=OPEN))
    assert len(listed.conflicts) == 1


async def test_who_does_not_see_the_network_sees_no_conflict_of_it(door: Door) -> None:
    conflict = await door.conflict()
    asked = door.asked_by("asset-manager", "south")
    assert not (await asked.ListIdentityConflicts(ListIdentityConflictsRequest())).conflicts
    request = ResolveIdentityConflictRequest(conflict_id=conflict.conflict_id, reason="mine")
    assert (
        await refused(asked.ResolveIdentityConflict(request))
        == ErrorReason.ERROR_REASON_IDENTITY_CONFLICT_UNKNOWN
    )


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (ListIdentityConflictsRequest(page_size=501), "ARGUMENT_INVALID"),
        (ListIdentityConflictsRequest(page_token="?"), "PAGE_TOKEN_INVALID"),  # noqa: S106
        (ListIdentityConflictsRequest(state=17), "ARGUMENT_INVALID"),  # type: ignore[arg-type]
    ],
)
async def test_a_wrong_question_is_told_so(
    door: Door, request_: ListIdentityConflictsRequest, reason: str
) -> None:
    asked = door.asked_by("asset-manager", "north")
    found = await refused(asked.ListIdentityConflicts(request_))
    assert found == ErrorReason.Value(f"ERROR_REASON_{reason}")


async def test_a_decision_without_a_reason_is_none(door: Door) -> None:
    conflict = await door.conflict()
    request = ResolveIdentityConflictRequest(conflict_id=conflict.conflict_id, reason=" ")
    asked = door.asked_by("asset-manager", "north")
    assert (
        await refused(asked.ResolveIdentityConflict(request))
        == ErrorReason.ERROR_REASON_ARGUMENT_INVALID
    )


async def test_conflicts_come_page_by_page(door: Door) -> None:
    for number in range(5):
        await door.park.hears(contact(f"r-{number}", ("mrid", f"ab{number}")))
        await door.park.hears(contact(f"R-{number}", ("mrid", f"AB{number}")))
    asked, token, found = door.asked_by("asset-manager", "north"), "", []
    while True:
        page = await asked.ListIdentityConflicts(
            ListIdentityConflictsRequest(page_size=2, page_token=token)
        )
        found += [one.value for one in page.conflicts]
        token = page.next_page_token
        if not token:
            break
    assert sorted(found) == [f"AB{number}" for number in range(5)]


async def test_devices_are_joined_and_parted_by_an_asset_manager(door: Door) -> None:
    conflict = await door.conflict()
    asked = door.asked_by("asset-manager", "north")
    kept, joined = conflict.device_id, conflict.other_device_id
    join = JoinDevicesRequest(kept_device_id=kept, joined_device_id=joined, reason="type plate")
    for _ in range(2):
        assert (await asked.JoinDevices(join)).revision == 3
    assert await door.park.hears(contact("r-3", MRID)) == [kept]
    undo = UndoJoinRequest(joined_device_id=joined, reason="two after all")
    assert (await asked.UndoJoin(undo)).kept_device_id == kept
    assert await refused(asked.UndoJoin(undo)) == ErrorReason.ERROR_REASON_JOIN_REFUSED
    assert await door.park.hears(contact("r-4", MRID)) == [joined]


async def test_devices_of_another_network_or_of_nobody_are_not_joined(door: Door) -> None:
    await door.conflict()
    join = JoinDevicesRequest(
        kept_device_id="north/S1", joined_device_id="north/8f1c-uuid", reason="mine"
    )
    assert (
        await refused(door.asked_by("asset-manager", "south").JoinDevices(join))
        == ErrorReason.ERROR_REASON_NETWORK_DENIED
    )
    assert (
        await refused(door.asked_by("integration-engineer", "north").JoinDevices(join))
        == ErrorReason.ERROR_REASON_ROLE_MISSING
    )
    join.joined_device_id = "north/nobody"
    assert (
        await refused(door.asked_by("asset-manager", "north").JoinDevices(join))
        == ErrorReason.ERROR_REASON_DEVICE_UNKNOWN
    )
