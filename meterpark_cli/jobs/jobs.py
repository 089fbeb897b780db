"""``meterpark jobs ...``: one action for many devices, ordered, watched and stopped."""

import asyncio
import sys
from collections.abc import Sequence
from functools import partial
from uuid import uuid4

import typer
from meterpark.smoc.v1 import job_service_pb2 as contract
from rich.console import Console
from rich.live import Live

from meterpark_cli.devices.conditions import Conditions
from meterpark_cli.failures import ExitCode, WrongUsage
from meterpark_cli.jobs.action import Action, ActionKind
from meterpark_cli.jobs.tables import item_table, job_page, job_table, progress_line
from meterpark_cli.options import Asking
from meterpark_cli.services.connection import Park, open_park
from meterpark_cli.showing.documents import document_of, print_document
from meterpark_cli.showing.listing import answer_list, pages
from meterpark_cli.showing.rendering import console, note, now_here, words
from meterpark_cli.showing.rendering import show as show_on

_BETWEEN_LOOKS_SECONDS = 0.5
_ENDED = (contract.JOB_STATE_DONE, contract.JOB_STATE_CANCELLED)
# Beside the action's own: which options say nothing about it.
_TAKES = {
    ActionKind.ACKNOWLEDGE: {"comment", "rule"},
    ActionKind.ASSIGN: {"assignee", "comment", "rule"},
    ActionKind.TAG: {"add", "remove"},
    ActionKind.MARK: {"reason"},
    ActionKind.UNMARK: set(),
}


async def preview_job(
    asking: Asking, wanted: Action, conditions: Conditions, device_ids: Sequence[str]
) -> ExitCode:
    selection, action = _selection(conditions, device_ids), _action(wanted)
    async with open_park(asking) as park:
        preview = await _preview(park, selection, action)
    if asking.as_json:
        print_document(document_of(preview))
    else:
        _tell(preview)
    return ExitCode.FINE


async def start_job(
    asking: Asking,
    wanted: Action,
    conditions: Conditions,
    device_ids: Sequence[str],
    *,
    without_asking: bool,
    wait: bool,
) -> ExitCode:
    """Create a job after the user confirmed the preview."""
    selection, action = _selection(conditions, device_ids), _action(wanted)
    if not without_asking and (asking.as_json or not sys.stdin.isatty()):
        raise WrongUsage("no terminal to ask in: see `meterpark jobs preview`, then add --yes")
    async with open_park(asking) as park:
        expected = 0
        if not without_asking:
            preview = await _preview(park, selection, action)
            _tell(preview)
            if not typer.confirm("Go on?", err=True):
                note("nothing was done")
                return ExitCode.ANSWER_IS_NO
            expected = preview.device_count
        request = contract.CreateJobRequest(
            request_id=str(uuid4()), selection=selection, action=action, expected_count=expected
        )
        job = (await park.jobs.ask(park.jobs.calls.CreateJob, request)).job
        if wait:
            return await _wait(asking, park, job)
    return _answer(asking, job)


async def show_job(asking: Asking, job_id: str, *, wait: bool) -> ExitCode:
    async with open_park(asking) as park:
        job = await _job(park, job_id)
        if wait:
            return await _wait(asking, park, job)
    return _answer(asking, job)


async def list_jobs(asking: Asking, states: Sequence[str], *, limit: int | None) -> ExitCode:
    """List up to ``limit`` jobs, newest first; None: all of them."""
    numbers = [contract.JobState.Value(f"JOB_STATE_{each}") for each in states]

    async def page(park: Park, size: int, token: str) -> tuple[Sequence[contract.Job], str]:
        request = contract.ListJobsRequest(states=numbers, page_size=size, page_token=token)
        answer = await park.jobs.ask(park.jobs.calls.ListJobs, request)
        return answer.jobs, answer.next_page_token

    async with open_park(asking) as park:
        found = pages(partial(page, park), limit=limit)
        draw = partial(job_table, now_here())
        await answer_list(found, draw, name="jobs", as_json=asking.as_json)
    return ExitCode.FINE


async def list_items(
    asking: Asking, job_id: str, outcomes: Sequence[str], *, limit: int | None
) -> ExitCode:
    """List up to ``limit`` devices of a job, in the order of the work; None: all of them."""
    numbers = [contract.JobOutcome.Value(f"JOB_OUTCOME_{each}") for each in outcomes]

    async def page(park: Park, size: int, token: str) -> tuple[Sequence[contract.JobItem], str]:
        request = contract.ListJobItemsRequest(
            job_id=job_id, outcomes=numbers, page_size=size, page_token=token
        )
        answer = await park.jobs.ask(park.jobs.calls.ListJobItems, request)
        return answer.items, answer.next_page_token

    async with open_park(asking) as park:
        found = pages(partial(page, park), limit=limit)
        draw = partial(item_table, now_here())
        await answer_list(found, draw, name="items", as_json=asking.as_json, job_id=job_id)
    return ExitCode.FINE


