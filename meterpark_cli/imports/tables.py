"""Imports and their rows as people see them. Pure: messages and a moment in, something to show out."""

from collections.abc import Sequence
from datetime import datetime

from meterpark.smoc.v1 import import_service_pb2 as contract
from rich.console import Group
from rich.table import Table
from rich.text import Text

from meterpark_cli.showing.rendering import NOTHING, age, ago, plain_table, stamp, when, words

_STYLES = {
    "READY": "cyan",
    "IMPORTED": "green",
    "REFUSED": "bold red",
    "SKIPPED": "yellow",
    "UNREADABLE": "bold red",
    "RUNNING": "magenta",
    "PAUSED": "yellow",
    "DONE": "green",
    "CANCELLED": "bright_black",
}
_COUNTS = ("ready", "imported", "unchanged", "refused", "skipped")


def import_table(
    now: datetime, rows: Sequence[contract.ShipmentImport], *, width: int, header: bool
) -> Table:
    del width
    table = plain_table(
        "IMPORT", "STATE", "ROWS", "REFUSED", "FILE", "BY", "AGE",
        right=("ROWS", "REFUSED", "AGE"), header=header,
    )  # fmt: skip
    for one in rows:
        table.add_row(
            words(one.import_id, "cyan"),
            _styled(state_word(one)),
            f"{one.row_count:,}",
            Text(f"{one.refused_count:,}", "bold red" if one.refused_count else ""),
            words(one.file_name),
            words(one.username),
            age(when(one.create_time, now), now),
        )
    return table


def import_page(one: contract.ShipmentImport, now: datetime) -> Group:
    """Return everything about one import."""
    table = plain_table("", "", header=False)
    for title, shown in (
        ("state", _styled(state_word(one))),
        ("file", words(f"{one.file_name}  {one.received_bytes:,} bytes")),
        ("by", words(one.username or NOTHING)),
        ("rows", words(counts_told(one))),
    ):
        table.add_row(Text(title, style="bold"), shown)
    for title, timestamp in (("begun", one.create_time), ("ended", one.end_time)):
        moment = when(timestamp, now)
        table.add_row(Text(title, style="bold"), f"{stamp(moment)}  {ago(moment, now)}")
    if one.detail:
        table.add_row(Text("detail", style="bold"), words(one.detail))
    return Group(words(one.import_id, "bold cyan"), table)


def row_table(rows: Sequence[contract.ImportRow], *, width: int, header: bool) -> Table:
    del width
    table = plain_table("LINE", "DEVICE", "VERDICT", "", right=("LINE",), header=header)
    for row in rows:
        verdict = contract.ImportVerdict.Name(row.verdict).removeprefix("IMPORT_VERDICT_")
        table.add_row(
            str(row.line), words(row.device_id or NOTHING), _styled(verdict), words(row.detail)
        )
    return table


def state_word(one: contract.ShipmentImport) -> str:
    return contract.ImportState.Name(one.state).removeprefix("IMPORT_STATE_")


def counts_told(one: contract.ShipmentImport) -> str:
    """Return "100,000 rows: 99,998 imported, 2 refused"."""
    parts = [f"{count:,} {name}" for name in _COUNTS if (count := getattr(one, f"{name}_count"))]
    return f"{one.row_count:,} rows" + (": " + ", ".join(parts) if parts else "")


def _styled(word: str) -> Text:
    return words(word, _STYLES.get(word, ""))
