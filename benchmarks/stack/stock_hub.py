"""`python -m benchmarks.stack.stock_hub`: the device as a Dapr actor the stock way, behind the contract of our hub.

One InvokeActor per report; the device lies in Dapr actor state (JSON, the SDK's state manager, state.mongodb below it).
What the device is then goes to the register (`stock_register`), one call per report, before the report is answered;
measurements of the door alone leave that out.

It is not made slow: the gRPC stream instead of HTTP callbacks, payloads as they are instead of base64 in JSON, one
stub, uvloop, the state kept in memory between turns, as our hub has it. It does less than our hub: no
history, no timeline, no token for the register, and a report counts once only while its id is among the newest.
"""

import asyncio
import os
from datetime import UTC, timedelta
from typing import Any, Final

import grpc.aio
import uvloop
from dapr.actor import Actor, ActorInterface, actormethod
from dapr.actor.runtime.config import ActorRuntimeConfig
from dapr.actor.runtime.runtime import ActorRuntime
from dapr.proto import api_service_v1, api_v1
from dapr.serializers import Serializer
from meterpark.device_hub.v1 import device_hub_service_pb2 as hub
from meterpark.device_hub.v1 import device_hub_service_pb2_grpc as hub_grpc
from meterpark.device_hub.v1.report_pb2 import Meaning, Report
from meterpark.smoc.v1.device_pb2 import Device, Facet
from meterpark.smoc.v1.provisioning_service_pb2 import Provision, ProvisionDevicesRequest
from meterpark.smoc.v1.provisioning_service_pb2_grpc import ProvisioningServiceStub

from benchmarks.stack.bench_stack import REGISTER, WITHOUT_REGISTER
from device_hub.actors.host import SidecarHost
from service_chassis.server import serving
from service_chassis.settings import SidecarSettings, load_settings
from service_chassis.sidecar import Metadata, open_channel, to_app, to_sidecar
from service_chassis.tasks import until_stopped

ACTOR_TYPE: Final = "StockDevice"
_METHOD: Final = "record"
_STATE: Final = "device"
# Report ids that a device remembers.
_REMEMBERED: Final = 20
_CALL_SECONDS: Final = 15.0

_FACETS: Final = {
    Meaning.MEANING_POWER_LOST: ("power", "OFF"),
    Meaning.MEANING_POWER_RESTORED: ("power", "ON"),
    Meaning.MEANING_SWITCH_CONNECTED: ("switch", "CONNECTED"),
    Meaning.MEANING_SWITCH_DISCONNECTED: ("switch", "DISCONNECTED"),
    Meaning.MEANING_TAMPER_DETECTED: ("tamper", "DETECTED"),
    Meaning.MEANING_TAMPER_CLEARED: ("tamper", "CLEAR"),
}

State = dict[str, Any]


class Payload(Serializer):  # type: ignore[misc] # the SDK is untyped
    """Reports travel as they are; the SDK's default would wrap them in base64 and JSON."""

    def serialize(self, obj: object, custom_hook: Any = None) -> bytes:
        del custom_hook
        return obj if isinstance(obj, bytes) else b""

    def deserialize(self, data: bytes, data_type: Any = object, custom_hook: Any = None) -> bytes:
        del data_type, custom_hook
        return data


class StockDeviceInterface(ActorInterface):  # type: ignore[misc] # the SDK is untyped
    @actormethod(name=_METHOD)  # type: ignore[untyped-decorator]
    async def record(self, report: bytes) -> bytes:
        """Take one report; return its verdict."""
        raise NotImplementedError


class StockDevice(Actor, StockDeviceInterface):  # type: ignore[misc] # the SDK is untyped
    async def record(self, report: bytes) -> bytes:
        """Change the state and save it, as every tutorial does: the SDK saves when the turn ends."""
        said = Report.FromString(report)
        known, state = await self._state_manager.try_get_state(_STATE)
        state = with_report(state if known else {}, said)
        await self._state_manager.set_state(_STATE, state)
        return hub.Verdict(
            report_id=said.report_id,
            outcome=hub.Verdict.OUTCOME_RECORDED,
            revision=state["revision"],
        ).SerializeToString()


