"""What people see: words with colours that mean something, times with ages, tables that fit."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from meterpark_cli.showing.printable import printable

# A pipe has no width: lines are as long as they are, so that nothing is cut off or folded.
_PIPE_WIDTH = 500

NOTHING = "-"
_UNKNOWN = {"UNKNOWN", "NOT_DEFINED", ""}
_STYLES = {
    "IN_OPERATION": "green",
    "INVENTORY": "blue",
    "DISCOVERED": "cyan",
    "UPDATE_IN_PROGRESS": "magenta",
    "POOR_COMMUNICATION": "yellow",
    "ERROR": "bold red",
    "REMOVED": "bright_black",
    "ON": "green",
    "OFF": "bold red",
    "PARTIAL": "yellow",
    "CONNECTED": "green",
    "DISCONNECTED": "yellow",
    "REACHABLE": "green",
    "LOST": "bold red",
    "CLEAR": "green",
    "DETECTED": "bold red",
    "CURRENT": "green",
    "UPDATING": "magenta",
    "FAILED": "bold red",
    "OPEN": "bold red",
    "ACKNOWLEDGED": "yellow",
    "ASSIGNED": "cyan",
    "REPLAY_REQUESTED": "yellow",
    "RESOLVED": "green",
    "STILL_FAILING": "bold red",
    "NOT_REPLAYABLE": "bold red",
    "PENDING": "yellow",
}

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def console(*, width: int | None = None) -> Console:
    """Return the terminal (colours and its own width), or a pipe (no colours, no cutting)."""
    if width is None and not sys.stdout.isatty():
        width = _PIPE_WIDTH
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=False, width=width)


def note(text: str) -> None:
    """Print a note beside the answer; it does not go into a pipe behind standard output."""
    sys.stderr.write(printable(text) + "\n")


def words(text: str, style: str = "") -> Text:
    """Return text from outside as it may be shown: escaped, never read as markup."""
    return Text(printable(text), style=style)


def value_style(value: str) -> str:
    """Return the colour of a facet's value (or of a state): green is normal, red needs attention."""
    return "bright_black" if value in _UNKNOWN else _STYLES.get(value, "")


def value_words(value: str) -> Text:
    return words(value or NOTHING, value_style(value))


def now_here() -> datetime:
    """Return the present moment in the time zone of the terminal."""
    return datetime.now(UTC).astimezone()


def when(timestamp: Timestamp, now: datetime) -> datetime | None:
    """Return the moment in the zone of ``now``; None when the message left it out (all zero)."""
    if timestamp.seconds == 0 and timestamp.nanos == 0:
        return None
    moment = timestamp.ToDatetime(tzinfo=UTC)
    try:
        return moment.astimezone(now.tzinfo)
    except (
        OverflowError
    ):  # the first or last hours that a datetime can hold, from a meter with a mad clock
        return moment


def clock(moment: datetime | None, now: datetime) -> str:
    """Return "14:03:22" for today, else "2026-03-01 14:03"."""
    if moment is None:
        return NOTHING
    if moment.date() == now.date():
        return f"{moment:%H:%M:%S}"
    return _full(moment, "minutes")


def stamp(moment: datetime | None) -> str:
    """Return the whole time with its offset: "2026-03-01 14:03:22+01:00"."""
    return NOTHING if moment is None else _full(moment, "seconds")


def _full(moment: datetime, precision: str) -> str:
    bare = moment.replace(tzinfo=None) if precision == "minutes" else moment
    return bare.isoformat(sep=" ", timespec=precision)


def age(moment: datetime | None, now: datetime) -> str:
    """Return how long ago, roughly, for people: "now", "40 s", "12 min", "3 h", "9 d"; "in 5 min" for the future."""
    if moment is None:
        return NOTHING
    seconds = (now - moment).total_seconds()
    size = abs(seconds)
    if size < 1:
        return "now"
    if size < _MINUTE:
        text = f"{int(size)} s"
    elif size < _HOUR:
        text = f"{int(size // _MINUTE)} min"
    elif size < 2 * _DAY:
        text = f"{int(size // _HOUR)} h"
    else:
        text = f"{int(size // _DAY):,} d"
    return text if seconds > 0 else f"in {text}"


def ago(moment: datetime | None, now: datetime) -> str:
    text = age(moment, now)
    return text if text in (NOTHING, "now") or text.startswith("in ") else f"{text} ago"


def plain_table(*headings: str, right: Iterable[str] = (), header: bool = True) -> Table:
    """Return a table without lines; the columns named in ``right`` are flush right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=header)
    flush_right = set(right)
    for heading in headings:
        table.add_column(
            heading,
            header_style="bold",
            justify="right" if heading in flush_right else "left",
            overflow="fold",
        )
    return table


def show(target: Console, *shown: RenderableType) -> None:
    """Print to the terminal; into a pipe without the blanks that fill lines up."""
    if target.is_terminal:
        target.print(*shown, sep="\n")
        return
    with target.capture() as captured:
        target.print(*shown, sep="\n")
    lines = captured.get().split("\n")
    target.file.write("\n".join(line.rstrip() for line in lines))
    # Who watches reads each line when it comes.
    target.file.flush()
