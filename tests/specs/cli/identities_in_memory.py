"""The hub's conflicts of identities in memory: as much of them as the command can tell apart."""

# ruff: noqa: N802 - names of the methods are the contract's

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from meterpark.device_hub.v1 import identity_service_pb2 as contract
from meterpark.device_hub.v1.identity_service_pb2_grpc import IdentityServiceServicer
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from service_chassis.refusals import CallRefused

Enter = Callable[[str, str, Any], Awaitable[None]]
State = contract.IdentityConflict.State


class IdentitiesInMemory(IdentityServiceServicer):
    def __init__(self, conflicts: dict[str, contract.IdentityConflict], enter: Enter) -> None:
        self._conflicts = conflicts
        self._enter = enter
        self.joins: dict[str, str] = {}

    async def ListIdentityConflicts(self, request: Any, context: Any) -> Any:
        await self._enter("device-hub", "ListIdentityConflicts", context)
        fitting = [each for each in self._conflicts.values() if request.state in (0, each.state)]
        open_ones = [one for one in self._conflicts.values() if one.state == State.STATE_OPEN]
        return contract.ListIdentityConflictsResponse(
            conflicts=fitting[: request.page_size or 50], open_count=len(open_ones)
        )

    async def ResolveIdentityConflict(self, request: Any, context: Any) -> Any:
        await self._enter("device-hub", "ResolveIdentityConflict", context)
        conflict = self._conflicts.get(request.conflict_id)
        if conflict is None:
            raise CallRefused(
                grpc.StatusCode.NOT_FOUND,
                ErrorReason.ERROR_REASON_IDENTITY_CONFLICT_UNKNOWN,
                f"no conflict of identities is called {request.conflict_id!r}",
            )
        device_id = request.assigned_device_id
        conflict.state = State.STATE_ASSIGNED if device_id else State.STATE_DISMISSED
        conflict.decided_for, conflict.decided_by = device_id, "anna"
        conflict.reason = request.reason
        return contract.ResolveIdentityConflictResponse(conflict=conflict)

    async def JoinDevices(self, request: Any, context: Any) -> Any:
        await self._enter("device-hub", "JoinDevices", context)
        if request.kept_device_id == request.joined_device_id:
            raise CallRefused(
                grpc.StatusCode.FAILED_PRECONDITION,
                ErrorReason.ERROR_REASON_JOIN_REFUSED,
                "a device cannot be joined into itself",
            )
        self.joins[request.joined_device_id] = request.kept_device_id
        return contract.JoinDevicesResponse(revision=7)

    async def UndoJoin(self, request: Any, context: Any) -> Any:
        await self._enter("device-hub", "UndoJoin", context)
        kept = self.joins.pop(request.joined_device_id)
        return contract.UndoJoinResponse(kept_device_id=kept, revision=8)
