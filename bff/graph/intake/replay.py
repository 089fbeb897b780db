"""Asking for messages of the quarantine to be read again."""

from typing import Annotated

import strawberry
from meterpark.device_hub.v1 import quarantine_pb2 as wire

from bff.graph.asking.context import Info
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
    info: Info, quarantine_ids: QuarantineIds = None, reason: OfReason = None
) -> ReplayQuarantinedMessagesResult:
    """Asks the connector to read messages again. A message that is asked for already is not asked for twice."""
    asking = info.context.asking_hub
    answer = await asking.ask(
        asking.hub.devices.ReplayQuarantinedMessages,
        wire.ReplayQuarantinedMessagesRequest(
            quarantine_ids=quarantine_ids or (),
            all_open=quarantine_ids is None,
            reason=reason or "",
        ),
    )
    return ReplayRequested(
        requested_count=answer.requested_count,
        not_replayable_count=answer.not_replayable_count,
    )
