"""Alarms between the contract's messages and the register's own words. Nothing else knows both."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.smoc.v1 import alarm_service_pb2 as contract

from service_chassis.refusals import argument_invalid
from smoc_service.alarms.core.alarm import Alarm, Entry, State
from smoc_service.alarms.core.rules import Severity
from smoc_service.alarms.filter import AlarmFilter
from smoc_service.register.documents import as_stored
from smoc_service.register.requests import read_values
from smoc_service.register.wire import is_network, read_device_id, write_time

COMMENT_AT_MOST: Final = 2_000
ASSIGNEE_AT_MOST: Final = 100
_ALARM_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}/[0-9a-f]{20}")
_STATE = "ALARM_STATE_"
_SEVERITY = "ALARM_SEVERITY_"


def read_alarm_id(text: str) -> str:
    if not _ALARM_ID.fullmatch(text):
        raise argument_invalid("alarm_id", f"{text[:200]!r} is not <network>/<number>")
    return text


def read_request_id(text: str) -> str:
    """Return the UUID in its one spelling."""
    try:
        return str(UUID(text))
    except ValueError:
        raise argument_invalid("request_id", f"{text[:60]!r} is no UUID") from None


def read_comment(text: str, field: str = "comment") -> str:
    if len(text) > COMMENT_AT_MOST:
        raise argument_invalid(field, f"longer than {COMMENT_AT_MOST} characters")
    return text.strip()


def read_comment_given(text: str) -> str:
    comment = read_comment(text)
    if not comment:
        raise argument_invalid("comment", "empty")
    return comment


def read_assignee(text: str, field: str = "assignee") -> str:
    if not 1 <= len(text) <= ASSIGNEE_AT_MOST or not text.isprintable() or text != text.strip():
        raise argument_invalid(field, f"not 1 to {ASSIGNEE_AT_MOST} printable characters")
    return text


def read_until(request: contract.SnoozeAlarmRequest) -> datetime:
    if not request.HasField("until_time"):
        raise argument_invalid("until_time", "missing")
    try:
        until: datetime = request.until_time.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise argument_invalid("until_time", "outside of the years 1 to 9999") from None
    # As it is stored: the same command again must be the same.
    return as_stored(until)


def read_alarm_filter(message: contract.AlarmFilter) -> AlarmFilter:
    lists = {
        "network": ("networks", message.networks),
        "rule": ("rules", message.rules),
        "category": ("categories", message.categories),
        "area": ("areas", message.areas),
        "assignee": ("assignees", message.assignees),
    }
    narrowed = {
        name: values
        for name, (plural, given) in lists.items()
        if (values := read_values(given, f"filter.{plural}"))
    }
    for network in message.networks:
        if not is_network(network):
            raise argument_invalid("filter.networks", f"{network!r} is no network name")
    severities = [_word(contract.AlarmSeverity, each, _SEVERITY) for each in message.severities]
    if any(word not in set(Severity) for word in severities):
        raise argument_invalid("filter.severities", "holds one that the contract does not name")
    if severities:
        narrowed["severity"] = tuple(dict.fromkeys(severities))
    if message.device_id:
        read_device_id(message.device_id, "filter.device_id")
        narrowed["device_id"] = (message.device_id,)
    states = [_word(contract.AlarmState, each, _STATE) for each in message.states]
    if any(word not in set(State) - {State.WAITING} for word in states):
        raise argument_invalid("filter.states", "holds one that cannot be asked for")
    return AlarmFilter(
        narrowed=narrowed,
        states=tuple(dict.fromkeys(map(State, states))),
        with_snoozed=message.with_snoozed,
    )


def write_alarm(alarm: Alarm) -> contract.Alarm:
    return contract.Alarm(
        alarm_id=alarm.alarm_id,
        version=alarm.version,
        rule=alarm.rule,
        category=alarm.category,
        severity=contract.AlarmSeverity.Value(_SEVERITY + alarm.severity),
        state=contract.AlarmState.Value(_STATE + alarm.state),
        network=alarm.network,
        device_id=alarm.device_id,
        area=alarm.area,
        summary=alarm.summary,
        since_time=write_time(alarm.since),
        open_time=write_time(alarm.opened_at),
        resolve_time=write_time(alarm.resolved_at),
        assignee=alarm.assignee,
        snooze_until_time=write_time(alarm.snoozed_until),
        cause_over=alarm.cause_over,
        part_of=alarm.part_of,
        history=map(_write_entry, alarm.history),
    )


def write_counts(counts: Mapping[Severity, int]) -> list[contract.AlarmCount]:
    return [
        contract.AlarmCount(
            severity=contract.AlarmSeverity.Value(_SEVERITY + severity), alarm_count=count
        )
        for severity, count in counts.items()
    ]


def _write_entry(entry: Entry) -> contract.AlarmEntry:
    written = Timestamp()
    written.FromDatetime(entry.at)
    return contract.AlarmEntry(
        time=written,
        deed=entry.deed.value,
        username=entry.who.username,
        subject=entry.who.subject,
        detail=entry.detail,
        comment=entry.comment,
    )


def _word(enum: Any, number: int, prefix: str) -> str:
    name = enum.Name(number) if number in enum.values() else ""
    return str(name).removeprefix(prefix)
