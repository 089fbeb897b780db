"""The words of ``meterpark jobs ...``; the work is in `jobs`, which is imported only when needed."""

# ruff: noqa: PLC0415 - `meterpark --help` shall not wait for gRPC to be imported
# ruff: noqa: D301 - the backspace keeps the lines of the examples apart

from enum import StrEnum
from typing import Annotated

import typer

from meterpark_cli.devices.conditions import Conditions, with_conditions
from meterpark_cli.failures import run
from meterpark_cli.jobs.action import Action, ActionKind
from meterpark_cli.options import (
    DEFAULT_TIMEOUT_SECONDS,
    AllOption,
    JsonOption,
    LimitOption,
    SidecarOption,
    TimeoutOption,
    asking,
)

jobs = typer.Typer(
    help="Jobs: one action for many devices, done in the background.", no_args_is_help=True
)


class JobState(StrEnum):
    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    PENDING = "pending"
    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    SKIPPED = "skipped"


_OF_ACTION = "Options of the action"
_ActionArgument = Annotated[
    ActionKind,
    typer.Argument(
        case_sensitive=False,
        help="acknowledge or assign the devices' alarms; tag the devices; mark or unmark them for exchange.",
    ),
]
_AddOption = Annotated[
    list[str] | None,
    typer.Option(metavar="TAG", help="With tag: add this tag.", rich_help_panel=_OF_ACTION),
]
_RemoveOption = Annotated[
    list[str] | None,
    typer.Option(metavar="TAG", help="With tag: remove this tag.", rich_help_panel=_OF_ACTION),
]
_ReasonOption = Annotated[
    str, typer.Option(metavar="TEXT", help="With mark: the reason.", rich_help_panel=_OF_ACTION)
]
_AssigneeOption = Annotated[
    str, typer.Option(metavar="USER", help="With assign: the user.", rich_help_panel=_OF_ACTION)
]
_CommentOption = Annotated[
    str,
    typer.Option(
        metavar="TEXT",
        help="With acknowledge and assign: comment for each alarm's history.",
        rich_help_panel=_OF_ACTION,
    ),
]
_RuleOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="With acknowledge and assign: only alarms of this rule.",
        rich_help_panel=_OF_ACTION,
    ),
]
_DeviceOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NETWORK/IDENTIFIER",
        help="This device, instead of conditions; up to 500.",
        rich_help_panel="Which devices",
    ),
]
_JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="As the list shows it.")]


@jobs.command("preview")
@with_conditions
def preview(
    *,
    action: _ActionArgument,
    conditions: Conditions,
    device: _DeviceOption = None,
    add: _AddOption = None,
    remove: _RemoveOption = None,
    reason: _ReasonOption = "",
    assignee: _AssigneeOption = "",
    comment: _CommentOption = "",
    rule: _RuleOption = None,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Show what a job would do and to how many devices, without doing it.

    \b
    For example:
      meterpark jobs preview tag --add yard-7 --area A7 --lifecycle inventory
      meterpark jobs preview acknowledge --area A7 --rule power-lost
    """
    from meterpark_cli.jobs.jobs import preview_job

    wanted = Action(
        kind=action,
        add=add or (),
        remove=remove or (),
        reason=reason,
        assignee=assignee,
        comment=comment,
        rule=rule or (),
    )
    run(preview_job(asking(sidecar, timeout, as_json), wanted, conditions, device or ()))


@jobs.command("start")
@with_conditions
def start(
    *,
    action: _ActionArgument,
    conditions: Conditions,
    device: _DeviceOption = None,
    add: _AddOption = None,
    remove: _RemoveOption = None,
    reason: _ReasonOption = "",
    assignee: _AssigneeOption = "",
    comment: _CommentOption = "",
    rule: _RuleOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    wait: Annotated[
        bool, typer.Option("--wait", "-w", help="Wait until the job ends, and show its progress.")
    ] = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Start one action for every device that is selected now.

    Shows a preview and asks first, unless --yes is given. With --wait the exit code is 0 if the job is done and nothing
    failed, else 1. Ctrl-C does not stop the job.

    \b
    For example:
      meterpark jobs start tag --add yard-7 --area A7 --lifecycle inventory
      meterpark jobs start acknowledge --area A7 --comment "storm of the 12th" --yes --wait
      meterpark jobs start mark --reason "seal recall" --model E450 --tamper detected
      meterpark jobs start assign --assignee victor --device north/9024000123 --yes --json
    """
    from meterpark_cli.jobs.jobs import start_job

    wanted = Action(
        kind=action,
        add=add or (),
        remove=remove or (),
        reason=reason,
        assignee=assignee,
        comment=comment,
        rule=rule or (),
    )
    ask = asking(sidecar, timeout, as_json)
    run(start_job(ask, wanted, conditions, device or (), without_asking=yes, wait=wait))


@jobs.command("list")
def list_(
    *,
    state: Annotated[
        list[JobState] | None, typer.Option(case_sensitive=False, help="Default: all.")
    ] = None,
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """List jobs of all users, newest first. You see those whose networks you may see.

    \b
    For example:
      meterpark jobs list --state running --state paused
    """
    from meterpark_cli.jobs.jobs import list_jobs

    words = [each.name for each in state or ()]
    run(list_jobs(asking(sidecar, timeout, as_json), words, limit=None if every else limit))


@jobs.command("show")
def show(
    *,
    job: _JobArgument,
    wait: Annotated[
        bool, typer.Option("--wait", "-w", help="Wait until the job ends, and show its progress.")
    ] = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Show one job and its progress.

    \b
    For example:
      meterpark jobs show 019f8a3c5d2200a1b2c3 --wait
    """
    from meterpark_cli.jobs.jobs import show_job

    run(show_job(asking(sidecar, timeout, as_json), job, wait=wait))


@jobs.command("items")
def items(
    *,
    job: _JobArgument,
    outcome: Annotated[
        list[Outcome] | None, typer.Option(case_sensitive=False, help="Default: all.")
    ] = None,
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """List a job's devices with the outcome of each.

    \b
    For example:
      meterpark jobs items 019f8a3c5d2200a1b2c3 --outcome failed --all
    """
    from meterpark_cli.jobs.jobs import list_items

    words = [each.name for each in outcome or ()]
    run(list_items(asking(sidecar, timeout, as_json), job, words, limit=None if every else limit))


@jobs.command("pause")
def pause(
    *,
    job: _JobArgument,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Pause a job after the devices in hand."""
    from meterpark_cli.jobs.jobs import pause_job

    run(pause_job(asking(sidecar, timeout, as_json), job))


@jobs.command("resume")
def resume(
    *,
    job: _JobArgument,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Resume a paused job."""
    from meterpark_cli.jobs.jobs import resume_job

    run(resume_job(asking(sidecar, timeout, as_json), job))


@jobs.command("cancel")
def cancel(
    *,
    job: _JobArgument,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Cancel a job. Finished devices stay changed, the rest is skipped."""
    from meterpark_cli.jobs.jobs import cancel_job

    run(cancel_job(asking(sidecar, timeout, as_json), job))
