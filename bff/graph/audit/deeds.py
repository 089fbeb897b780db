"""Deeds, as the schema shows them: those of the register and of the hub, in one list."""

import asyncio
import re
from datetime import datetime
from enum import Enum
from typing import Final

import strawberry
from meterpark.device_hub.v1 import audit_service_pb2 as hub_wire
from meterpark.smoc.v1 import audit_service_pb2 as wire

from bff.failures import argument_invalid
from bff.graph.asking.context import Info
from bff.graph.asking.pages import (
    USUAL_PAGE,
    Connection,
    Cursor,
    Edge,
    PageInfo,
    page_size,
    read_cursor,
)
from bff.graph.audit.both import Part, merged
from bff.graph.devices.filter import TimeRangeInput
from bff.graph.fields import NamedText, enum_of, named_texts, time_of

# Later ones are greater, whichever service stored them: so one id is a place in both lists.
_ID: Final = re.compile(r"[0-9a-f]{20}")


@strawberry.enum
class DeedOutcome(Enum):
    ASKED = strawberry.enum_value(
        wire.DEED_OUTCOME_ASKED,
        description="It was asked for; how it ended was not stored, so nobody knows.",
    )
    DONE = wire.DEED_OUTCOME_DONE
    REFUSED = strawberry.enum_value(
        wire.DEED_OUTCOME_REFUSED, description="Nothing was changed; `detail` says why."
    )


@strawberry.type(description="A change that a person or a service account asked for.")
class Deed:
    deed_id: strawberry.ID
    at: datetime | None
    username: str
    subject: str = strawberry.field(
        description="Of the person or service account; usernames may be given to somebody else later."
    )
    client: str = strawberry.field(
        description="The client that the token was issued to: the page, the command, a program."
    )
    kind: str = strawberry.field(description='A word: "acknowledge-alarm", "create-job", ...')
    about: strawberry.ID | None = strawberry.field(
        description="Id of the alarm, job, import, view, note, conflict or message; a replay of several has its own."
    )
    device_ids: list[strawberry.ID] = strawberry.field(
        description="Devices that it names, up to 500. A job on a filter names none: its items do."
    )
    summary: str | None = strawberry.field(description="What it was about, for people.")
    said: list[NamedText] = strawberry.field(description="What was asked.")
    cut: list[str] = strawberry.field(
        description="What is kept in part only: names of texts in `said`, `about`, `device_ids`."
    )
    outcome: DeedOutcome | None
    detail: str | None
    refusal_reason: str | None = strawberry.field(
        description="Why it was refused, as a word: ALARM_STATE_REFUSED, ROLE_MISSING, ... Null for what was not "
        "refused, and for deeds before December 2026."
    )


@strawberry.input(
    description='Conditions are combined with "and", values in a list with "or". An empty list or null is no condition.'
)
class DeedFilterInput:
    usernames: list[str] | None = None
    kinds: list[str] | None = None
    device_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Deeds that name this device, by itself, by its alarm or by a conflict.",
    )
    about: strawberry.ID | None = strawberry.field(
        default=None,
        description="Deeds about this alarm, job, import, view, note, conflict or message.",
    )
    time: TimeRangeInput | None = None
    outcomes: list[DeedOutcome] | None = None

    def to_wire(self) -> wire.DeedFilter:
        return wire.DeedFilter(
            usernames=self.usernames,
            kinds=self.kinds,
            device_id=self.device_id or "",
            about=self.about or "",
            time=self.time.to_wire("filter.time") if self.time else None,
            outcomes=[outcome.value for outcome in self.outcomes or ()],
        )


def deed_of(told: wire.Deed) -> Deed:
    return Deed(
        deed_id=strawberry.ID(told.deed_id),
        at=time_of(told, "time"),
        username=told.username,
        subject=told.subject,
        client=told.client,
        kind=told.kind,
        about=strawberry.ID(told.about) if told.about else None,
        device_ids=[strawberry.ID(device_id) for device_id in told.device_ids],
        summary=told.summary or None,
        said=named_texts(told.said),
        cut=list(told.cut),
        outcome=enum_of(DeedOutcome, told.outcome),
        detail=told.detail or None,
        refusal_reason=told.refusal_reason or None,
    )


async def deeds(
    info: Info,
    filter: DeedFilterInput | None = None,  # noqa: A002 - the argument's name in the schema
    first: int = USUAL_PAGE,
    after: str | None = None,
) -> Connection[Deed]:
    """Who did what at the register and the hub, newest first. For auditors. Without an answer of both there is none."""
    size, before = page_size(first), _read_cursor(after)
    conditions = filter.to_wire() if filter else None
    register, hub = info.context.asking, info.context.asking_hub
    answers = await asyncio.gather(
        register.ask(
            register.register.audit.ListDeeds,
            wire.ListDeedsRequest(filter=conditions, page_size=size, before_deed_id=before),
        ),
        hub.ask(
            hub.hub.audit.ListDeeds,
            hub_wire.ListDeedsRequest(filter=conditions, page_size=size, before_deed_id=before),
        ),
    )
    found, more = merged(
        [Part(deeds=answer.deeds, more=bool(answer.next_page_token)) for answer in answers], size
    )
    edges = [Edge(cursor=Cursor(told.deed_id).text, node=deed_of(told)) for told in found]
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=more,
            has_previous_page=False,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else after,
        ),
    )


def _read_cursor(after: str | None) -> str:
    """Return the id of the deed behind which the page begins; raise Failure when it is not a cursor of this list."""
    place = read_cursor(after)
    if place.skip or (place.token and not _ID.fullmatch(place.token)):
        raise argument_invalid("after", "not a cursor that this list gave")
    return place.token
