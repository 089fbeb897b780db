"""Quarantined messages as people see them. Pure: messages and a moment in, something to show out."""

import codecs
from collections.abc import Sequence
from datetime import datetime

from meterpark.device_hub.v1.quarantine_pb2 import QuarantinedMessage, QuarantineState
from rich.console import Group
from rich.table import Table
from rich.text import Text

from meterpark_cli.showing.printable import printable_lines
from meterpark_cli.showing.rendering import (
    NOTHING,
    ago,
    clock,
    plain_table,
    stamp,
    value_style,
    value_words,
    when,
    words,
)

SHOWN_BYTES = 256 * 1024
"""Length of a body on a page; ``--raw`` shows all of it."""

_HEX_ROW = 16
_HEX_ROWS_SHOWN = 64


def state_word(message: QuarantinedMessage) -> str:
    return QuarantineState.Name(message.state).removeprefix("QUARANTINE_STATE_")


def quarantine_table(
    now: datetime, rows: Sequence[QuarantinedMessage], *, width: int, header: bool
) -> Group:
    """Return two lines per message: id, state, time and reason; below, its kind and the error."""
    del width, header  # a block of lines per message, not columns
    parts = []
    for message in rows:
        state = state_word(message)
        head = words(message.quarantine_id, "cyan")
        head.append(f"  {clock(when(message.quarantined_time, now), now)}", style="bright_black")
        head.append_text(Text("  ") + words(state, value_style(state)))
        head.append_text(Text("  ") + words(message.reason, "bold"))
        what = " ".join(word for word in (message.verb, message.noun) if word)
        told = "  ".join(part for part in (what, message.place, message.detail) if part)
        parts += [head, Text("    ") + words(told or NOTHING)]
    return Group(*parts)


def message_page(message: QuarantinedMessage, now: datetime) -> Group:
    """Return everything about one message, and its body: text with its lines, or else the bytes."""
    table = plain_table("", "", header=False)
    state = state_word(message)
    table.add_row(Text("state", style="bold"), value_words(state))
    table.add_row(Text("reason", style="bold"), words(message.reason, "bold red"))
    for field in (
        "detail",
        "place",
        "source",
        "network",
        "destination",
        "verb",
        "noun",
        "message_id",
    ):
        text = getattr(message, field)
        table.add_row(Text(field.replace("_", " "), style="bold"), words(text or NOTHING))
    for title, timestamp in (
        ("received", message.received_time),
        ("quarantined", message.quarantined_time),
        ("last change", message.changed_time),
    ):
        moment = when(timestamp, now)
        table.add_row(Text(title, style="bold"), f"{stamp(moment)}  {ago(moment, now)}")
    table.add_row(Text("replays", style="bold"), f"{message.replay_count}")
    size = f"{message.body_size_bytes:,} bytes as {message.body_kind or NOTHING}"
    if message.truncated:
        size += "; only the beginning was kept, it cannot be replayed: the whole is among the broker's dead letters"
    if len(message.body) > SHOWN_BYTES or len(message.body) < message.kept_size_bytes:
        size += f"; this shows the first {min(SHOWN_BYTES, len(message.body)):,}, --raw prints all"
    table.add_row(Text("body", style="bold"), words(size))
    return Group(words(message.quarantine_id, "bold cyan"), table, Text(), _body(message))


def text_of_body(message: QuarantinedMessage) -> str | None:
    """Return the body as text, or None when it is none (UTF-8, or UTF-16 with its mark)."""
    body = message.body
    marked = body.startswith((b"\xff\xfe", b"\xfe\xff"))
    decoder = codecs.getincrementaldecoder("utf-16" if marked else "utf-8")()
    # Where more of the body follows, a character may be cut in two.
    whole = len(body) >= message.kept_size_bytes
    try:
        return decoder.decode(body, final=whole)
    except UnicodeDecodeError:
        return None


def _body(message: QuarantinedMessage) -> Text | Table:
    shown = QuarantinedMessage(
        body=message.body[:SHOWN_BYTES],
        kept_size_bytes=max(len(message.body), message.kept_size_bytes),
    )
    text = text_of_body(shown)
    if text is not None:
        return Text(printable_lines(text))
    return Text("\n".join(_hex_lines(message.body)))


def _hex_lines(body: bytes) -> list[str]:
    rows = [body[at : at + _HEX_ROW] for at in range(0, len(body), _HEX_ROW)]
    lines = [
        f"{at * _HEX_ROW:08x}  {row.hex(' '):<{3 * _HEX_ROW}} "
        + "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)  # noqa: PLR2004 - ASCII
        for at, row in enumerate(rows[:_HEX_ROWS_SHOWN])
    ]
    if len(rows) > _HEX_ROWS_SHOWN:
        lines.append(f"... {len(body):,} bytes in all, --raw prints them unchanged")
    return lines
