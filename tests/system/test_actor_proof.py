"""Who reaches a device's actor without the hub's secret is not heard, even through the hub's own sidecar."""

import grpc
import grpc.aio
import pytest
from dapr.proto import api_service_v1, api_v1
from meterpark.device_hub.v1.device_turn_pb2 import DeviceTurns
from meterpark.device_hub.v1.report_pb2 import MEANING_POWER_LOST, DeviceEvent, Report

from device_hub.proof import Proof
from device_hub.turns_client import ACTOR_TYPE, METHOD, to_actor_id
from device_hub.wire import to_timestamp
from tests.system.messages import NOON
from tests.system.park import Park

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
    with pytest.raises(grpc.aio.AioRpcError) as unknown:
        await park.journal(DEVICE)
    assert unknown.value.code() is grpc.StatusCode.NOT_FOUND
