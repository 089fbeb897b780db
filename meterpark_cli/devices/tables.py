"""Devices, timelines and commits as tables. Pure: messages and a moment in, something to show out."""

from collections.abc import Sequence
from datetime import datetime

from meterpark.device_hub.v1.device_hub_service_pb2 import HistoryEntry
from meterpark.smoc.v1.device_pb2 import Device, Facet, TimelineEntry
from meterpark.smoc.v1.device_service_pb2 import CountDevicesResponse
from rich.console import Group
from rich.table import Table
from rich.text import Text

from meterpark_cli.options import FACETS
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

_WIDE = 120
_SHORT_FACETS = ("lifecycle", "power", "switch", "communication", "tamper")
_HEADINGS = {"communication": "COMM"}
_WIDEST_VALUES = {
    "lifecycle": 18,
    "power": 7,
    "switch": 12,
    "communication": 9,
    "tamper": 8,
    "firmware": 8,
}
_DEVICE_WIDTH = 17
_IDENTITY = (
    "network", "device_identifier", "serial_number", "utility_number", "mrid", "manufacturer", "model",
    "model_version", "device_type", "hardware_version", "firmware_version", "communication_technology",
    "communication_address", "usage_point", "area", "lot_number", "amr_system", "time_zone", "status",
    "status_reason", "status_remark", "change_reason", "change_remark", "change_author", "seals", "mac_address",
    "radio_address", "ip_address", "phone_number", "iccid", "imsi", "imei", "rated_current", "rated_voltage",
    "phase_count", "phase_code", "multipliers", "form_number", "configuration_id", "program_id", "capabilities",
    "switch_arm_state", "switch_operation_count", "latitude", "longitude", "altitude", "grid_position",
    "street_address", "parent", "connection_state", "module_serial_number", "module_manufacturer", "module_model",
    "module_firmware_version", "module_hardware_version",
)  # fmt: skip


def device_table(now: datetime, rows: Sequence[Device], *, width: int, header: bool) -> Table:
    """Return a row per device: id and facets; on wide terminals also model, firmware and last contact."""
    wide = width >= _WIDE
    facets = tuple(FACETS) if wide else _SHORT_FACETS
    headings = ["DEVICE", *(["MODEL"] if wide else [])]
    headings += [_HEADINGS.get(facet, facet.upper()) for facet in facets]
    headings += ["CONTACT"] if wide else []
    table = plain_table(*headings, right=("CONTACT",), header=header)
    table.columns[0].min_width = _DEVICE_WIDTH
    for column, facet in zip(table.columns[2 if wide else 1 :], facets, strict=False):
        column.min_width = _WIDEST_VALUES[facet]
        column.no_wrap = True
    table.padding = (0, 2 if wide else 1, 0, 0)
    for device in rows:
        row = [words(device.device_id, "cyan")]
        if wide:
            row.append(words(device.model or NOTHING))
        row += [value_words(getattr(device, facet).value) for facet in facets]
        if wide:
            row.append(Text(age(when(device.last_contact_time, now), now)))
        table.add_row(*row)
    return table


def device_page(device: Device, now: datetime) -> Group:
    """Return all that is known about one device: identity, state with time and cause, names and dates."""
    return Group(
        words(device.device_id, "bold cyan")
        + Text(f"  revision {device.revision}", style="not bold"),
        Text(),
        _facets(device, now),
        Text(),
        _times(device, now),
        Text(),
        _identity(device, now),
        *((Text(), _planned(device, now)) if device.planned else ()),
    )


def count_table(counted: CountDevicesResponse) -> Table:
    """Return a row per value of each dimension, and one for all."""
    table = plain_table("BY", "VALUE", "DEVICES", right=("DEVICES",))
    table.add_row(words("all"), "", f"{counted.total_size:,}")
    for each in counted.counts:
        value = value_words(each.value)
        table.add_row(words(each.facet), value, f"{each.device_count:,}")
    return table


def _facets(device: Device, now: datetime) -> Table:
    table = plain_table("FACET", "VALUE", "SINCE", "", "CAUSE")
    for name in FACETS:
        facet: Facet = getattr(device, name)
        since = when(facet.as_of_time, now)
        table.add_row(
            name,
            value_words(facet.value),
            stamp(since),
            ago(since, now),
            words(facet.cause or NOTHING),
        )
    return table


