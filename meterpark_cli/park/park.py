"""``meterpark park``: the counts of the park, its alarms and newest changes, once or as a live page."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Any

from meterpark.smoc.v1.alarm_service_pb2 import ListAlarmsRequest
from meterpark.smoc.v1.device_service_pb2 import GetParkSummaryRequest
from rich.live import Live

from meterpark_cli.failures import Denied, ExitCode, Failure, NotAllowed
from meterpark_cli.login.session import SessionOver
from meterpark_cli.options import Asking
from meterpark_cli.park.page import Shown, Trouble, page
from meterpark_cli.services.connection import Park, open_park
from meterpark_cli.showing.documents import document_of, print_document, print_document_line
from meterpark_cli.showing.rendering import console, note, now_here, show

_CHANGES_ON_A_LIVE_PAGE = 100
_PIPE_WIDTH = 100

_NEWEST_ALARMS = 5

Answers = AsyncGenerator[Shown | Failure, None]


async def show_park(asking: Asking, *, change_count: int) -> ExitCode:
    async with open_park(asking) as park:
        shown = await _shown(park, change_count)
    if asking.as_json:
        print_document(_document(shown))
        return ExitCode.FINE
    target = console()
    width = target.width if target.is_terminal else _PIPE_WIDTH
    show(target, page(shown, None, now_here(), width=width, height=None))
    return ExitCode.FINE


async def watch_park(asking: Asking, *, interval_seconds: float, change_count: int) -> ExitCode:
    """Show the park again and again until Ctrl-C; services and sidecar may come and go meanwhile."""
    live = not asking.as_json and sys.stdout.isatty()
    count = _CHANGES_ON_A_LIVE_PAGE if live else change_count
    # Closed here, so that the generator's channel is closed while the loop still runs.
    async with aclosing(_summaries(asking, interval_seconds, count)) as answers:
        try:
            if asking.as_json:
                await _watch_as_lines(answers)
            elif live:
                await _watch_as_page(answers)
            else:
                await _watch_as_blocks(answers)
        except asyncio.CancelledError:  # the user pressed Ctrl-C
            return ExitCode.FINE
    raise AssertionError("watching ends only by being interrupted")


async def _shown(park: Park, change_count: int) -> Shown:
    summary = await park.register.ask(
        park.register.calls.GetParkSummary, GetParkSummaryRequest(change_count=change_count)
    )
    alarms = await park.alarms.ask(
        park.alarms.calls.ListAlarms, ListAlarmsRequest(page_size=_NEWEST_ALARMS, with_counts=True)
    )
    return Shown(summary=summary, alarms=alarms)


def _document(shown: Shown) -> dict[str, Any]:
    alarms = document_of(shown.alarms)
    told = {"alarms": {"counts": alarms["counts"], "newest": alarms["alarms"]}}
    return {**document_of(shown.summary), **told}


async def _summaries(asking: Asking, interval_seconds: float, change_count: int) -> Answers:
    """Yield a summary, or why there is none, per interval, for ever.

    After a failure the addresses are read again and opened anew: a restarted stack may listen elsewhere.
    """
    first = True
    while True:
        try:
            async with open_park(asking) as park:
                while True:
                    yield await _shown(park, change_count)
                    first = False
                    await asyncio.sleep(interval_seconds)
        except Failure as failure:
            # It does not pass by itself: further calls would only be refused again.
            if isinstance(failure, (Denied, NotAllowed, SessionOver)):
                raise
            if first and failure.exit_code == ExitCode.WRONG_USAGE:
                raise
            yield failure
        await asyncio.sleep(interval_seconds)


async def _watch_as_lines(answers: Answers) -> None:
    async for answer in answers:
        if isinstance(answer, Failure):
            note(f"meterpark: {answer}")
        else:
            print_document_line(_document(answer))


async def _watch_as_blocks(answers: Answers) -> None:
    target, last, trouble = console(), None, None
    async for answer in answers:
        last, trouble = _next(last, trouble, answer, now_here())
        show(target, page(last, trouble, now_here(), width=_PIPE_WIDTH, height=None), "")
        target.file.flush()


async def _watch_as_page(answers: Answers) -> None:
    last, trouble = None, None
    target = console()
    with Live(console=target, screen=True, auto_refresh=False) as live:
        async for answer in answers:
            now = now_here()
            last, trouble = _next(last, trouble, answer, now)
            size = target.size
            live.update(
                page(last, trouble, now, width=size.width, height=size.height), refresh=True
            )


def _next(
    last: Shown | None,
    trouble: Trouble | None,
    answer: Shown | Failure,
    now: datetime,
) -> tuple[Shown | None, Trouble | None]:
    """The last answer stays on the page while there is no new one, with since when and why."""
    if isinstance(answer, Failure):
        return last, Trouble(since=trouble.since if trouble else now, reason=str(answer))
    return answer, None
