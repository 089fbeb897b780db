"""The words of ``meterpark alarms ...``; the work is in `alarms`, which is imported only when needed."""

# ruff: noqa: PLC0415 - `meterpark --help` shall not wait for gRPC to be imported
# ruff: noqa: D301 - the backspace keeps the lines of the examples apart

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from meterpark_cli.failures import run
from meterpark_cli.options import (
    DEFAULT_TIMEOUT_SECONDS,
    AllOption,
    JsonOption,
    LimitOption,
    SidecarOption,
    TimeoutOption,
    asking,
)

alarms = typer.Typer(
    help="Alarms: list those that need attention, show one, work on it.", no_args_is_help=True
)


class AlarmState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    RESOLVED = "resolved"


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    MAJOR = "major"
    CRITICAL = "critical"


_AlarmArgument = Annotated[str, typer.Argument(metavar="ALARM", help="As the list shows it.")]
_CommentOption = Annotated[
    str, typer.Option("--comment", metavar="TEXT", help="Comment for the alarm's history.")
]
_NamesOption = Annotated[list[str] | None, typer.Option(metavar="NAME")]


@alarms.command("list")
def list_(
    *,
    state: Annotated[
        list[AlarmState] | None,
        typer.Option(case_sensitive=False, help="Default: all but resolved."),
    ] = None,
    severity: Annotated[list[Severity] | None, typer.Option(case_sensitive=False)] = None,
    network: _NamesOption = None,
    category: _NamesOption = None,
    rule: _NamesOption = None,
    area: _NamesOption = None,
    assignee: _NamesOption = None,
    device: Annotated[str, typer.Option(metavar="NETWORK/IDENTIFIER")] = "",
    snoozed: Annotated[
        bool, typer.Option("--snoozed", help="Also those that are snoozed.")
    ] = False,
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """List alarms, newest first. Default: those that need attention.

    An option that is given more than once matches any of its values. Different options must all match.

    \b
    For example:
      meterpark alarms list
      meterpark alarms list --severity critical --network north
      meterpark alarms list --state resolved --device north/9024000123 --json
    """
    from meterpark.smoc.v1 import alarm_service_pb2 as contract

    from meterpark_cli.alarms.alarms import list_alarms

    alarm_filter = contract.AlarmFilter(
        states=[contract.AlarmState.Value(f"ALARM_STATE_{each.name}") for each in state or ()],
        severities=[
            contract.AlarmSeverity.Value(f"ALARM_SEVERITY_{each.name}") for each in severity or ()
        ],
        networks=network,
        categories=category,
        rules=rule,
        areas=area,
        assignees=assignee,
        device_id=device,
        with_snoozed=snoozed,
    )
    ask = asking(sidecar, timeout, as_json)
    run(list_alarms(ask, alarm_filter, limit=None if every else limit))


@alarms.command("watch")
def watch(
    *,
    severity: Annotated[list[Severity] | None, typer.Option(case_sensitive=False)] = None,
    network: _NamesOption = None,
    category: _NamesOption = None,
    rule: _NamesOption = None,
    area: _NamesOption = None,
    assignee: _NamesOption = None,
    device: Annotated[str, typer.Option(metavar="NETWORK/IDENTIFIER")] = "",
    position: Annotated[
        str,
        typer.Option(metavar="POSITION", help="Go on from this position. --json shows positions."),
    ] = "",
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Show each alarm that changes, until Ctrl-C: also resolved, snoozed and reassigned ones.

    Services may restart meanwhile; nothing is missed. With --json one document per line.

    \b
    For example:
      meterpark alarms watch --severity critical
      meterpark alarms watch --json | jq -r .alarm.summary
    """
    from meterpark.smoc.v1 import alarm_service_pb2 as contract

    from meterpark_cli.alarms.watch import watch_alarms

    alarm_filter = contract.AlarmFilter(
        severities=[
            contract.AlarmSeverity.Value(f"ALARM_SEVERITY_{each.name}") for each in severity or ()
        ],
        networks=network,
        categories=category,
        rules=rule,
        areas=area,
        assignees=assignee,
        device_id=device,
    )
    run(watch_alarms(asking(sidecar, timeout, as_json), alarm_filter, position=position))


@alarms.command("show")
def show(
    *,
    alarm: _AlarmArgument,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Show one alarm and its history.

    \b
    For example:
      meterpark alarms show north/01a5c0ffee0012345678
    """
    from meterpark_cli.alarms.alarms import show_alarm

    run(show_alarm(asking(sidecar, timeout, as_json), alarm))


@alarms.command("ack")
def ack(
    *,
    alarm: _AlarmArgument,
    comment: _CommentOption = "",
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Acknowledge an alarm: you have seen it."""
    from meterpark_cli.alarms.alarms import acknowledge

    run(acknowledge(asking(sidecar, timeout, as_json), alarm, comment))


@alarms.command("assign")
def assign(
    *,
    alarm: _AlarmArgument,
    assignee: Annotated[str, typer.Argument(metavar="USER", help="User who is to work on it.")],
    comment: _CommentOption = "",
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Assign an alarm to a user, or to another one."""
    from meterpark_cli.alarms.alarms import assign as give

    run(give(asking(sidecar, timeout, as_json), alarm, comment, assignee=assignee))


@alarms.command("comment")
def comment(
    *,
    alarm: _AlarmArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT")],
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Add a comment to an alarm's history."""
    from meterpark_cli.alarms.alarms import add_comment

    run(add_comment(asking(sidecar, timeout, as_json), alarm, text))


@alarms.command("snooze")
def snooze(
    *,
    alarm: _AlarmArgument,
    minutes: Annotated[
        int, typer.Option("--for", metavar="MINUTES", min=1, max=90 * 1440, help="For how long.")
    ] = 60,
    comment: _CommentOption = "",
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Hide an alarm from the list for a time.

    \b
    For example:
      meterpark alarms snooze north/01a5c0ffee0012345678 --for 480 --comment "crew is there at noon"
    """
    from meterpark_cli.alarms.alarms import snooze as sleep_on

    until = datetime.now(UTC) + timedelta(minutes=minutes)
    run(sleep_on(asking(sidecar, timeout, as_json), alarm, comment, until=until))


@alarms.command("resolve")
def resolve(
    *,
    alarm: _AlarmArgument,
    comment: _CommentOption = "",
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Resolve an alarm for good. The same cause, if it lasts, raises no new alarm."""
    from meterpark_cli.alarms.alarms import resolve as settle

    run(settle(asking(sidecar, timeout, as_json), alarm, comment))
