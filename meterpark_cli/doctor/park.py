"""What the services say of the park: do they answer, do journal and register agree, was anything heard lately."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime

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
from meterpark.status.v1.status_service_pb2 import GetStatusResponse

from meterpark_cli.doctor.agreement import differences
from meterpark_cli.doctor.check import Check, Limits
from meterpark_cli.doctor.hops import iso
from meterpark_cli.failures import Failure, NotAllowed
from meterpark_cli.services.connection import Park
from meterpark_cli.showing.rendering import age, now_here, when

_SAMPLE = 20
_NAMED = 3


async def register_answers(park: Park) -> tuple[GetParkSummaryResponse | None, Check]:
    request = GetParkSummaryRequest(change_count=_SAMPLE // 2)
    try:
        summary = await park.register.ask(park.register.calls.GetParkSummary, request)
    except Failure as failure:
        return None, no_answer("register", failure)
    finding = f"{park.register.app_id} answers: {summary.device_count:,} devices"
    return summary, Check(name="register", state="fine", finding=finding)


async def hub_answers(park: Park) -> tuple[int | None, Check]:
    request = ListQuarantinedMessagesRequest(
        state=QuarantineState.QUARANTINE_STATE_OPEN, page_size=1
    )
    try:
        answer = await park.hub.ask(park.hub.calls.ListQuarantinedMessages, request)
    except Failure as failure:
        return None, no_answer("hub", failure)
    return answer.total_count, Check(name="hub", state="fine", finding=f"{park.hub.app_id} answers")


def no_answer(name: str, failure: Failure) -> Check:
    if isinstance(failure, NotAllowed):
        # Nothing is wrong with the chain: this user may not see it.
        return Check(name=name, state="not checked", finding=str(failure))
    remedy = "make status; make logs"
    return Check(name=name, state="wrong", finding=str(failure), remedy=remedy)


def quarantine(open_count: int, status: GetStatusResponse | None) -> Check:
    """Return how many messages wait for an operator and, by the hub's ``status``, since when the oldest waits."""
    if open_count == 0:
        return Check(name="quarantine", state="fine", finding="no message waits for an operator")
    now = now_here()
    oldest = next(
        (
            when(hop.waiting_since_time, now)
            for hop in (status.hops if status else ())
            if hop.name == "quarantine"
        ),
        None,
    )
    since = f", the oldest since {iso(oldest)} ({age(oldest, now)})" if oldest else ""
    return Check(
        name="quarantine",
        state="wrong",
        finding=f"{open_count:,} could not be read and wait for an operator{since}",
        remedy="meterpark quarantine list, fix the cause, meterpark quarantine replay --all-open",
        since=iso(oldest) if oldest else "",
    )


async def devices(
    park: Park, summary: GetParkSummaryResponse, hub: Check, limits: Limits
) -> AsyncIterator[Check]:
    if summary.device_count == 0:
        yield Check(
            name="devices",
            state="wrong",
            finding="no device is known yet",
            remedy="check that the head-end system sends, and that the connector reads the same destination",
        )
        return
    try:
        request = ListDevicesRequest(page_size=_SAMPLE // 2)
        listed = (await park.register.ask(park.register.calls.ListDevices, request)).devices
        ids = [change.device_id for change in summary.changes] + [d.device_id for d in listed]
        if hub.state == "fine":
            yield await _agreement(park, list(dict.fromkeys(ids)), limits)
    except Failure as failure:
        yield no_answer("agreement", failure)
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
        remedy="check the hub's follower: make logs P=device-hub",
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
        return Check(name="newest contact", state="wrong", finding="no device was ever heard")
    finding = f"{age(newest, now)} ago" if newest < now else "now"
    if (now - newest).total_seconds() <= limits.silence_seconds:
        return Check(name="newest contact", state="fine", finding=finding)
    return Check(
        name="newest contact",
        state="wrong",
        finding=finding,
        remedy="check that the head-end system sends and that iec-connector runs: make status; make logs",
    )
