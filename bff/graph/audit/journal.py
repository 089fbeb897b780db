"""The journal of one device, as the schema shows it: what was reported, by which message, in which order."""

from datetime import datetime

import strawberry
from meterpark.device_hub.v1 import device_hub_service_pb2 as wire

from bff.failures import argument_invalid
from bff.graph.asking.context import Info
from bff.graph.asking.pages import USUAL_PAGE, Connection, read_connection
from bff.graph.devices.timeline import TimelineEntry, entry_of
from bff.graph.fields import Named, time_of


@strawberry.type(description="One commit of a device's journal: what one report did.")
class JournalEntry:
    revision: int
    report_id: str
    committed_at: datetime | None
    source: str | None = strawberry.field(
        description="The connector's name for where it came from; null where the hub itself concluded it."
    )
    message_id: str | None
    correlation_id: str | None
    verb: str | None
    noun: str | None
    message_at: datetime | None = strawberry.field(
        description="When the head-end system made the message."
    )
    message_part: int | None = strawberry.field(
        description="Which part of the message, from 0; null without a message."
    )
    events: list[TimelineEntry]
    stored_events: list[str] = strawberry.field(
        description="The events as the journal stores them, JSON, in the same order; without secrets."
    )


def journal_entry_of(told: wire.HistoryEntry) -> JournalEntry:
    origin = told.origin
    return JournalEntry(
        revision=told.revision,
        report_id=told.report_id,
        committed_at=time_of(told, "committed_time"),
        source=origin.source or None,
        message_id=origin.message_id or None,
        correlation_id=origin.correlation_id or None,
        verb=origin.verb or None,
        noun=origin.noun or None,
        message_at=time_of(origin, "message_time"),
        message_part=origin.index if told.HasField("origin") else None,
        events=[entry_of(each) for each in told.events],
        stored_events=list(told.stored_events),
    )


async def device_history(
    info: Info, device_id: Named, first: int = USUAL_PAGE, after: str | None = None
) -> Connection[JournalEntry]:
    """The commits of a device's journal, in order of revision, without what is stored of them. For auditors."""
    asking = info.context.asking_hub
    return await read_connection(
        asking,
        asking.hub.devices.GetDeviceHistory,
        wire.GetDeviceHistoryRequest(device_id=device_id),
        "entries",
        journal_entry_of,
        first=first,
        after=after,
    )


async def raw_report(info: Info, device_id: Named, revision: int) -> JournalEntry | None:
    """What was reported by one commit, as the journal stores it; null when there is none. For auditors."""
    if revision < 1:
        raise argument_invalid("revision", "is not at least 1")
    asking = info.context.asking_hub
    request = wire.GetDeviceHistoryRequest(
        device_id=device_id, page_size=1, after_revision=revision - 1, with_stored_events=True
    )
    answer = await info.context.none_if_unknown(
        asking.ask(asking.hub.devices.GetDeviceHistory, request)
    )
    found = [] if answer is None else [each for each in answer.entries if each.revision == revision]
    return journal_entry_of(found[0]) if found else None
