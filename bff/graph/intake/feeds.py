"""What comes in, by source and network, as the schema shows it."""

from datetime import datetime

import strawberry
from meterpark.device_hub.v1 import feed_pb2 as wire

from bff.graph.asking.context import Info
from bff.graph.fields import time_of


@strawberry.type(
    description="Messages of one source for one network. Null is what is not known, which is not 0."
)
class Feed:
    source: str
    network: str | None = strawberry.field(
        description="Null: messages that do not tell their network."
    )
    heard_at: datetime | None = strawberry.field(
        description="When a connector told of it last; half a minute later it is not the present."
    )
    connector_count: int = strawberry.field(description="Connectors that tell of it now.")
    connected: bool
    trouble: str | None
    since: datetime | None = strawberry.field(
        description="Since when the counts count: the start of the connectors."
    )
    message_count: float
    unreadable_count: float = strawberry.field(
        description="Of these, messages of which nothing, or not all, could be read."
    )
    messages_per_minute: float | None = strawberry.field(
        description="On average over the last five minutes."
    )
    delay_seconds: float | None = strawberry.field(
        description="From the making of a message to its receipt: the longest of the last five minutes."
    )
    last_message_at: datetime | None
    last_created_at: datetime | None = strawberry.field(
        description="When the last message was made, as it tells."
    )


@strawberry.type
class Feeds:
    feeds: list[Feed] = strawberry.field(description="By source and network, at most 500.")
    as_of: datetime | None
    is_cut: bool = strawberry.field(description="There are more.")


def _feed_of(told: wire.KnownFeed) -> Feed:
    return Feed(
        source=told.source,
        network=told.network or None,
        heard_at=time_of(told, "heard_time"),
        connector_count=told.connector_count,
        connected=told.connected,
        trouble=told.trouble or None,
        since=time_of(told, "since_time"),
        message_count=told.message_count,
        unreadable_count=told.unreadable_count,
        messages_per_minute=(
            told.messages_per_minute if told.HasField("messages_per_minute") else None
        ),
        delay_seconds=told.delay_seconds if told.HasField("delay_seconds") else None,
        last_message_at=time_of(told, "last_message_time"),
        last_created_at=time_of(told, "last_created_time"),
    )


async def feeds(info: Info) -> Feeds:
    """What comes in from the head-end systems, as far as the viewer sees it."""
    asking = info.context.asking_hub
    answer = await asking.ask(asking.hub.devices.ListFeeds, wire.ListFeedsRequest())
    return Feeds(
        feeds=[_feed_of(feed) for feed in answer.feeds],
        as_of=time_of(answer, "asked_time"),
        is_cut=answer.is_cut,
    )
