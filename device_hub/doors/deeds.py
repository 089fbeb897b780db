"""Who did what at the hub: what its changes are called (`service_deeds`), and what auditors ask of it."""

# ruff: noqa: N802, ARG002 - names and arguments of the methods are the contract's

from typing import Any, Final

import grpc.aio
from google.protobuf.message import Message
from meterpark.device_hub.v1 import audit_service_pb2 as contract
from meterpark.device_hub.v1.audit_service_pb2_grpc import AuditServiceServicer
from meterpark.device_hub.v1.identity_service_pb2 import (
    IdentityConflict,
    JoinDevicesRequest,
    ResolveIdentityConflictResponse,
    UndoJoinRequest,
    UndoJoinResponse,
)
from meterpark.device_hub.v1.quarantine_pb2 import ReplayQuarantinedMessagesResponse

from bearer_tokens.access import WithoutToken
from device_hub.access import TABLE
from service_deeds.store import DeedStore
from service_deeds.wire import list_deeds
from service_deeds.words import Words

Context = grpc.aio.ServicerContext[Any, Any]

SERVICE: Final = "meterpark.device_hub.v1.AuditService"

# Where no token is needed, no person asks. A message that is read on trial is not recorded.
_NO_DEEDS: Final = frozenset(
    {
        "RequestReading",
        *(
            path.rpartition("/")[2]
            for path, rule in TABLE.items()
            if isinstance(rule, WithoutToken)
        ),
    }
)


def summary(request: Message, answer: Message) -> str:
    """Return what was done to what, in a few words."""
    match request, answer:
        case _, ResolveIdentityConflictResponse(conflict=conflict):
            state = IdentityConflict.State.Name(conflict.state).removeprefix("STATE_").lower()
            to = f" to {conflict.decided_for}" if conflict.decided_for else ""
            return f"{conflict.scheme} {conflict.value}: {state}{to}"
        case JoinDevicesRequest(kept_device_id=kept, joined_device_id=joined), _:
            return f"{joined} into {kept}"
        case UndoJoinRequest(joined_device_id=joined), UndoJoinResponse(kept_device_id=kept):
            return f"{joined} out of {kept}"
        case _, ReplayQuarantinedMessagesResponse(requested_count=asked):
            return "1 message" if asked == 1 else f"{asked:,} messages"
        case _:
            return ""


HUB: Final = Words(
    methods="/meterpark.device_hub.",
    no_deeds=_NO_DEEDS,
    # A replay of several messages is known by its own id, which the messages have, too.
    about=("conflict_id", "quarantine_ids", "replay_id"),
    placed=("kept_device_id", "joined_device_id"),
    devices=(
        *("device_id", "other_device_id", "assigned_device_id"),
        *("kept_device_id", "joined_device_id"),
    ),
    request_ids=("request_id", "replay_id"),
    networks=("network",),
    summary=summary,
)


class AuditDoor(AuditServiceServicer):
    def __init__(self, deeds: DeedStore) -> None:
        self._deeds = deeds

    async def ListDeeds(
        self, request: contract.ListDeedsRequest, context: Context
    ) -> contract.ListDeedsResponse:
        deeds, token = await list_deeds(self._deeds, request)
        return contract.ListDeedsResponse(deeds=deeds, next_page_token=token)
