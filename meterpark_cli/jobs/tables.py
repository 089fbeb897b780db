"""Jobs and views as people see them. Pure: messages and a moment in, something to show out."""

from collections.abc import Sequence
from datetime import datetime

from google.protobuf import json_format
from meterpark.smoc.v1 import job_service_pb2 as contract
from meterpark.smoc.v1 import view_service_pb2
from rich.console import Group
from rich.table import Table
from rich.text import Text

from meterpark_cli.showing.rendering import NOTHING, ago, plain_table, stamp, when, words

_STYLES = {
    "PREPARING": "cyan",
    "RUNNING": "cyan",
    "PAUSED": "yellow",
    "DONE": "green",
    "CANCELLED": "bright_black",
    "FAILED": "bold red",
    "PENDING": "bright_black",
    "SKIPPED": "bright_black",
}
_BAR = 30


def job_table(now: datetime, rows: Sequence[contract.Job], *, width: int, header: bool) -> Group:
    """Return two lines per job: id, state, progress, user and time; below, its action."""
    del width, header  # a block of lines per job, not columns
    parts = []
    for job in rows:
        head = words(job.job_id, "cyan") + Text("  ") + _state(job) + Text(f"  {_how_far(job)}  ")
        head.append_text(words(job.username))
        head.append(f"  {ago(when(job.create_time, now), now)}", style="bright_black")
        parts += [head, Text("    ") + words(job.summary)]
    return Group(*parts)


def job_page(job: contract.Job, now: datetime) -> Group:
    """Return everything about one job."""
    table = plain_table("", "", header=False)
    for title, shown in (
        ("state", _state(job)),
        ("devices", Text(f"{job.total_count:,}")),
        ("done", Text(f"{job.done_count:,}")),
        ("unchanged", Text(f"{job.unchanged_count:,}")),
        ("failed", Text(f"{job.failed_count:,}", style="bold red" if job.failed_count else "")),
        ("pending", Text(f"{job.pending_count:,}")),
        ("skipped", Text(f"{job.skipped_count:,}")),
        ("ordered by", words(job.username or NOTHING)),
    ):
        table.add_row(Text(title, style="bold"), shown)
    for title, timestamp in (
        ("ordered", job.create_time),
        ("changed", job.update_time),
        ("ended", job.end_time),
    ):
        moment = when(timestamp, now)
        table.add_row(Text(title, style="bold"), f"{stamp(moment)}  {ago(moment, now)}")
    if job.selection.HasField("filter"):
        table.add_row(Text("selected", style="bold"), words(_conditions(job.selection.filter)))
    return Group(words(job.job_id, "bold cyan"), words(job.summary), table)


def item_table(
    now: datetime, rows: Sequence[contract.JobItem], *, width: int, header: bool
) -> Table:
    del width
    table = plain_table("DEVICE", "OUTCOME", "WHEN", "", header=header)
    for item in rows:
        outcome = contract.JobOutcome.Name(item.outcome).removeprefix("JOB_OUTCOME_")
        table.add_row(
            words(item.device_id or item.alarm_id, "cyan"),
            words(outcome, _STYLES.get(outcome, "")),
            Text(stamp(when(item.time, now)), no_wrap=True),
            words(item.detail),
        )
    return table


def progress_line(job: contract.Job) -> Text:
    """Return how far a job is, on one line."""
    worked = job.total_count - job.pending_count
    filled = _BAR * worked // job.total_count if job.total_count else 0
    line = Text("#" * filled, style="green") + Text("." * (_BAR - filled), style="bright_black")
    line.append(f"  {_how_far(job)}  ", style="not bold")
    line.append_text(_state(job))
    if job.failed_count:
        line.append(f"  {job.failed_count:,} failed", style="bold red")
    return line


def view_table(
    now: datetime, rows: Sequence[view_service_pb2.View], *, width: int, header: bool
) -> Group:
    """Return two lines per view: id, name, owner; below, its filter."""
    del width, header
    parts = []
    for view in rows:
        head = words(view.view_id, "cyan") + Text("  ") + words(view.name, "bold")
        whose = "yours" if view.own else view.owner
        head.append_text(words(f"  {whose}{', shared' if view.shared else ''}"))
        head.append(f"  {ago(when(view.update_time, now), now)}", style="bright_black")
        asked = _conditions(view.filter)
        if view.order_by:
            asked += f"  by {view.order_by}"
        parts += [head, Text("    ") + words(asked)]
    return Group(*parts)


def _how_far(job: contract.Job) -> str:
    return f"{job.total_count - job.pending_count:,} of {job.total_count:,}"


def _state(job: contract.Job) -> Text:
    word = contract.JobState.Name(job.state).removeprefix("JOB_STATE_")
    return words(word, _STYLES.get(word, ""))


def _conditions(wanted: object) -> str:
    told = json_format.MessageToDict(wanted, preserving_proto_field_name=True)  # type: ignore[arg-type]
    return "  ".join(f"{name}={_value(value)}" for name, value in told.items()) or "all devices"


def _value(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(_value, value))
    if isinstance(value, dict):
        return "(" + " ".join(f"{name}={_value(each)}" for name, each in value.items()) + ")"
    return str(value)
