"""Messages that could not be read, as the schema shows them, and the lists of them."""

from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry
from meterpark.device_hub.v1 import quarantine_pb2 as wire

from bff.graph.asking.context import Info
from bff.graph.asking.pages import USUAL_PAGE, Edge, PageInfo, read_page
from bff.graph.fields import Named, described, enum_of, time_of
from bff.graph.intake.message_text import QuarantinedText, beginning, window


@strawberry.enum
class QuarantineState(Enum):
    OPEN = strawberry.enum_value(wire.QUARANTINE_STATE_OPEN, description="Waits for a person.")
    REPLAY_REQUESTED = strawberry.enum_value(
        wire.QUARANTINE_STATE_REPLAY_REQUESTED, description="Is to be read again."
    )
    RESOLVED = strawberry.enum_value(
        wire.QUARANTINE_STATE_RESOLVED, description="Was read again with success."
    )


@strawberry.type(description="A message that could not be read, or of which a part was refused.")
class QuarantinedMessage:
    quarantine_id: strawberry.ID
    state: QuarantineState | None
    source: str
    network: str | None = strawberry.field(description="Null where the message does not tell it.")
    destination: str
    message_id: str
    verb: str
    noun: str
    reason: str = strawberry.field(description="A word for programs, such as XML_MALFORMED.")
    detail: str
    place: str = strawberry.field(description="Where in the text: an XPath, a line, or both.")
    received_at: datetime | None
    quarantined_at: datetime | None
    changed_at: datetime | None
    replay_count: int = strawberry.field(description="How often it was read again.")
    body_size_bytes: float
    truncated: bool = strawberry.field(
        description="Only its beginning is kept, so it cannot be read again from here."
    )
    replay_username: str | None = strawberry.field(
        description="Who asked last for it to be read again."
    )
    told: strawberry.Private[wire.QuarantinedMessage]

    @described
    async def text(self, info: Info, offset: float | None = None) -> QuarantinedText:
        """Around the place of the fault; or from a byte on. A call of its own for each message."""
        start = max(0, int(offset or 0))
        # The beginning tells how to read the rest.
        told = self.told if self.told.body else await _read(info, self.quarantine_id, 0)
        body = beginning(told.body, told.kept_size_bytes, is_text=told.body_kind == "text")
        if start and body.compressed:
            body = replace(body, content=body.content[start:], offset=start)
        elif start:
            rest = await _read(info, self.quarantine_id, start)
            body = replace(body, content=rest.body, offset=start)
        return window(body, self.place)


@strawberry.type
class QuarantinedMessageConnection:
    edges: list[Edge[QuarantinedMessage]]
    page_info: PageInfo
    total_count: int
    total_count_is_minimum: bool = strawberry.field(
        description="Counting ended early: there are at least so many."
    )


def message_of(told: wire.QuarantinedMessage) -> QuarantinedMessage:
    return QuarantinedMessage(
        quarantine_id=strawberry.ID(told.quarantine_id),
        state=enum_of(QuarantineState, told.state),
        source=told.source,
        network=told.network or None,
        destination=told.destination,
        message_id=told.message_id,
        verb=told.verb,
        noun=told.noun,
        reason=told.reason,
        detail=told.detail,
        place=told.place,
        received_at=time_of(told, "received_time"),
        quarantined_at=time_of(told, "quarantined_time"),
        changed_at=time_of(told, "changed_time"),
        replay_count=told.replay_count,
        body_size_bytes=told.body_size_bytes,
        truncated=told.truncated,
        replay_username=told.replay_username or None,
        told=told,
    )


async def _read(info: Info, quarantine_id: str, body_offset: int) -> wire.QuarantinedMessage:
    asking = info.context.asking_hub
    request = wire.GetQuarantinedMessageRequest(
        quarantine_id=quarantine_id, body_offset=body_offset
    )
    answer = await asking.ask(asking.hub.devices.GetQuarantinedMessage, request)
    return answer.message


def _wanted(state: QuarantineState | None) -> Any:
    return wire.QUARANTINE_STATE_UNSPECIFIED if state is None else state.value


async def quarantined_message(info: Info, quarantine_id: Named) -> QuarantinedMessage | None:
    """One message in the quarantine; null when there is none of this name."""
    told = await info.context.none_if_unknown(_read(info, quarantine_id, 0))
    return None if told is None else message_of(told)


async def quarantined_messages(
    info: Info,
    state: QuarantineState | None = None,
    reason: str | None = None,
    first: int = USUAL_PAGE,
    after: str | None = None,
) -> QuarantinedMessageConnection:
    """Messages in the quarantine, newest first."""
    asking = info.context.asking_hub
    answer, edges, page_info = await read_page(
        asking,
        asking.hub.devices.ListQuarantinedMessages,
        wire.ListQuarantinedMessagesRequest(
            state=_wanted(state),
            reason=reason or "",
        ),
        "messages",
        message_of,
        first=first,
        after=after,
    )
    return QuarantinedMessageConnection(
        edges=edges,
        page_info=page_info,
        total_count=answer.total_count,
        total_count_is_minimum=answer.total_count_is_minimum,
    )


@strawberry.type(description="How many messages of one reason the quarantine has.")
class QuarantineReason:
    reason: str
    open_count: int
    replay_requested_count: int
    resolved_count: int
    oldest_at: datetime | None = strawberry.field(description="Of those that are open.")
    newest_at: datetime | None


@strawberry.type
class QuarantineReasons:
    reasons: list[QuarantineReason] = strawberry.field(description="At most 100, most open first.")
    too_many_to_count: bool


async def quarantine_reasons(info: Info) -> QuarantineReasons:
    """How many messages of each reason the quarantine has."""
    asking = info.context.asking_hub
    answer = await asking.ask(
        asking.hub.devices.CountQuarantinedMessages, wire.CountQuarantinedMessagesRequest()
    )
    return QuarantineReasons(
        reasons=[
            QuarantineReason(
                reason=one.reason,
                open_count=one.open_count,
                replay_requested_count=one.replay_requested_count,
                resolved_count=one.resolved_count,
                oldest_at=time_of(one, "oldest_time"),
                newest_at=time_of(one, "newest_time"),
            )
            for one in answer.counts
        ],
        too_many_to_count=answer.too_many_to_count,
    )
