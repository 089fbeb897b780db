"""Asking for messages of the quarantine to be read again."""

from typing import Annotated

import strawberry
from meterpark.device_hub.v1 import quarantine_pb2 as wire

from bff.graph.asking.context import Info
from bff.graph.fields import RequestId
from bff.graph.refusals import ArgumentInvalid, NotAllowed, QuarantinedMessageUnknown, TooMany

QuarantineIds = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(description="Up to 1,000 messages, or null for all that are open."),
]
OfReason = Annotated[
    str | None, strawberry.argument(description="Of all open messages only those of this reason.")
]


@strawberry.type
class ReplayRequested:
    requested_count: int
    not_replayable_count: int = strawberry.field(
        description="Of the messages asked for, those of which only the beginning is kept."
    )


ReplayQuarantinedMessagesResult = Annotated[
    ReplayRequested | QuarantinedMessageUnknown | TooMany | NotAllowed | ArgumentInvalid,
    strawberry.union("ReplayQuarantinedMessagesResult"),
]


async def replay_quarantined_messages(
    info: Info,
    request_id: RequestId,
    quarantine_ids: QuarantineIds = None,
    reason: OfReason = None,
) -> ReplayQuarantinedMessagesResult:
    """Asks the connector to read messages again; `quarantineReplay` tells how far it is, by the request id."""
    asking = info.context.asking_hub
    answer = await asking.ask(
        asking.hub.devices.ReplayQuarantinedMessages,
        wire.ReplayQuarantinedMessagesRequest(
            quarantine_ids=quarantine_ids or (),
            all_open=quarantine_ids is None,
            reason=reason or "",
            replay_id=request_id,
        ),
    )
    return ReplayRequested(
        requested_count=answer.requested_count,
        not_replayable_count=answer.not_replayable_count,
    )


@strawberry.type(description="How far a request to read messages again is.")
class QuarantineReplay:
    waiting_count: int = strawberry.field(description="Not read again yet.")
    resolved_count: int
    failed_count: int = strawberry.field(description="Read again, and still not readable.")
    username: str | None = strawberry.field(description="Who asked; null for an unknown request.")


async def quarantine_replay(info: Info, request_id: strawberry.ID) -> QuarantineReplay:
    """How far a request to read messages again is; all counts are 0 for an unknown one."""
    asking = info.context.asking_hub
    answer = await asking.ask(
        asking.hub.devices.GetReplay, wire.GetReplayRequest(replay_id=request_id)
    )
    return QuarantineReplay(
        waiting_count=answer.waiting_count,
        resolved_count=answer.resolved_count,
        failed_count=answer.failed_count,
        username=answer.username or None,
    )
