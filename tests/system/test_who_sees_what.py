"""Real tokens at the real doors: who gets in, what he sees, and what happens when a token or a key ends."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
import pytest
from meterpark.device_hub.v1 import device_hub_service_pb2 as hub_contract
from meterpark.device_hub.v1 import quarantine_pb2
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import device_service_pb2

from bearer_tokens.token_calls import bearer
from service_chassis.refusals import reason_of
from service_chassis.sidecar import Metadata
from tests.neighbours.keycloak import Keycloak
from tests.system.messages import NOON, events
from tests.system.park import Park, until

UNAUTHENTICATED = (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED", "not authenticated")
TOKEN_EXPIRED = (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_EXPIRED", "not authenticated")
ROLE_MISSING = (grpc.StatusCode.PERMISSION_DENIED, "ROLE_MISSING", "not allowed")
NETWORK_DENIED = (grpc.StatusCode.PERMISSION_DENIED, "NETWORK_DENIED", "not allowed")


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody who asks through the command's sidecar."""

    park: Park
    token: str

    def list(self) -> Any:
        request = device_service_pb2.ListDevicesRequest(page_size=500)
        return self.park.register.ListDevices(request, metadata=self._to(self.park.to_register))

    def device(self, device_id: str) -> Any:
        request = device_service_pb2.GetDeviceRequest(device_id=device_id)
        return self.park.register.GetDevice(request, metadata=self._to(self.park.to_register))

    def watch(self, position: str = "") -> Any:
        request = device_service_pb2.WatchDevicesRequest(position=position)
        metadata = (*self._to(self.park.to_register), ("dapr-stream", "true"))
        return self.park.register.WatchDevices(request, metadata=metadata)

    def history(self, device_id: str) -> Any:
        request = hub_contract.GetDeviceHistoryRequest(device_id=device_id)
        return self.park.hub.GetDeviceHistory(request, metadata=self._to(self.park.to_hub))

    def quarantine(self) -> Any:
        request = quarantine_pb2.ListQuarantinedMessagesRequest()
        return self.park.hub.ListQuarantinedMessages(request, metadata=self._to(self.park.to_hub))

    def _to(self, app: Metadata) -> Metadata:
        return (*app, *bearer(self.token)) if self.token else app


async def refusal(call: Any) -> tuple[grpc.StatusCode, str, str]:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    error = raised.value
    reason = reason_of(error)
    name = "" if reason is None else ErrorReason.Name(reason).removeprefix("ERROR_REASON_")
    return error.code(), name, error.details() or ""


@pytest.fixture
async def north_device(park: Park) -> str:
    await park.publish(events(("WHO-1", "3.26.0.85", NOON)))
    await until(lambda: park.device("north/WHO-1"), lambda seen: seen.power.value == "OFF")
    return "north/WHO-1"


async def test_each_sample_user_sees_and_does_what_his_role_and_networks_allow(
    park: Park, keycloak: Keycloak, north_device: str
) -> None:
    anna, victor, audrey, ingrid = [
        Asking(park, await keycloak.person_token(name))
        for name in ("anna", "victor", "audrey", "ingrid")
    ]
    for sees in (anna, victor, audrey):
        assert (await sees.device(north_device)).device.power.value == "OFF"
    assert await refusal(ingrid.device(north_device)) == ROLE_MISSING
    assert (await audrey.history(north_device)).entries
    for other in (anna, victor, ingrid):
        assert await refusal(other.history(north_device)) == ROLE_MISSING
    await ingrid.quarantine()
    for other in (anna, victor, audrey):
        assert await refusal(other.quarantine()) == ROLE_MISSING
    assert {each.network for each in (await victor.list()).devices} == {"north"}
    assert await refusal(victor.device("south/WHO-1")) == NETWORK_DENIED


