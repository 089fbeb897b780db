"""What the connector understands of a message that a person brings; nothing of it is recorded."""

import base64
import binascii
from datetime import datetime
from typing import Annotated

import strawberry
from meterpark.device_hub.v1 import reading_pb2 as wire
from meterpark.device_hub.v1.report_pb2 import Report

from bff.failures import argument_invalid
from bff.graph.asking.context import Info
from bff.graph.fields import Named, NamedText, RequestId, time_of
from bff.graph.intake.reported import facts_of
from bff.graph.refusals import ArgumentInvalid, NotAllowed, TooMany
from contract_limits import READING_BYTES


@strawberry.type(description="Why a message, or a part of it, gives no report.")
class ReadingProblem:
    reason: str
    detail: str
    place: str
    index: int = strawberry.field(description="Which part of the message, from 0.")


@strawberry.type(description="What a message says of one device.")
class ReadReport:
    device_id: strawberry.ID
    kind: str = strawberry.field(description="configuration, event, linkage, contact or control.")
    occurred_at: datetime | None
    zone_assumed: bool = strawberry.field(
        description="The message gave a time without a zone; the source's own was assumed."
    )
    effective_later: bool = strawberry.field(
        description="It takes effect later: it is planned until then."
    )
    identifiers: list[NamedText] = strawberry.field(
        description="All that the message calls the device, by kind."
    )
    facts: list[NamedText]


@strawberry.type(description="What the connector understands of a message.")
class MessageUnderstood:
    source: str
    known_sources: list[str] = strawberry.field(
        description="The connector's sources, for viewers of all networks."
    )
    verb: str
    noun: str
    message_id: str
    network: str | None = strawberry.field(description="Null where each device tells its own.")
    message_at: datetime | None
    unreadable: ReadingProblem | None = strawberry.field(
        description="Why nothing can be read of it."
    )
    reports: list[ReadReport] = strawberry.field(description="The first 100.")
    report_count: int
    problems: list[ReadingProblem] = strawberry.field(description="The first 100.")
    problem_count: int
    passed_over: list[NamedText] = strawberry.field(
        description="What says nothing that is wanted, and how often."
    )


@strawberry.type(description="A message that is read for the viewer.")
class MessageReading:
    requested_at: datetime | None
    understood: MessageUnderstood | None = strawberry.field(
        description="Null while it waits for a connector."
    )


@strawberry.type
class ReadingRequested:
    reading_id: strawberry.ID


RequestMessageReadingResult = Annotated[
    ReadingRequested | TooMany | NotAllowed | ArgumentInvalid,
    strawberry.union("RequestMessageReadingResult"),
]
Content = Annotated[
    str,
    strawberry.argument(
        description="The message's bytes as base64 (RFC 4648), at most 1 MiB of them."
    ),
]


async def request_message_reading(
    info: Info, request_id: RequestId, content: Content, source: str | None = None
) -> RequestMessageReadingResult:
    """Asks the connector to read a message; `messageReading` tells by the request id what it understood."""
    try:
        body = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise argument_invalid("content", "not base64") from None
    if len(body) > READING_BYTES:
        raise argument_invalid("content", f"at most {READING_BYTES:,} bytes")
    asking = info.context.asking_hub
    await asking.ask(
        asking.hub.devices.RequestReading,
        wire.RequestReadingRequest(reading_id=request_id, source=source or "", body=body),
    )
    return ReadingRequested(reading_id=request_id)


async def message_reading(info: Info, reading_id: Named) -> MessageReading | None:
    """What the connector understood of the viewer's message; null when it was forgotten."""
    asking = info.context.asking_hub
    answer = await info.context.none_if_unknown(
        asking.ask(asking.hub.devices.GetReading, wire.GetReadingRequest(reading_id=reading_id))
    )
    if answer is None:
        return None
    return MessageReading(
        requested_at=time_of(answer, "requested_time"),
        understood=(
            _understood(answer.understood) if answer.state == wire.READING_STATE_DONE else None
        ),
    )


def _understood(told: wire.MessageUnderstood) -> MessageUnderstood:
    return MessageUnderstood(
        source=told.source,
        known_sources=list(told.known_sources),
        verb=told.verb,
        noun=told.noun,
        message_id=told.message_id,
        network=told.network or None,
        message_at=time_of(told, "message_time"),
        unreadable=_problem(told.unreadable) if told.HasField("unreadable") else None,
        reports=[_report(report) for report in told.reports],
        report_count=told.report_count,
        problems=[_problem(problem) for problem in told.problems],
        problem_count=told.problem_count,
        passed_over=[
            NamedText(name=name, value=str(told.passed_over[name]))
            for name in sorted(told.passed_over)
        ],
    )


def _problem(told: wire.ReadingProblem) -> ReadingProblem:
    return ReadingProblem(
        reason=told.reason, detail=told.detail, place=told.place, index=told.index
    )


def _report(told: Report) -> ReadReport:
    kind = told.WhichOneof("content") or ""
    return ReadReport(
        device_id=strawberry.ID(f"{told.network}/{told.device_identifier}"),
        kind=kind,
        occurred_at=time_of(told, "occurred_time"),
        zone_assumed=told.zone_assumed,
        effective_later=(
            told.HasField("said_time") and told.occurred_time.seconds > told.received_time.seconds
        ),
        identifiers=[NamedText(name=one.scheme, value=one.value) for one in told.identifiers],
        facts=facts_of(getattr(told, kind)) if kind else [],
    )
