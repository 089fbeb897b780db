"""ProvisioningService: devices and entries from device_hub."""

# ruff: noqa: N802, ARG002 - names and arguments of the methods are the contract's

from typing import Any

import grpc.aio
from meterpark.smoc.v1 import provisioning_service_pb2, provisioning_service_pb2_grpc

from service_traces.traces import OFF, Traces
from smoc_service.register.device import Provisioned
from smoc_service.register.register import Register
from smoc_service.register.requests import read_provisions, read_revisions
from smoc_service.traces import STORE

Context = grpc.aio.ServicerContext[Any, Any]


class ProvisioningDoor(provisioning_service_pb2_grpc.ProvisioningServiceServicer):
    def __init__(self, register: Register, traces: Traces = OFF) -> None:
        self._register = register
        self._traces = traces

    async def ProvisionDevices(
        self, request: provisioning_service_pb2.ProvisionDevicesRequest, context: Context
    ) -> provisioning_service_pb2.ProvisionDevicesResponse:
        provisions = read_provisions(request)
        contexts = (each.traceparent for each in provisions)
        with self._traces.of(STORE, contexts, db__operation__batch__size=len(provisions)):
            provisioned = await self._register.provision(provisions)
        return provisioning_service_pb2.ProvisionDevicesResponse(
            results=[_write_result(each) for each in provisioned]
        )

    async def CompareRevisions(
        self, request: provisioning_service_pb2.CompareRevisionsRequest, context: Context
    ) -> provisioning_service_pb2.CompareRevisionsResponse:
        behind = await self._register.behind(read_revisions(request))
        return provisioning_service_pb2.CompareRevisionsResponse(
            behind=[
                provisioning_service_pb2.DeviceRevision(device_id=device_id, revision=revision)
                for device_id, revision in behind
            ]
        )


def _write_result(provisioned: Provisioned) -> provisioning_service_pb2.ProvisionResult:
    result = provisioning_service_pb2.ProvisionResult
    return result(
        device_id=provisioned.device_id,
        outcome=result.OUTCOME_STORED if provisioned.stored else result.OUTCOME_CURRENT,
        revision=provisioned.revision,
    )