async def test_who_sees_another_network_or_none_finds_nothing(
    park: Park, keycloak: Keycloak, north_device: str
) -> None:
    for networks in (["south"], []):
        token = await keycloak.token(roles=["asset-manager", "auditor"], networks=networks)
        other = Asking(park, token)
        assert list((await other.list()).devices) == []
        assert await refusal(other.device(north_device)) == NETWORK_DENIED
        assert await refusal(other.history(north_device)) == NETWORK_DENIED


async def test_the_register_s_own_door_refuses_whom_the_sidecars_let_through(
    park: Park, keycloak: Keycloak, north_device: str
) -> None:
    for token in ("", "garbage", await keycloak.service_token("device-hub")):
        expected = UNAUTHENTICATED if token in ("", "garbage") else ROLE_MISSING
        assert await refusal(Asking(park, token).device(north_device)) == expected
    # The hub's own token is for the register alone.
    hubs = Asking(park, await keycloak.service_token("device-hub"))
    assert await refusal(hubs.quarantine()) == UNAUTHENTICATED
    id_token = (await keycloak.log_in("anna"))["id_token"]
    assert await refusal(Asking(park, id_token).device(north_device)) == UNAUTHENTICATED


async def test_a_denied_call_is_one_line_of_audit_without_the_token(
    park: Park, keycloak: Keycloak
) -> None:
    token = await keycloak.person_token("victor")
    device_id = "south/AUDIT-4711"
    assert await refusal(Asking(park, token).device(device_id)) == NETWORK_DENIED
    [line] = await asyncio.to_thread(park.stack.logged, "smoc-service", device_id)
    denied = json.loads(line)
    assert denied["event"] == "call denied"
    assert denied["method"] == "/meterpark.smoc.v1.DeviceService/GetDevice"
    assert denied["reason"] == "NETWORK_DENIED"
    assert (denied["username"], denied["client"]) == ("victor", "meterpark-page")
    # What his sidecar says about him; through it he cannot say otherwise last.
    assert denied["claimed_caller"] == "meterpark-cli"
    for log in park.stack.stack.state.logs.glob("*.log"):
        assert token not in log.read_text(errors="replace"), log.name


async def test_a_watch_through_the_sidecars_ends_with_its_token_and_goes_on_with_the_next(
    park: Park, keycloak: Keycloak
) -> None:
    short = await keycloak.token(roles=["asset-viewer"], networks=["north"], seconds=5)
    call = Asking(park, short).watch()
    position = (await call.read()).position

    async def to_the_end() -> None:
        while await call.read():
            pass

    assert await refusal(to_the_end()) == TOKEN_EXPIRED
    assert await refusal(Asking(park, short).list()) == TOKEN_EXPIRED
    # What happens meanwhile is not missed.
    await park.publish(events(("WHO-2", "3.26.0.85", NOON)))
    await until(lambda: park.device("north/WHO-2"), lambda seen: seen.power.value == "OFF")
    longer = await keycloak.token(roles=["asset-viewer"], networks=["north"])
    resumed = Asking(park, longer).watch(position)
    seen = set()
    while "north/WHO-2" not in seen:
        seen.add((await resumed.read()).device.device_id)
    resumed.cancel()


async def test_keycloak_s_keys_rotate_under_load_without_a_refused_call(
    park: Park, keycloak: Keycloak, north_device: str
) -> None:
    roles, networks = ["asset-viewer", "auditor"], ["north"]
    old = Asking(park, await keycloak.token(roles=roles, networks=networks))
    answered = 0
    stopped = asyncio.Event()

    async def load() -> None:
        nonlocal answered
        while not stopped.is_set():
            await old.device(north_device)
            answered += 1

    loading = asyncio.create_task(load())
    before = await keycloak.key_ids()
    for _ in range(2):
        await keycloak.rotate_keys()
        new = Asking(park, await keycloak.token(roles=roles, networks=networks))
        # At once, and many at a time: all wait for one reading of the new key.
        asked = [ask(north_device) for _ in range(20) for ask in (new.device, new.history)]
        await asyncio.gather(*asked)
    stopped.set()
    await loading
    assert answered
    assert len(await keycloak.key_ids()) == len(before) + 2