async def pause_job(asking: Asking, job_id: str) -> ExitCode:
    async with open_park(asking) as park:
        request = contract.PauseJobRequest(job_id=job_id)
        answer = await park.jobs.ask(park.jobs.calls.PauseJob, request)
    return _answer(asking, answer.job)


async def resume_job(asking: Asking, job_id: str) -> ExitCode:
    async with open_park(asking) as park:
        request = contract.ResumeJobRequest(job_id=job_id)
        answer = await park.jobs.ask(park.jobs.calls.ResumeJob, request)
    return _answer(asking, answer.job)


async def cancel_job(asking: Asking, job_id: str) -> ExitCode:
    async with open_park(asking) as park:
        request = contract.CancelJobRequest(job_id=job_id)
        answer = await park.jobs.ask(park.jobs.calls.CancelJob, request)
    return _answer(asking, answer.job)


async def _job(park: Park, job_id: str) -> contract.Job:
    request = contract.GetJobRequest(job_id=job_id)
    return (await park.jobs.ask(park.jobs.calls.GetJob, request)).job


async def _preview(
    park: Park, selection: contract.DeviceSelection, action: contract.JobAction
) -> contract.PreviewJobResponse:
    request = contract.PreviewJobRequest(selection=selection, action=action)
    return await park.jobs.ask(park.jobs.calls.PreviewJob, request)


async def _wait(asking: Asking, park: Park, job: contract.Job) -> ExitCode:
    """Show the job's progress until it has ended or waits for a user."""
    target = Console(stderr=True, highlight=False, markup=False, emoji=False)
    with Live(progress_line(job), console=target, transient=True, auto_refresh=False) as live:
        try:
            while job.state not in (*_ENDED, contract.JOB_STATE_PAUSED):
                await asyncio.sleep(_BETWEEN_LOOKS_SECONDS)
                job = await _job(park, job.job_id)
                if target.is_terminal:
                    live.update(progress_line(job), refresh=True)
        except asyncio.CancelledError:
            note(f"the job continues: meterpark jobs show {job.job_id} --wait")
            raise
    _answer(asking, job)
    done = job.state == contract.JOB_STATE_DONE and not job.failed_count
    return ExitCode.FINE if done else ExitCode.ANSWER_IS_NO


def _answer(asking: Asking, job: contract.Job) -> ExitCode:
    if asking.as_json:
        print_document(document_of(job))
    else:
        show_on(console(), job_page(job, now_here()))
    return ExitCode.FINE


def _tell(preview: contract.PreviewJobResponse) -> None:
    shown = console()
    show_on(shown, words(preview.summary, "bold"))
    for device_id in preview.sample_device_ids:
        show_on(shown, words(f"  {device_id}", "cyan"))
    if preview.device_count > len(preview.sample_device_ids):
        show_on(shown, words("  ..."))


def _selection(conditions: Conditions, device_ids: Sequence[str]) -> contract.DeviceSelection:
    if device_ids:
        if conditions.is_any:
            raise WrongUsage("--device: give either devices or conditions, not both")
        return contract.DeviceSelection(device_ids=device_ids)
    if not conditions.is_any:
        raise WrongUsage("give conditions as for `meterpark devices list`, or --device")
    return contract.DeviceSelection(filter=conditions.filter(now_here()))


def _check(wanted: Action) -> None:
    for name in ("add", "remove", "reason", "assignee", "comment", "rule"):
        if getattr(wanted, name) and name not in _TAKES[wanted.kind]:
            raise WrongUsage(f"--{name} does not apply to {wanted.kind}")
    match wanted.kind:
        case ActionKind.ASSIGN if not wanted.assignee:
            raise WrongUsage("--assignee: which user?")
        case ActionKind.TAG if not (wanted.add or wanted.remove):
            raise WrongUsage("--add or --remove: which tags?")
        case ActionKind.MARK if not wanted.reason:
            raise WrongUsage("--reason: why?")


def _action(wanted: Action) -> contract.JobAction:
    """Return the action as a message of the contract; raise WrongUsage."""
    _check(wanted)
    match wanted.kind:
        case ActionKind.ACKNOWLEDGE:
            acknowledge = contract.AcknowledgeAlarmsAction(
                comment=wanted.comment, rules=wanted.rule
            )
            return contract.JobAction(acknowledge_alarms=acknowledge)
        case ActionKind.ASSIGN:
            assign = contract.AssignAlarmsAction(
                assignee=wanted.assignee, comment=wanted.comment, rules=wanted.rule
            )
            return contract.JobAction(assign_alarms=assign)
        case ActionKind.TAG:
            return contract.JobAction(tag=contract.TagAction(add=wanted.add, remove=wanted.remove))
        case ActionKind.MARK:
            return contract.JobAction(
                mark_for_exchange=contract.MarkForExchangeAction(reason=wanted.reason)
            )
        case ActionKind.UNMARK:
            return contract.JobAction(unmark_for_exchange=contract.UnmarkForExchangeAction())
