"""The order of the examination: each check is printed as soon as its result is known."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import asdict
from typing import Any

from meterpark.status.v1.status_service_pb2 import GetStatusRequest, GetStatusResponse
from rich.table import Table

from meterpark_cli.doctor.check import Check, Limits
from meterpark_cli.doctor.hops import hops_of_service, hops_of_tellers
from meterpark_cli.doctor.identities import identities
from meterpark_cli.doctor.park import devices, hub_answers, no_answer, quarantine, register_answers
from meterpark_cli.doctor.queues import queue_checks
from meterpark_cli.doctor.reach import broker, doors, login, sidecar
from meterpark_cli.failures import Denied, ExitCode, Failure
from meterpark_cli.options import Asking
from meterpark_cli.services.connection import Park, Service, open_park
from meterpark_cli.showing.documents import print_document
from meterpark_cli.showing.rendering import console, plain_table, show, words

_STATE_WIDTH, _NAME_WIDTH = len("not checked"), len("newest contact")
_STYLES = {"fine": "green", "wrong": "bold red", "not checked": "yellow"}


async def doctor(asking: Asking, limits: Limits, *, only_standstills: bool = False) -> ExitCode:
    """Check step by step and print each result at once; ANSWER_IS_NO when anything is wrong."""
    checks = []
    target = console()
    examined = _standstills(asking, limits) if only_standstills else _examine(asking, limits)
    async with aclosing(examined) as found:
        async for check in found:
            checks.append(check)
            if not asking.as_json:
                show(target, _told(check))
    healthy = all(check.state != "wrong" for check in checks)
    if asking.as_json:
        print_document({"healthy": healthy, "checks": [asdict(check) for check in checks]})
    return ExitCode.FINE if healthy else ExitCode.ANSWER_IS_NO


def _told(check: Check) -> Table:
    row = plain_table("", "", "", header=False)
    row.columns[0].min_width, row.columns[1].min_width = _STATE_WIDTH, _NAME_WIDTH
    name = words(check.name, "bold")
    row.add_row(words(check.state, _STYLES[check.state]), name, words(check.finding))
    if check.remedy:
        row.add_row("", "", words(f"-> {check.remedy}", "yellow"))
    return row


async def _examine(asking: Asking, limits: Limits) -> AsyncGenerator[Check, None]:
    async with AsyncExitStack() as opened:
        try:
            park = await opened.enter_async_context(open_park(asking))
        except Failure as failure:
            yield Check(name="sidecar", state="wrong", finding=str(failure))
            return
        reached = await sidecar(park, asking.timeout_seconds)
        yield reached
        async for check in login(park.identity):
            yield check
        yield await broker(asking.timeout_seconds)
        async for check in doors(asking):
            yield check
        if reached.state != "fine":
            return
        summary, register = await register_answers(park)
        yield register
        open_count, hub = await hub_answers(park)
        yield hub
        of_hub = await _status(park.hub_status)
        async for check in _hops(park, of_hub, asking, limits, dead_letters=True):
            yield check
        if open_count is not None:
            yield quarantine(open_count, of_hub if isinstance(of_hub, GetStatusResponse) else None)
        if hub.state == "fine":
            yield await identities(park)
        if summary is not None:
            async for check in devices(park, summary, hub, limits):
                yield check


async def _standstills(asking: Asking, limits: Limits) -> AsyncGenerator[Check, None]:
    async with AsyncExitStack() as opened:
        try:
            park = await opened.enter_async_context(open_park(asking))
        except Failure as failure:
            yield Check(name="sidecar", state="wrong", finding=str(failure))
            return
        reached = await sidecar(park, asking.timeout_seconds)
        yield reached
        if reached.state != "fine":
            return
        of_hub = await _status(park.hub_status)
        async for check in _hops(park, of_hub, asking, limits, dead_letters=False):
            yield check


async def _hops(
    park: Park,
    of_hub: GetStatusResponse | Check,
    asking: Asking,
    limits: Limits,
    *,
    dead_letters: bool,
) -> AsyncIterator[Check]:
    """Look for standstills: in the connectors, in the hub, in the register, at the broker."""
    if isinstance(of_hub, GetStatusResponse):
        for check in hops_of_tellers(of_hub, limits.standstill_seconds):
            yield check
        for check in hops_of_service(park.hub.app_id, of_hub, limits.standstill_seconds):
            yield check
    else:
        yield of_hub
    of_register = await _status(park.register_status)
    if isinstance(of_register, GetStatusResponse):
        for check in hops_of_service(park.register.app_id, of_register, limits.standstill_seconds):
            yield check
    else:
        yield of_register
    async for check in queue_checks(
        of_hub if isinstance(of_hub, GetStatusResponse) else None,
        timeout_seconds=asking.timeout_seconds,
        standstill_seconds=limits.standstill_seconds,
        with_dead_letters=dead_letters,
    ):
        yield check


async def _status(service: Service[Any]) -> GetStatusResponse | Check:
    name = f"{service.app_id}: status"
    try:
        answer: GetStatusResponse = await service.ask(service.calls.GetStatus, GetStatusRequest())
    except Denied as denied:
        # A policy from before the status existed; a standstill behind it is unknown.
        return Check(name=name, state="not checked", finding=str(denied))
    except Failure as failure:
        return no_answer(name, failure)
    return answer
