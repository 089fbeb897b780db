"""Who reaches a device's actor without the hub's secret is not heard, even through the hub's own sidecar."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import grpc
import grpc.aio
import pytest
import yaml
from dapr.proto import api_service_v1, api_v1
from meterpark.device_hub.v1.device_turn_pb2 import DeviceTurns
from meterpark.device_hub.v1.report_pb2 import MEANING_POWER_LOST, DeviceEvent, Report

from deploy.local.certificates.mesh_identity import token_file
from deploy.local.processes.dapr import COMPONENTS
from device_hub.actors.proof import Proof
from device_hub.actors.turns_client import ACTOR_TYPE, METHOD, to_actor_id
from service_chassis.times import to_timestamp
from tests.neighbours.daprd import StrangeSidecar
from tests.system.messages import NOON
from tests.system.park import Park, until

DEVICE = "north/PROOF-1"
TURNS = DeviceTurns(
    device_id=DEVICE,
    reports=[
        Report(
            report_id="forged",
            network="north",
            device_identifier="PROOF-1",
            received_time=to_timestamp(NOON),
            event=DeviceEvent(code="3.26.0.85", meaning=MEANING_POWER_LOST),
        )
    ],
).SerializeToString()


@pytest.mark.parametrize(
    "data",
    [TURNS, b"", Proof(b"another secret of 32 characters!").seal(DEVICE, TURNS)],
    ids=["without proof", "empty", "with the proof of another secret"],
)
async def test_a_call_without_the_hub_s_proof_changes_nothing(park: Park, data: bytes) -> None:
    address = park.stack.sidecar_address("device-hub")
    async with grpc.aio.insecure_channel(address) as channel:
        answer = await api_service_v1.DaprStub(channel).InvokeActor(
            api_v1.InvokeActorRequest(
                actor_type=ACTOR_TYPE, actor_id=to_actor_id(DEVICE), method=METHOD, data=data
            ),
            metadata=park.stack.sidecar_metadata("device-hub"),
            timeout=20,
        )
    # daprd hands an actor's error on as data, with an OK status.
    assert b"ProofInvalid" in answer.data
    # Whoever replaced the hub's sidecar before this test: for a while its callers still look where it was.
    answered = await until(
        lambda: _answer_about(park), lambda code: code is not grpc.StatusCode.UNAVAILABLE
    )
    assert answered is grpc.StatusCode.NOT_FOUND


async def _answer_about(park: Park) -> grpc.StatusCode:
    try:
        await park.journal(DEVICE)
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK


@pytest.mark.parametrize(
    ("device", "data"),
    [
        ("north/ROGUE-1", TURNS),
        (
            "north/ROGUE-2",
            Proof(b"another secret of 32 characters!").seal("north/ROGUE-2", TURNS),
        ),
    ],
    ids=["without proof", "with the proof of another secret"],
)
async def test_an_app_with_a_certificate_of_its_own_reaches_the_actor_and_is_not_heard(
    park: Park, rogue: StrangeSidecar, device: str, data: bytes
) -> None:
    """Access policies do not cover actors (decision 5): what holds is the hub's proof."""

    async def ask() -> bytes:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{rogue.grpc_port}") as channel:
            answer = await api_service_v1.DaprStub(channel).InvokeActor(
                api_v1.InvokeActorRequest(
                    actor_type=ACTOR_TYPE, actor_id=to_actor_id(device), method=METHOD, data=data
                ),
                timeout=20,
            )
        said: bytes = answer.data
        return said

    # Only the actor itself knows that word: the call came through, and no policy stopped it.
    assert b"ProofInvalid" in await until_placed(ask)
    [noted] = park.stack.logged("device-hub", f'"device_id": "{device}"')
    assert '"event": "call denied"' in noted
    assert '"reason": "PROOF_INVALID"' in noted
    with pytest.raises(grpc.aio.AioRpcError) as unknown:
        await park.journal(device)
    assert unknown.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.fixture
def rogue(park: Park, tmp_path: Path) -> Iterator[StrangeSidecar]:
    """iec-connector's identity, a configuration that allows the actors API, and the placement service's address."""
    usual = yaml.safe_load((COMPONENTS / "configurations" / "iec-connector.yaml").read_text())
    usual["spec"]["api"]["allowed"] = [
        {"name": name, "version": version, "protocol": "grpc"}
        for name in ("actors", "metadata")
        for version in ("v1", "v1alpha1")
    ]
    configuration = tmp_path / "rogue.yaml"
    configuration.write_text(yaml.safe_dump(usual))
    sidecar = StrangeSidecar.started(
        park.stack,
        tmp_path,
        app="iec-connector",
        token_file=token_file(park.stack.stack.state.mesh, "iec-connector"),
        configuration=configuration,
        knows_actors=True,
    )
    sidecar.wait_until_it_serves()
    yield sidecar
    sidecar.process.stop()


async def until_placed(ask: Callable[[], Awaitable[bytes]]) -> bytes:
    """Ask again while the rogue's sidecar does not know yet where the actor lives."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await ask()
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.FAILED_PRECONDITION:
                    raise
            await asyncio.sleep(0.1)
