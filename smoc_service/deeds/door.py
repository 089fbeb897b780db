"""AuditService: what auditors ask."""

# ruff: noqa: N802, ARG002 - names and arguments of the methods are the contract's

from typing import Any

import grpc.aio
from meterpark.smoc.v1 import audit_service_pb2 as contract
from meterpark.smoc.v1 import audit_service_pb2_grpc

from service_deeds.store import DeedStore
from service_deeds.wire import list_deeds

Context = grpc.aio.ServicerContext[Any, Any]


class AuditDoor(audit_service_pb2_grpc.AuditServiceServicer):
    def __init__(self, deeds: DeedStore) -> None:
        self._deeds = deeds

    async def ListDeeds(
        self, request: contract.ListDeedsRequest, context: Context
    ) -> contract.ListDeedsResponse:
        deeds, token = await list_deeds(self._deeds, request)
        return contract.ListDeedsResponse(deeds=deeds, next_page_token=token)
