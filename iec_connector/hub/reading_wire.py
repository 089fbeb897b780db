"""What the connector understands of a message, as the hub's contract wants it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.device_hub.v1 import reading_pb2

from contract_limits import REPORTS_PER_READING
from iec_connector.forwarding.forwarding import Parcel
from iec_connector.understanding import Header, Problem

_TEXT_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedReading:
    """A message that a person wants to have read."""

    reading_id: str
    lease: str
    source: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Why nothing of a message can be read."""

    reason: str
    detail: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What was understood of a message; with ``unreadable`` nothing was."""

    source: str
    known_sources: Sequence[str]
    header: Header | None = None
    network: str = ""
    parcels: Sequence[Parcel] = ()
    problems: Sequence[Problem] = ()
    passed_over: Mapping[str, int] = field(default_factory=dict)
    unreadable: Unreadable | None = None


def claimed_readings(response: reading_pb2.ClaimReadingsResponse) -> list[ClaimedReading]:
    """Return the messages that were claimed."""
    return [
        ClaimedReading(reading_id=one.reading_id, lease=one.lease, source=one.source, body=one.body)
        for one in response.readings
    ]


def understood_to_wire(trial: Trial) -> reading_pb2.MessageUnderstood:
    """Return what was understood, so much of it as a person looks at."""
    header, unreadable = trial.header, trial.unreadable
    wire = reading_pb2.MessageUnderstood(
        source=trial.source,
        known_sources=trial.known_sources,
        network=_text(trial.network),
        reports=[parcel.content for parcel in trial.parcels[:REPORTS_PER_READING]],
        report_count=len(trial.parcels),
        problems=[
            reading_pb2.ReadingProblem(
                reason=str(problem.reason),
                detail=_text(problem.detail),
                place=_text(problem.place),
                index=problem.index,
            )
            for problem in trial.problems[:REPORTS_PER_READING]
        ],
        problem_count=len(trial.problems),
        passed_over=trial.passed_over,
    )
    if header is not None:
        wire.verb, wire.noun = _text(header.verb), _text(header.noun)
        wire.message_id = _text(header.message_id)
        if header.timestamp is not None:
            stamp = Timestamp()
            stamp.FromDatetime(header.timestamp)
            wire.message_time.CopyFrom(stamp)
    if unreadable is not None:
        wire.unreadable.reason = unreadable.reason
        wire.unreadable.detail = _text(unreadable.detail)
        wire.unreadable.place = _text(unreadable.place)
    return wire


def _text(text: str) -> str:
    """What a message says may hold half a surrogate pair, which no string of the contract can."""
    return text[:_TEXT_CHARACTERS].encode("utf-8", "backslashreplace").decode()
