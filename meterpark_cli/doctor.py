"""``meterpark doctor``: is every step of the chain well, and if not, what is there to do."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import AsyncExitStack, aclosing
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from meterpark.device_hub.v1.quarantine_pb2 import (
    ListQuarantinedMessagesRequest,
    QuarantineState,
)
from meterpark.smoc.v1.device_pb2 import Device
from meterpark.smoc.v1.device_service_pb2 import (
    GetParkSummaryRequest,
    GetParkSummaryResponse,
    ListDevicesRequest,
)
from rich.table import Table

from meterpark_cli.agreement import differences
from meterpark_cli.broker import open_broker
from meterpark_cli.connection import Park, open_park
from meterpark_cli.documents import print_document
from meterpark_cli.failures import ExitCode, Failure, NotAllowed
from meterpark_cli.identity import Identity
from meterpark_cli.local_stack import find_broker, read_stack
from meterpark_cli.options import Asking
from meterpark_cli.provider import reach
from meterpark_cli.rendering import age, console, now_here, plain_table, show, when, words
from meterpark_cli.web_doors import trouble_at, web_doors
from meterpark_cli.whoami import NOT_LOGGED_IN, look, networks_told

_SAMPLE = 20
_NAMED = 3
_STATE_WIDTH, _NAME_WIDTH = len("not checked"), len("newest contact")
_STYLES = {"fine": "green", "wrong": "bold red", "not checked": "yellow"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One step: ``state`` says whether it is well, ``finding`` what was seen, ``remedy`` what to do about it."""

    name: str
    state: Literal["fine", "wrong", "not checked"]
    finding: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is still well: the age of the newest contact, and how long the register may be behind the journal."""

    silence_seconds: float
    patience_seconds: float


async def doctor(asking: Asking, limits: Limits) -> ExitCode:
    """Check step by step and tell at once; ANSWER_IS_NO when anything is wrong."""
    checks = []
    target = console()
    async with aclosing(_examine(asking, limits)) as found:
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
        sidecar = await _sidecar(park, asking.timeout_seconds)
        yield sidecar
        async for check in _login(park.identity):
            yield check
        yield await _broker(asking.timeout_seconds)
        async for check in _web_doors(asking):
            yield check
        if sidecar.state != "fine":
            return
        summary, register = await _register(park)
        yield register
        open_count, hub = await _hub(park)
        yield hub
        if open_count is not None:
            yield _quarantine(open_count)
        if summary is not None:
            async for check in _devices(park, summary, hub, limits):
                yield check


async def _sidecar(park: Park, timeout_seconds: float) -> Check:
    try:
        async with asyncio.timeout(timeout_seconds):
            await park.channel.channel_ready()
    except TimeoutError:
        return Check(
            name="sidecar",
            state="wrong",
            finding=f"nothing answers at {park.sidecar}",
            remedy="make status says what is not up, make up starts it",
        )
    return Check(name="sidecar", state="fine", finding=f"reached at {park.sidecar}")


async def _login(identity: Identity) -> AsyncIterator[Check]:
    if identity.issuer:
        try:
            await reach(identity.issuer)
        except Failure as failure:
            remedy = "is Keycloak up? make status; make logs P=keycloak"
            yield Check(name="keycloak", state="wrong", finding=str(failure), remedy=remedy)
        else:
            finding = f"reached at {identity.issuer}"
            yield Check(name="keycloak", state="fine", finding=finding)
    if identity.tokens is None:
        yield Check(name="login", state="not checked", finding=NOT_LOGGED_IN)
        return
    try:
        who = await look(identity, identity.tokens)
    except Failure as failure:
        remedy = "meterpark whoami; meterpark login"
        yield Check(name="login", state="wrong", finding=str(failure), remedy=remedy)
        return
    claims = who.claims
    yield Check(
        name="login",
        state="fine" if claims.roles and claims.networks else "wrong",
        finding=f"{claims.name}: roles {', '.join(claims.roles) or 'none'};"
        f" networks {networks_told(claims)}",
        remedy=""
        if claims.roles and claims.networks
        else "whoever administers Keycloak can give roles and networks",
    )


async def _broker(timeout_seconds: float) -> Check:
    name = "broker"
    try:
        access = find_broker(os.environ)
        if access is None:
            return Check(
                name=name,
                state="not checked",
                finding="none is known: METERPARK_BROKER_URL names it",
            )
        async with open_broker(access, timeout_seconds):
            return Check(name=name, state="fine", finding=f"lets us in at {access.url}")
    except Failure as failure:
        return Check(
            name=name, state="wrong", finding=str(failure), remedy="make status; make logs"
        )


async def _web_doors(asking: Asking) -> AsyncIterator[Check]:
    """Only the local stack says where its doors are."""
    stack = None if asking.sidecar else read_stack(os.environ)
    for name, url in web_doors(stack).items() if stack else ():
        trouble = await trouble_at(url, asking.timeout_seconds)
        yield Check(
            name=name,
            state="wrong" if trouble else "fine",
            finding=trouble or f"ready at {url.removesuffix('/readyz')}",
            remedy=f"make status; make logs P={name}" if trouble else "",
        )


async def _register(park: Park) -> tuple[GetParkSummaryResponse | None, Check]:
    request = GetParkSummaryRequest(change_count=_SAMPLE // 2)
    try:
        summary = await park.register.ask(park.register.calls.GetParkSummary, request)
    except Failure as failure:
        return None, _no_answer("register", failure)
    finding = f"{park.register.app_id} answers: {summary.device_count:,} devices"
    return summary, Check(name="register", state="fine", finding=finding)


async def _hub(park: Park) -> tuple[int | None, Check]:
    request = ListQuarantinedMessagesRequest(
        state=QuarantineState.QUARANTINE_STATE_OPEN, page_size=1
    )
    try:
        answer = await park.hub.ask(park.hub.calls.ListQuarantinedMessages, request)
    except Failure as failure:
        return None, _no_answer("hub", failure)
    return answer.total_count, Check(name="hub", state="fine", finding=f"{park.hub.app_id} answers")


def _no_answer(name: str, failure: Failure) -> Check:
    if isinstance(failure, NotAllowed):
        # Nothing is wrong with the chain: this person may not look.
        return Check(name=name, state="not checked", finding=str(failure))
    remedy = "make status; make logs"
    return Check(name=name, state="wrong", finding=str(failure), remedy=remedy)


def _quarantine(open_count: int) -> Check:
    if open_count == 0:
        return Check(name="quarantine", state="fine", finding="nothing waits for a person")
    return Check(
        name="quarantine",
        state="wrong",
        finding=f"{open_count:,} could not be read and wait for a person",
        remedy="meterpark quarantine list, mend the cause, meterpark quarantine replay --all-open",
    )


async def _devices(
    park: Park, summary: GetParkSummaryResponse, hub: Check, limits: Limits
) -> AsyncIterator[Check]:
    if summary.device_count == 0:
        yield Check(
            name="devices",
            state="wrong",
            finding="no device was ever heard of",
            remedy="does the head-end system send, and does the connector listen where it sends?",
        )
        return
    try:
        request = ListDevicesRequest(page_size=_SAMPLE // 2)
        listed = (await park.register.ask(park.register.calls.ListDevices, request)).devices
        ids = [change.device_id for change in summary.changes] + [d.device_id for d in listed]
        if hub.state == "fine":
            yield await _agreement(park, list(dict.fromkeys(ids)), limits)
    except Failure as failure:
        yield _no_answer("agreement", failure)
        return
    yield _contact(summary, listed, now_here(), limits)


async def _agreement(park: Park, sample: list[str], limits: Limits) -> Check:
    found = await differences(park, sample, patience_seconds=limits.patience_seconds)
    if not found:
        return Check(
            name="agreement",
            state="fine",
            finding=f"journal and register agree on {len(sample)} sampled devices",
        )
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return Check(
        name="agreement",
        state="wrong",
        finding="; ".join(found[:_NAMED]) + more,
        remedy="is the hub's follower running? make logs",
    )


def _contact(
    summary: GetParkSummaryResponse,
    listed: Iterable[Device],
    now: datetime,
    limits: Limits,
) -> Check:
    heard = [change.entry.received_time for change in summary.changes]
    heard += [device.last_contact_time for device in listed]
    moments = [moment for timestamp in heard if (moment := when(timestamp, now)) is not None]
    # A meter's clock may run ahead; what has not happened yet is no news.
    newest = max((moment for moment in moments if moment <= now), default=None)
    if newest is None:
        return Check(name="newest contact", state="wrong", finding="no device was ever heard from")
    finding = f"{age(newest, now)} ago" if newest < now else "now"
    if (now - newest).total_seconds() <= limits.silence_seconds:
        return Check(name="newest contact", state="fine", finding=finding)
    return Check(
        name="newest contact",
        state="wrong",
        finding=finding,
        remedy="does the head-end system send? is iec-connector running? make status; make logs",
    )
