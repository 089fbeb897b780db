"""Alarms between the contract's messages and the register's own words. Nothing else knows both."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from meterpark.smoc.v1 import alarm_service_pb2 as contract

from contract_limits import COMMENT_CHARACTERS, NETWORK
from service_chassis.conditions import read_values
from service_chassis.refusals import argument_invalid
from service_chassis.times import read_time, write_time
from service_chassis.words import read_words, write_word
from smoc_service.alarms.affected import Affected
from smoc_service.alarms.core.alarm import Alarm, Entry, Standing, State
from smoc_service.alarms.core.load import DAYS_AT_MOST, AlarmLoad, LoadAsked
from smoc_service.alarms.core.rules import Severity
from smoc_service.alarms.filter import AlarmFilter
from smoc_service.door.reading import read_device_id, read_networks
from smoc_service.mongodb import as_stored

ASSIGNEE_AT_MOST: Final = 100
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ALARM_ID = re.compile(rf"{NETWORK.pattern}/[0-9a-f]{{20}}")


def read_alarm_id(text: str, field: str = "alarm_id") -> str:
    if not _ALARM_ID.fullmatch(text):
        raise argument_invalid(field, f"{text[:200]!r} is not <network>/<number>")
    return text


def read_comment(text: str, field: str = "comment") -> str:
    if len(text) > COMMENT_CHARACTERS:
        raise argument_invalid(field, f"longer than {COMMENT_CHARACTERS} characters")
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
    until = read_time(request, "until_time")
    if until is None:
        raise argument_invalid("until_time", "missing")
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
    read_networks(message.networks, "filter.networks")
    if severities := read_words(
        contract.AlarmSeverity, message.severities, Severity, "filter.severities"
    ):
        narrowed["severity"] = severities
    if message.device_id:
        read_device_id(message.device_id, "filter.device_id")
        narrowed["device_id"] = (message.device_id,)
    states = read_words(contract.AlarmState, message.states, State, "filter.states")
    if State.WAITING in states:
        raise argument_invalid("filter.states", "holds one that cannot be asked for")
    return AlarmFilter(
        narrowed=narrowed,
        states=states,
        with_snoozed=message.with_snoozed,
    )


def read_load_asked(request: contract.GetAlarmLoadRequest) -> LoadAsked:
    networks = read_networks(request.networks, "networks")
    start = _read_day(request.start_date, "start_date")
    end = _read_day(request.end_date, "end_date")
    if start > end:
        raise argument_invalid("start_date", "lies after end_date")
    if (end - start).days >= DAYS_AT_MOST:
        raise argument_invalid("end_date", f"more than {DAYS_AT_MOST} days")
    return LoadAsked(start=start, end=end, networks=networks)


def _read_day(text: str, field: str) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise argument_invalid(field, f"{text[:60]!r} is not a date like 2026-11-01")


def write_load(load: AlarmLoad) -> contract.GetAlarmLoadResponse:
    return contract.GetAlarmLoadResponse(
        days=[
            contract.AlarmLoadDay(
                date=day.day.isoformat(),
                counts=write_counts(
                    {each: day.counts[each] for each in reversed(Severity) if day.counts[each]}
                ),
                peak_count=day.peak,
                peak_time=write_time(day.peak_at),
            )
            for day in load.days
        ],
        frequent=[
            contract.FrequentAlarm(
                network=each.network,
                device_id=each.device_id,
                area=each.area,
                rule=each.rule,
                alarm_count=each.count,
                chattering=each.chatters,
            )
            for each in load.frequent
        ],
        chattering_count=load.chattering,
        stale_count=load.stale,
        as_of_time=write_time(load.as_of),
    )


def write_alarm(alarm: Alarm, affected: Affected | None = None) -> contract.Alarm:
    return contract.Alarm(
        alarm_id=alarm.alarm_id,
        version=alarm.version,
        rule=alarm.rule,
        category=alarm.category,
        severity=write_word(contract.AlarmSeverity, alarm.severity),
        state=write_word(contract.AlarmState, alarm.state),
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
        affected=None if affected is None else _write_affected(affected),
    )


def write_counts(counts: Mapping[Severity, int]) -> list[contract.AlarmCount]:
    return [
        contract.AlarmCount(
            severity=write_word(contract.AlarmSeverity, severity), alarm_count=count
        )
        for severity, count in counts.items()
    ]


def write_standing(standing: Mapping[Severity, Standing]) -> list[contract.AlarmCount]:
    return [
        contract.AlarmCount(
            severity=write_word(contract.AlarmSeverity, severity),
            alarm_count=each.count,
            oldest_open_time=write_time(each.oldest_at),
        )
        for severity, each in standing.items()
    ]


def _write_affected(affected: Affected) -> contract.AffectedDevices:
    return contract.AffectedDevices(
        facet=affected.facet,
        values=affected.values,
        device_count=affected.devices,
        area_device_count=affected.in_area,
        earlier=[
            contract.AffectedCount(time=write_time(each.at), device_count=each.devices)
            for each in affected.earlier
        ],
    )


def _write_entry(entry: Entry) -> contract.AlarmEntry:
    return contract.AlarmEntry(
        time=write_time(entry.at),
        deed=entry.deed.value,
        username=entry.who.username,
        subject=entry.who.subject,
        detail=entry.detail,
        comment=entry.comment,
    )
