"""AuditService: what auditors ask."""

# ruff: noqa: N802, ARG002 - names and arguments of the methods are the contract's

from typing import Any

import grpc.aio
from meterpark.smoc.v1 import audit_service_pb2 as contract
from meterpark.smoc.v1 import audit_service_pb2_grpc

from service_chassis.caller import current_caller
from service_chassis.pages import read_page_size
from smoc_service.deeds.store import DeedStore
from smoc_service.deeds.wire import read_deed_filter, write_deed

Context = grpc.aio.ServicerContext[Any, Any]


class AuditDoor(audit_service_pb2_grpc.AuditServiceServicer):
    def __init__(self, deeds: DeedStore) -> None:
        self._deeds = deeds

    async def ListDeeds(
        self, request: contract.ListDeedsRequest, context: Context
    ) -> contract.ListDeedsResponse:
        page = await self._deeds.page(
            read_deed_filter(request.filter),
            current_caller().scope,
            read_page_size(request.page_size),
            request.page_token,
        )
        return contract.ListDeedsResponse(
            deeds=map(write_deed, page.items), next_page_token=page.next_token
        )