def _times(device: Device, now: datetime) -> Table:
    table = plain_table("", "", "", header=False)
    for name, timestamp in (
        ("first seen", device.first_seen_time),
        ("last contact", device.last_contact_time),
        ("last change", device.update_time),
    ):
        moment = when(timestamp, now)
        table.add_row(Text(name, style="bold"), stamp(moment), ago(moment, now))
    return table


def _identity(device: Device, now: datetime) -> Table:
    """Only known fields: most devices never get most of them."""
    table = plain_table("", "", header=False)
    for field in _IDENTITY:
        if text := getattr(device, field):
            table.add_row(Text(field.replace("_", " "), style="bold"), words(text))
    for title, device_ids in (("joined into", [device.joined_into]), ("joined", device.joined)):
        if any(device_ids):
            table.add_row(Text(title, style="bold"), words(", ".join(device_ids), "yellow"))
    for one in device.identifiers:
        table.add_row(
            Text("known as ", style="bold") + words(one.scheme or "name", "bold"), words(one.value)
        )
    if device.tags:
        table.add_row(Text("tags", style="bold"), words(", ".join(device.tags)))
    if device.HasField("exchange_mark"):
        mark = device.exchange_mark
        told = f"{mark.reason} ({mark.username}, {stamp(when(mark.time, now))})"
        table.add_row(Text("for exchange", style="bold"), words(told, "yellow"))
    for title, pairs in (("name", device.names), ("date", device.life_dates)):
        for key in sorted(pairs):
            table.add_row(Text(f"{title} ", style="bold") + words(key, "bold"), words(pairs[key]))
    return table


def _planned(device: Device, now: datetime) -> Table:
    table = plain_table("PLANNED FOR", "", "WHAT", "SAID")
    for plan in device.planned:
        effective, said = when(plan.effective_time, now), when(plan.said_time, now)
        what = ", ".join(f"{word} {plan.changes[word]}".rstrip() for word in sorted(plan.changes))
        table.add_row(stamp(effective), words(plan.kind), words(what, "yellow"), stamp(said))
    return table


def timeline_table(
    now: datetime, device_id: str, rows: Sequence[TimelineEntry], *, width: int, header: bool
) -> Table:
    """Return a row per entry: time, text, flags; for an entry of a joined device, also its id."""
    del width  # the sentence folds
    table = plain_table("HAPPENED", "", "REV", "WHAT", right=("REV", ""), header=header)
    for entry in rows:
        occurred = when(entry.occurred_time, now) or when(entry.received_time, now)
        what = words(entry.summary or entry.kind)
        if entry.device_id not in {"", device_id}:
            what.append_text(Text(" ") + words(f"[of {entry.device_id}]", "cyan"))
        for flag in entry.flags:
            what.append_text(Text(" ") + words(f"[{flag}]", "yellow"))
        table.add_row(
            Text(stamp(occurred), no_wrap=True),
            Text(age(occurred, now), style="bright_black", no_wrap=True),
            Text(str(entry.revision or ""), style="bright_black"),
            what,
        )
    return table


def journal_table(
    now: datetime, rows: Sequence[HistoryEntry], *, width: int, header: bool
) -> Group:
    """Return each commit with its report and origin, and the events that it holds below it."""
    del width, header  # commits are blocks of lines, not columns
    parts: list[Text] = []
    for entry in rows:
        origin = entry.origin
        head = Text(f"revision {entry.revision}", style="bold")
        committed = stamp(when(entry.committed_time, now))
        head.append(f"  committed {committed}", style="not bold")
        head.append_text(
            Text("  report ", style="not bold") + words(entry.report_id, "not bold cyan")
        )
        said = " ".join(part for part in (origin.verb, origin.noun) if part)
        source = f"  from {origin.source or NOTHING}: {said or NOTHING}, part {origin.index}"
        source += f" of message {origin.message_id}" if origin.message_id else ""
        parts += [head, words(source)]
        for event in entry.events:
            line = Text("  ") + words(f"{event.entry_id} {event.kind}: ") + words(event.summary)
            for flag in event.flags:
                line.append_text(words(f" [{flag}]", "yellow"))
            parts.append(line)
    return Group(*parts)
