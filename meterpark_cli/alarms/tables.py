"""Alarms as people see them. Pure: messages and a moment in, something to show out."""

from collections.abc import Sequence
from datetime import datetime

from meterpark.smoc.v1 import alarm_service_pb2 as contract
from rich.console import Group
from rich.table import Table
from rich.text import Text

from meterpark_cli.showing.rendering import (
    NOTHING,
    age,
    ago,
    plain_table,
    stamp,
    value_words,
    when,
    words,
)

_SEVERITY_STYLES = {"CRITICAL": "bold red", "MAJOR": "red", "WARNING": "yellow"}


def alarm_table(
    now: datetime, rows: Sequence[contract.Alarm], *, width: int, header: bool
) -> Group:
    """Return two lines per alarm: id, severity, state, age and assignee; below, its subject."""
    del width, header  # a block of lines per alarm, not columns
    parts = []
    for alarm in rows:
        head = (
            words(alarm.alarm_id, "cyan") + Text("  ") + severity_words(alarm.severity) + Text("  ")
        )
        head.append_text(value_words(_state(alarm)))
        head.append(f"  {age(when(alarm.open_time, now), now)}", style="bright_black")
        if alarm.assignee:
            head.append_text(Text("  ") + words(alarm.assignee))
        if alarm.HasField("snooze_until_time"):
            head.append(f"  until {stamp(when(alarm.snooze_until_time, now))}", style="yellow")
        parts += [head, Text("    ") + words(f"{alarm.rule}  {subject(alarm)}  {alarm.summary}")]
    return Group(*parts)


def alarm_page(alarm: contract.Alarm, now: datetime) -> Group:
    """Return everything about one alarm, and its history."""
    table = plain_table("", "", header=False)
    for title, shown in (
        ("state", value_words(_state(alarm))),
        ("severity", severity_words(alarm.severity)),
        ("rule", words(f"{alarm.rule} ({alarm.category})")),
        ("about", words(subject(alarm))),
        ("area", words(alarm.area or NOTHING)),
        ("assignee", words(alarm.assignee or NOTHING)),
        ("part of", words(alarm.part_of or NOTHING)),
    ):
        table.add_row(Text(title, style="bold"), shown)
    for title, timestamp in (
        ("since", alarm.since_time),
        ("opened", alarm.open_time),
        ("sleeps until", alarm.snooze_until_time),
        ("resolved", alarm.resolve_time),
    ):
        moment = when(timestamp, now)
        table.add_row(Text(title, style="bold"), f"{stamp(moment)}  {ago(moment, now)}")
    if alarm.cause_over:
        table.add_row(Text("cause", style="bold"), "over")
    return Group(
        words(alarm.alarm_id, "bold cyan"),
        words(alarm.summary or NOTHING),
        table,
        Text(),
        _history(alarm, now),
    )


def _history(alarm: contract.Alarm, now: datetime) -> Table:
    table = plain_table("WHEN", "WHO", "WHAT", "")
    for entry in alarm.history:
        told = "  ".join(part for part in (entry.detail, entry.comment) if part)
        who = entry.username or entry.subject or "rules"
        table.add_row(
            Text(stamp(when(entry.time, now)), no_wrap=True),
            words(who),
            words(entry.deed.lower().replace("_", " ")),
            words(told),
        )
    return table


def subject(alarm: contract.Alarm) -> str:
    return alarm.device_id or f"{alarm.network}, area {alarm.area}"


def _state(alarm: contract.Alarm) -> str:
    return contract.AlarmState.Name(alarm.state).removeprefix("ALARM_STATE_")


def severity_words(severity: contract.AlarmSeverity.ValueType) -> Text:
    word = contract.AlarmSeverity.Name(severity).removeprefix("ALARM_SEVERITY_")
    return words(word, _SEVERITY_STYLES.get(word, ""))