def with_report(state: State, report: Report) -> State:
    """Return the device after the report; the newest occurrence wins for each facet, as in our hub."""
    if report.report_id in state.get("report_ids", ()):
        return state
    # Datetimes, not texts: what looks like a time comes back from the SDK's JSON as a datetime.
    at = report.occurred_time.ToDatetime(UTC)
    event = report.event
    changed = {
        **state,
        "network": report.network,
        "identifier": report.device_identifier,
        "revision": state.get("revision", 0) + 1,
        "last_contact_at": report.received_time.ToDatetime(UTC),
        "report_ids": [*state.get("report_ids", ()), report.report_id][-_REMEMBERED:],
        "last_event": {
            "code": event.code,
            "at": at,
            "reason": event.reason,
            "details": dict(event.details),
        },
    }
    if event.meaning in _FACETS:
        facet, value = _FACETS[event.meaning]
        if facet not in state or at >= state[facet]["as_of"]:
            changed[facet] = {"value": value, "as_of": at, "cause": event.code}
    return changed


class StockHub(hub_grpc.DeviceHubServiceServicer):
    """The door: each report is a call to its device's actor, then one to the register, through the own sidecar."""

    def __init__(
        self,
        sidecar: api_service_v1.DaprStub,
        metadata: Metadata,
        register: ProvisioningServiceStub,
        to_register: Metadata,
    ) -> None:
        self._sidecar = sidecar
        self._metadata = metadata
        self._register = register
        self._to_register = to_register

    async def RecordReports(  # noqa: N802
        self, request: hub.RecordReportsRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> hub.RecordReportsResponse:
        alone = WITHOUT_REGISTER in (context.invocation_metadata() or ())
        record = self._record if alone else self._record_and_tell
        verdicts = await asyncio.gather(*map(record, request.reports))
        return hub.RecordReportsResponse(verdicts=verdicts)

    async def _record(self, report: Report) -> hub.Verdict:
        answer = await self._sidecar.InvokeActor(
            api_v1.InvokeActorRequest(
                actor_type=ACTOR_TYPE,
                actor_id=f"{report.network}-{report.device_identifier}",
                method=_METHOD,
                data=report.SerializeToString(),
            ),
            timeout=_CALL_SECONDS,
            metadata=self._metadata,
        )
        return hub.Verdict.FromString(answer.data)

    async def _record_and_tell(self, report: Report) -> hub.Verdict:
        verdict = await self._record(report)
        call: Any = self._register.ProvisionDevices(
            ProvisionDevicesRequest(provisions=[provision_of(report, verdict.revision)]),
            metadata=self._to_register,
            timeout=_CALL_SECONDS,
        )
        await call
        return verdict


def provision_of(report: Report, revision: int) -> Provision:
    """Return what the register is told: the facet that changed."""
    device = Device(
        device_id=f"{report.network}/{report.device_identifier}",
        network=report.network,
        device_identifier=report.device_identifier,
        revision=revision,
        last_contact_time=report.received_time,
    )
    if report.event.meaning in _FACETS:
        facet, value = _FACETS[report.event.meaning]
        said = Facet(value=value, as_of_time=report.occurred_time, cause=report.event.code)
        getattr(device, facet).CopyFrom(said)
    return Provision(device=device)


async def serve(port: int, sidecar: SidecarSettings) -> None:
    """Run for ever."""
    async with open_channel(sidecar) as channel:
        # The rest of the contract answers UNIMPLEMENTED.
        stock = StockHub(  # type: ignore[abstract]
            api_service_v1.DaprStub(channel),
            to_sidecar(sidecar),
            ProvisioningServiceStub(channel),
            to_app(REGISTER, sidecar),
        )

        def add_services(server: grpc.aio.Server) -> list[str]:
            hub_grpc.add_DeviceHubServiceServicer_to_server(stock, server)
            return ["meterpark.device_hub.v1.DeviceHubService"]

        async with serving(port, add_services, lambda _: None):
            ActorRuntime.set_actor_config(
                ActorRuntimeConfig(
                    actor_idle_timeout=timedelta(minutes=10),
                    actor_scan_interval=timedelta(seconds=30),
                )
            )
            host = SidecarHost(sidecar)
            await host.register_actor(
                StockDevice, message_serializer=Payload(), actor_factory=StockDevice
            )
            await host.run_forever()


def main() -> int:
    """The settings are our hub's, so that it can take its place."""
    port = int(os.environ["DEVICE_HUB_GRPC_PORT"])
    uvloop.run(until_stopped(serve(port, load_settings(SidecarSettings))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
