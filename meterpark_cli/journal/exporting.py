"""``meterpark journal export``: commits as lines, for other programs and for spreadsheets."""

import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from google.protobuf.message import Message
from meterpark.device_hub.v1.device_hub_service_pb2 import HistoryEntry
from meterpark.smoc.v1.device_pb2 import Device

from meterpark_cli.devices.conditions import Conditions
from meterpark_cli.devices.through import through_devices
from meterpark_cli.failures import ExitCode
from meterpark_cli.journal.formats import Format
from meterpark_cli.journal.reading import commits_of
from meterpark_cli.options import Asking
from meterpark_cli.services.connection import open_park
from meterpark_cli.showing.documents import document_of
from meterpark_cli.showing.rendering import note, now_here
from service_chassis.csv_text import lines

COLUMNS = (
    *("device_id", "revision", "report_id", "committed_time"),
    *("source", "message_id", "verb", "noun"),
    *("entry_id", "kind", "code", "occurred_time", "received_time", "summary", "flags"),
)


async def export_journal(
    asking: Asking, conditions: Conditions, *, kind: Format, output: Path | None
) -> ExitCode:
    """Write every commit of the devices that fit, a line each; of CSV a line for each event of a commit.

    A file has its name only when it is whole.
    """
    unfinished = output.with_name(f".{output.name}.unfinished") if output else None
    devices = commits = 0
    with ExitStack() as leaving:
        if unfinished is None:
            sink = sys.stdout
        else:
            sink = leaving.enter_context(unfinished.open("w", encoding="utf-8", newline=""))
            leaving.callback(unfinished.unlink, missing_ok=True)
        if kind is Format.CSV:
            sink.write(lines([COLUMNS]).decode())
        async with open_park(asking) as park:

            async def look(device: Device) -> tuple[str, Sequence[HistoryEntry]]:
                return device.device_id, await commits_of(park, device.device_id)

            wanted = conditions.filter(now_here())
            async for device_id, history in through_devices(park, wanted, look):
                devices += 1
                commits += len(history)
                for commit in history:
                    sink.write(text_of(device_id, commit, kind))
        if unfinished is not None and output is not None:
            sink.flush()
            unfinished.replace(output)
    note(f"{commits:,} commits of {devices:,} devices")
    return ExitCode.FINE


def text_of(device_id: str, commit: HistoryEntry, kind: Format) -> str:
    """Return a commit as whole lines."""
    if kind is Format.NDJSON:
        document = {"device_id": device_id, **document_of(commit)}
        return json.dumps(document, separators=(",", ":")) + "\n"
    origin = commit.origin
    told = (
        *(device_id, str(commit.revision), commit.report_id, _time(commit, "committed_time")),
        *(origin.source, origin.message_id, origin.verb, origin.noun),
    )
    events = (
        (
            *told,
            *(event.entry_id, event.kind, event.code),
            *(_time(event, "occurred_time"), _time(event, "received_time")),
            *(event.summary, " ".join(event.flags)),
        )
        for event in commit.events
    )
    return lines(events).decode()


def _time(message: Message, field: str) -> str:
    return str(getattr(message, field).ToJsonString()) if message.HasField(field) else ""
