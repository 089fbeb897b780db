"""The park on one page: counts with bars, facets, alarms, newest changes. Pure: answers and a moment in, text out."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from meterpark.smoc.v1.alarm_service_pb2 import ListAlarmsResponse
from meterpark.smoc.v1.device_service_pb2 import Change, GetParkSummaryResponse
from rich.console import Group
from rich.text import Text

from meterpark_cli.alarms.tables import severity_words, subject
from meterpark_cli.options import FACETS
from meterpark_cli.showing.printable import printable
from meterpark_cli.showing.rendering import NOTHING, age, clock, stamp, value_style, when, words

WIDE = 120
_BAR = "█"
_SLIVERS = " ▏▎▍▌▋▊▉"
_NAME_WIDTH, _COUNT_WIDTH = 19, 9
_LATE_SECONDS = 60
_DEVICE_WIDTH = 28
# From so many lines on the newest alarms are shown, too, and not their counts alone.
_TALL = 32
# By the contract.
_COUNTED_AT_MOST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Since when there has been no answer, and why not."""

    since: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the page shows; of alarms the counts, and the newest."""

    summary: GetParkSummaryResponse
    alarms: ListAlarmsResponse


def counts_of(summary: GetParkSummaryResponse) -> dict[str, dict[str, int]]:
    """Return facet -> value -> devices: known values in their order, then values unknown here."""
    told: dict[str, dict[str, int]] = defaultdict(dict)
    for count in summary.counts:
        told[count.facet][count.value] = count.device_count
    ordered: dict[str, dict[str, int]] = {}
    for facet, words_of_facet in FACETS.items():
        values = told.get(facet, {})
        known = sorted((str(word) for word in words_of_facet), key=lambda word: word == "UNKNOWN")
        ordered[facet] = {v: values[v] for v in known if values.get(v)}
        ordered[facet] |= {v: n for v, n in sorted(values.items()) if v not in known and n}
    return ordered


def page(
    shown: Shown | None,
    trouble: Trouble | None,
    now: datetime,
    *,
    width: int,
    height: int | None,
) -> Group:
    """Return the page for ``width`` columns; with a ``height`` it fits exactly, else every change is shown."""
    summary = None if shown is None else shown.summary
    lines = [_title(summary, trouble, now, width)]
    if trouble is not None:
        lines += _trouble_lines(trouble, width)
    lines.append(Text())
    if shown is not None and summary is not None:
        counts = counts_of(summary)
        lines += _counts(counts, summary.device_count, width)
        lines += _alarms(shown.alarms, now, width, with_newest=height is None or height >= _TALL)
        lines += [Text(), Text("NEWEST CHANGES", style="bold")]
        room = len(summary.changes) if height is None else max(0, height - len(lines))
        if not summary.changes:
            lines.append(Text("  none yet", style="bright_black"))
        lines += [_change(change, now, width) for change in summary.changes[:room]]
    return Group(*lines[:height])


def _alarms(
    alarms: ListAlarmsResponse, now: datetime, width: int, *, with_newest: bool
) -> list[Text]:
    """A line with the counts of alarms that need attention, and one for each of the newest."""
    counts = Text(f"{'ALARMS':<15}", style="bold")
    for count in alarms.counts:
        if count.alarm_count:
            counts.append_text(severity_words(count.severity))
            more = "+" if count.alarm_count >= _COUNTED_AT_MOST else ""
            counts.append(f" {count.alarm_count:,}{more}   ", style="not bold")
    if not any(count.alarm_count for count in alarms.counts):
        counts.append("none", style="not bold green")
    lines = [Text(), counts] if with_newest else [counts]
    for alarm in alarms.alarms if with_newest else ():
        line = Text("  ")
        line.append(f"{age(when(alarm.open_time, now), now):<9}", style="bright_black")
        line.append_text(severity_words(alarm.severity))
        line.append_text(words(f"  {alarm.rule}  {subject(alarm)}  {alarm.summary}"))
        lines.append(line)
    for line in lines:
        line.rstrip()
        line.truncate(width, overflow="ellipsis")
    return lines


def _title(
    summary: GetParkSummaryResponse | None, trouble: Trouble | None, now: datetime, width: int
) -> Text:
    title = Text(" METER PARK ", style="bold reverse")
    if summary is None:
        return title
    noun = "device" if summary.device_count == 1 else "devices"
    title.append(f"  {summary.device_count:,} {noun}", style="not reverse")
    as_of = when(summary.as_of_time, now)
    shown = f"as of {stamp(as_of)}" if as_of else ""
    title.append(" " * max(2, width - title.cell_len - len(shown)), style="not reverse")
    title.append(shown, style="not reverse not bold yellow" if trouble else "not reverse not bold")
    return title


def _trouble_lines(trouble: Trouble, width: int) -> list[Text]:
    """Two lines at most: the first names services that do not answer, the second shows the status."""
    told = f"no answer since {trouble.since:%H:%M:%S}: {printable(trouble.reason)}"
    lines = [Text(told[:width], style="red")]
    if len(told) > width:
        lines.append(Text(told[width:].strip(), style="red"))
        lines[-1].truncate(width, overflow="ellipsis")
    return lines


def _counts(counts: dict[str, dict[str, int]], total: int, width: int) -> list[Text]:
    lifecycle = counts["lifecycle"]
    rest = {facet: values for facet, values in counts.items() if facet != "lifecycle"}
    if width < WIDE:
        return [
            Text("LIFECYCLE", style="bold"),
            *_bars(lifecycle, total, width),
            Text(),
            *(_facet_line(facet, values, width) for facet, values in rest.items()),
        ]
    left = width // 2 - 2
    left_lines = [Text("LIFECYCLE", style="bold"), *_bars(lifecycle, total, left)]
    right_lines = [
        Text("FACETS", style="bold"),
        *(_facet_line(facet, values, width - left - 4) for facet, values in rest.items()),
    ]
    return _beside(left_lines, right_lines, left + 4)


def _beside(left: list[Text], right: list[Text], column: int) -> list[Text]:
    lines = []
    for row in range(max(len(left), len(right))):
        line = left[row].copy() if row < len(left) else Text()
        line.append(" " * max(0, column - line.cell_len), style="not bold")
        lines.append(line + right[row] if row < len(right) else line)
    return lines


def _bars(values: dict[str, int], total: int, width: int) -> list[Text]:
    if not values:
        return [Text("  no device yet", style="bright_black")]
    room = max(4, width - 2 - _NAME_WIDTH - _COUNT_WIDTH - 8)
    lines = []
    for value, count in values.items():
        style = value_style(value)
        line = Text("  ")
        line.append_text(words(f"{value:<{_NAME_WIDTH}}", style))
        line.append(_bar(count, total, room).ljust(room), style=style)
        line.append(f"{count:>{_COUNT_WIDTH},}", style="bold")
        line.append(f"  {_percent(count, total):>5}", style="bright_black")
        lines.append(line)
    return lines


def _bar(count: int, total: int, room: int) -> str:
    """A bar in eighths of a column; a count above zero shows at least a sliver."""
    eighths = max(1, round(8 * room * count / max(1, total)))
    full, rest = divmod(min(eighths, 8 * room), 8)
    return _BAR * full + _SLIVERS[rest].strip()


def _percent(count: int, total: int) -> str:
    share = 100 * count / max(1, total)
    return f"{share:.0f} %" if share >= 1 or count == 0 else "<1 %"


def _facet_line(facet: str, values: dict[str, int], width: int) -> Text:
    line = Text(f"{facet.upper():<15}", style="bold")
    for value, count in values.items():
        line.append_text(words(value, f"not bold {value_style(value)}"))
        line.append(f" {count:,}   ", style="not bold")
    if not values:
        line.append(NOTHING, style="not bold bright_black")
    line.rstrip()
    line.truncate(width, overflow="ellipsis")
    return line


def _change(change: Change, now: datetime, width: int) -> Text:
    entry = change.entry
    recorded = when(entry.recorded_time, now) or when(entry.received_time, now)
    occurred = when(entry.occurred_time, now)
    line = Text("  ")
    line.append(f"{clock(recorded, now):<9}", style="bright_black")
    device = words(change.device_id, "cyan")
    device.truncate(_DEVICE_WIDTH, overflow="ellipsis")
    line.append_text(device)
    line.append("  ")
    line.append_text(words(entry.summary or entry.kind))
    shift = _shift(occurred, recorded)
    line.truncate(width - len(shift), overflow="ellipsis")
    line.append(shift, style="yellow")
    return line


def _shift(occurred: datetime | None, recorded: datetime | None) -> str:
    """Return how far apart it happened and was recorded, when that is worth a word."""
    if occurred is None or recorded is None:
        return ""
    seconds = (recorded - occurred).total_seconds()
    if abs(seconds) <= _LATE_SECONDS:
        return ""
    return (
        f"  {age(occurred, recorded)} late" if seconds > 0 else f"  {age(recorded, occurred)} early"
    )
