"""Deeds, as the schema shows them."""

from datetime import datetime
from enum import Enum

import strawberry
from meterpark.smoc.v1 import audit_service_pb2 as wire

from bff.graph.asking.context import Info
from bff.graph.asking.pages import USUAL_PAGE, Connection, read_connection
from bff.graph.devices.filter import TimeRangeInput
from bff.graph.fields import NamedText, enum_of, named_texts, time_of


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
        description="Id of the alarm, job, import, view or note."
    )
    device_ids: list[strawberry.ID] = strawberry.field(
        description="Devices that it names, up to 500. A job on a filter names none: its items do."
    )
    summary: str | None = strawberry.field(description="What it was about, for people.")
    said: list[NamedText] = strawberry.field(description="What was asked; long texts are cut.")
    outcome: DeedOutcome | None
    detail: str | None


@strawberry.input(
    description='Conditions are combined with "and", values in a list with "or". An empty list or null is no condition.'
)
class DeedFilterInput:
    usernames: list[str] | None = None
    kinds: list[str] | None = None
    device_id: strawberry.ID | None = strawberry.field(
        default=None, description="Deeds that name this device, by itself or by its alarm."
    )
    about: strawberry.ID | None = strawberry.field(
        default=None, description="Deeds about this alarm, job, import, view or note."
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
        outcome=enum_of(DeedOutcome, told.outcome),
        detail=told.detail or None,
    )


async def deeds(
    info: Info,
    filter: DeedFilterInput | None = None,  # noqa: A002 - the argument's name in the schema
    first: int = USUAL_PAGE,
    after: str | None = None,
) -> Connection[Deed]:
    """Who did what, newest first. For auditors."""
    return await read_connection(
        info.context.asking,
        info.context.asking.register.audit.ListDeeds,
        wire.ListDeedsRequest(filter=filter.to_wire() if filter else None),
        "deeds",
        deed_of,
        first=first,
        after=after,
    )
