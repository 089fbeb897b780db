"""Translates reports of the contract into commands for the device. devices.py has the other direction."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import (
    Configuration as WireConfiguration,
)
from meterpark.device_hub.v1.report_pb2 import (
    ControlOutcome,
    DeviceEvent,
    Linkage,
    Report,
    SwitchState,
)
from meterpark.device_hub.v1.report_pb2 import Lifecycle as WireLifecycle
from meterpark.device_hub.v1.report_pb2 import (
    Meaning as WireMeaning,
)
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from contract_limits import (
    IDENTIFIER_CHARACTERS,
    NETWORK,
    REPORT_BYTES,
    REPORT_ID,
    is_identifier,
)
from device_hub.device.attributes import ATTRIBUTES, check_place, flat
from device_hub.device.commands import (
    Command,
    Configure,
    Link,
    NoteContact,
    NoteControl,
    RecordEvent,
    ReportFacts,
    Unlink,
)
from device_hub.device.refusal import Reason, Refused
from device_hub.device.values import (
    Configuration,
    Control,
    EndDeviceEvent,
    Identifier,
    Lifecycle,
    Meaning,
    Outcome,
    Switch,
)
from device_hub.turns.history import (
    CommitRefused,
    Origin,
)
from device_hub.turns.turn import DecisionFailed
from service_traces.context import sampled

_SECONDS_MIN: Final = -62_135_596_800  # year 1
_SECONDS_MAX: Final = 253_402_300_799  # end of year 9999
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN: Final = 128
_DETAIL_CHARACTERS: Final = 500

# Words of the contract without their prefix are the words of the core; a contract test compares them.
_LIFECYCLES: Final = {v: n.removeprefix("LIFECYCLE_") for n, v in WireLifecycle.items()}
_SWITCHES: Final = {v: n.removeprefix("SWITCH_STATE_") for n, v in SwitchState.items()}
_OUTCOMES: Final = {v: n.removeprefix("OUTCOME_") for n, v in ControlOutcome.Outcome.items()}
_MEANINGS: Final = {v: n.removeprefix("MEANING_") for n, v in WireMeaning.items()}


class TimeOutOfRange(ValueError):
    """The time lies outside of year 1 to 9999."""


def from_timestamp(time: Timestamp) -> datetime:
    """Return the time in UTC, cut to whole milliseconds as the journal keeps them."""
    seconds, nanos = time.seconds, time.nanos
    if not _SECONDS_MIN <= seconds <= _SECONDS_MAX or not 0 <= nanos < 1_000_000_000:  # noqa: PLR2004
        raise TimeOutOfRange(f"{seconds} s since 1970")
    return _EPOCH + timedelta(0, seconds, nanos // 1_000_000 * 1_000)


def device_id_of(report: Report) -> str:
    return f"{report.network}/{report.device_identifier}"


def fault_of(report: Report) -> Verdict | None:
    """Return the verdict on a report that no device needs to see, or None when it is well formed."""
    if not REPORT_ID.fullmatch(report.report_id):
        return _refused(report, "report_id: needs 1 to 64 characters of [A-Za-z0-9_-]")
    if not NETWORK.fullmatch(report.network):
        network = report.network[:_SHOWN]
        return _refused(report, f"network: {network!r} is not [a-z0-9][a-z0-9-]{{0,62}}")
    if not is_identifier(report.device_identifier):
        return _refused(
            report,
            f"device_identifier: {report.device_identifier[:_SHOWN]!r} is not 1 to {IDENTIFIER_CHARACTERS} "
            'printable characters without "/" and without blanks around',
        )
    if not report.HasField("received_time"):
        return _refused(report, "received_time: is missing")
    size = report.ByteSize()
    if size > REPORT_BYTES:
        return _refused(report, f"report: has {size} bytes, {REPORT_BYTES} are allowed")
    if report.WhichOneof("content") is None:
        reason = ErrorReason.ERROR_REASON_REPORT_EMPTY
        return _refused(report, "content: the report says nothing", reason)
    return None


def refused_by_device(report: Report, refused: Refused) -> Verdict:
    """Return the verdict for a report that the device itself refused."""
    return _refused(
        report, refused.detail, ErrorReason.Value(f"ERROR_REASON_{refused.reason.value}")
    )


def time_invalid(report: Report, error: TimeOutOfRange) -> Verdict:
    return _refused(report, f"time: {error}", ErrorReason.ERROR_REASON_TIME_INVALID)


def document_refused(report: Report, error: CommitRefused) -> Verdict:
    return _refused(report, f"the journal cannot hold it: {error}")


def decision_failed(report: Report, error: DecisionFailed) -> Verdict:
    detail = f"the hub could not decide about it: {error}"
    return _refused(report, detail, ErrorReason.ERROR_REASON_HUB_DEFECT)


def _refused(
    report: Report,
    detail: str,
    reason: ErrorReason.ValueType = ErrorReason.ERROR_REASON_ARGUMENT_INVALID,
) -> Verdict:
    # A batch has many verdicts, and each may quote the wrong value.
    return Verdict(
        report_id=report.report_id[:_SHOWN],
        outcome=Verdict.OUTCOME_REFUSED,
        reason=reason,
        detail=detail[:_DETAIL_CHARACTERS],
    )


def to_command(report: Report) -> Command:
    """Return the device's command; the report is well formed (`fault_of`).

    Raises TimeOutOfRange, and Refused(ARGUMENT_INVALID) for an unknown or missing word, and for invalid coordinates.
    """
    _check_words(report)
    facts = report_facts(report)
    match report.WhichOneof("content"):
        case "configuration":
            return Configure(facts=facts, configuration=_configuration(report.configuration))
        case "event":
            return RecordEvent(facts=facts, event=_event(report.event))
        case "linkage":
            return _linkage(facts, report.linkage)
        case "control":
            return NoteControl(facts=facts, control=_control(report.control))
        case _:
            return NoteContact(facts=facts, reading_count=report.contact.reading_count)


def report_facts(report: Report) -> ReportFacts:
    """Raises TimeOutOfRange."""
    return ReportFacts(
        network=report.network,
        identifier=report.device_identifier,
        received_at=from_timestamp(report.received_time),
        told_at=(
            from_timestamp(report.origin.message_time)
            if report.origin.HasField("message_time")
            else None
        ),
        occurred_at=(
            from_timestamp(report.occurred_time) if report.HasField("occurred_time") else None
        ),
        zone_assumed=report.zone_assumed,
        stated_at=from_timestamp(report.stated_time) if report.HasField("stated_time") else None,
        identifiers=tuple(Identifier(one.scheme, one.value) for one in report.identifiers),
        said_at=from_timestamp(report.said_time) if report.HasField("said_time") else None,
        plan_withdrawn=report.plan_withdrawn,
    )


def to_origin(report: Report) -> Origin:
    said = report.origin
    return Origin(
        source=said.source,
        message_id=said.message_id,
        correlation_id=said.correlation_id,
        verb=said.verb,
        noun=said.noun,
        message_at=from_timestamp(said.message_time) if said.HasField("message_time") else None,
        index=said.index,
        traceparent=said.traceparent if sampled(said.traceparent) else "",
    )


def _configuration(said: WireConfiguration) -> Configuration:
    attributes = flat(
        [(word, getattr(said, word)) for word in ATTRIBUTES],
        names=said.names,
        life_dates=said.life_dates,
    )
    check_place(attributes)
    return Configuration(
        attributes=attributes,
        lifecycle=_lifecycle(said.lifecycle),
        removal=said.removal,
        switch=_switch(said.switch_state),
    )


def _event(said: DeviceEvent) -> EndDeviceEvent:
    return EndDeviceEvent(
        code=said.code,
        meaning=Meaning.__members__[_MEANINGS[said.meaning]],
        code_name=said.code_name,
        severity=said.severity,
        reason=said.reason,
        event_mrid=said.event_mrid,
        issuer_tracking_id=said.issuer_tracking_id,
        details=dict(said.details),
        firmware_version=said.firmware_version,
        usage_point=said.usage_point,
        author=said.author,
        remark=said.remark,
        status=said.status,
        latitude=said.latitude,
        longitude=said.longitude,
        ended=said.ended,
    )


def _control(said: ControlOutcome) -> Control:
    return Control(
        outcome=Outcome.__members__[_OUTCOMES[said.outcome]],
        code=said.code,
        code_name=said.code_name,
        action=said.action,
        control_mrid=said.control_mrid,
        issuer_tracking_id=said.issuer_tracking_id,
        author=said.author,
        status=said.status,
        reason=said.reason,
        remark=said.remark,
        details=dict(said.details),
    )


def _linkage(facts: ReportFacts, said: Linkage) -> Command:
    if said.change == Linkage.CHANGE_UNLINKED:
        return Unlink(facts=facts, usage_point=said.usage_point, parent=said.parent)
    return Link(facts=facts, usage_point=said.usage_point, area=said.area, parent=said.parent)


def _lifecycle(value: WireLifecycle.ValueType) -> Lifecycle | None:
    return Lifecycle.__members__.get(_LIFECYCLES[value])


def _switch(value: SwitchState.ValueType) -> Switch | None:
    return Switch.__members__.get(_SWITCHES[value])


def _words_of(content: FieldDescriptor) -> Mapping[str, frozenset[int]]:
    """Return the values that this hub knows of each enum in a content."""
    message = content.message_type
    return {
        field.name: frozenset(field.enum_type.values_by_number)
        for field in (message.fields if message is not None else ())
        if field.enum_type is not None
    }


# A newer sender may know more words than this hub. What it says is not guessed and not dropped, but refused by name:
# the quarantine keeps the message, and a newer hub reads it.
_WORDS: Final = {
    content.name: _words_of(content)
    for content in Report.DESCRIPTOR.oneofs_by_name["content"].fields
}
# Where "unspecified" is not "says nothing about it": without this word the content is no statement.
_MUST_BE_SAID: Final = frozenset({("linkage", "change"), ("control", "outcome")})


def _check_words(report: Report) -> None:
    name = report.WhichOneof("content")
    content = getattr(report, name) if name else None
    for word, known in _WORDS.get(name or "", {}).items():
        value = getattr(content, word)
        if value not in known:
            raise Refused(Reason.ARGUMENT_INVALID, f"{name}.{word}: {value} is not known here")
        if not value and (name, word) in _MUST_BE_SAID:
            raise Refused(Reason.ARGUMENT_INVALID, f"{name}.{word}: is unspecified")
