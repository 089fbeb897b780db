"""From facts about a hop to a judgement: missing progress shows a standstill, whatever its cause.

Something waits and nothing was done for a while; or something blocks the hop for as long; or a peer denies a call; or
a connector stops reporting. One item that waits very long while others pass it is a standstill, too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.status.v1.status_pb2 import Hop
from meterpark.status.v1.status_service_pb2 import GetStatusResponse, Teller

from meterpark_cli.doctor.check import Check
from meterpark_cli.showing.rendering import age, ago, when
from service_status.standstill import Kind, Standstill, standstill_of

_NOT_TOLD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The time of the facts, by which clock, and how long missing progress has to last to be a standstill."""

    # Of the clock that the facts' times are of.
    now: datetime
    standstill_seconds: float

    def is_long(self, since: datetime) -> bool:
        return (self.now - since).total_seconds() >= self.standstill_seconds

    def told(self, since: datetime) -> str:
        """Return "since 2026-03-01T14:03:22Z (40 s)"."""
        return f"since {iso(since)} ({age(since, self.now)})"


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def hops_of_service(
    app_id: str, status: GetStatusResponse, standstill_seconds: float
) -> Iterable[Check]:
    """Judge the hops that a service reports about itself."""
    looked = Looked(now=_at(status.asked_time), standstill_seconds=standstill_seconds)
    for hop in status.hops:
        # The number of messages that wait for an operator has a check of its own.
        if not hop.waits_for_person:
            yield judge(f"{app_id}: {hop.name}", hop, looked, log=app_id)


def hops_of_tellers(status: GetStatusResponse, standstill_seconds: float) -> Iterable[Check]:
    """Judge the reports of connectors to the hub, and whether they still come."""
    asked = _at(status.asked_time)
    if not status.tellers:
        started = _at(status.started_time)
        looked = Looked(now=asked, standstill_seconds=standstill_seconds)
        is_long = looked.is_long(started)
        yield Check(
            name="connector",
            state="wrong" if is_long else "not checked",
            finding=f"no connector has reported its progress {looked.told(started)}, when the hub started",
            remedy="check that it runs: make status; make logs P=iec-connector",
            since=iso(started) if is_long else "",
        )
    for teller in status.tellers:
        heard = _at(teller.heard_time)
        name = f"connector {teller.name}" if len(status.tellers) > 1 else "connector"
        yield _still_tells(name, teller, Looked(now=asked, standstill_seconds=standstill_seconds))
        # By the teller's own clock, which may be another one.
        now = _at(teller.told_time) + (asked - heard)
        looked = Looked(now=now, standstill_seconds=standstill_seconds)
        for hop in teller.hops:
            yield judge(f"{name}: {hop.name}", hop, looked, log="iec-connector")


def _still_tells(name: str, teller: Teller, looked: Looked) -> Check:
    heard = _at(teller.heard_time)
    silent = looked.is_long(heard) and (looked.now - heard) > timedelta(
        seconds=_NOT_TOLD * teller.every_seconds
    )
    if silent:
        return Check(
            name=name,
            state="wrong",
            finding=f"{teller.name} has not reported its progress {looked.told(heard)}",
            remedy="check that it runs and may call TellProgress: make status; make logs P=iec-connector",
            since=iso(heard),
        )
    return Check(
        name=name,
        state="fine",
        finding=f"{teller.name} reported its progress {ago(heard, looked.now)}",
    )


def judge(name: str, hop: Hop, looked: Looked, *, log: str) -> Check:
    """Return whether a hop stands still; ``log`` is the process whose log says more."""
    remedy = f"make status; make logs P={log}"
    still = standstill_of(hop, now=looked.now, seconds=looked.standstill_seconds)
    if still is not None:
        told = looked.told(still.since)
        match still.kind:
            case Kind.DENIED:
                denial = hop.denials[0]
                finding = f"{denial.peer} denies {denial.method} {told}"
                remedy = denial.remedy
            case Kind.TROUBLED:
                times = f", {hop.trouble.count:,} times" if hop.trouble.count > 1 else ""
                finding = f"{hop.trouble.detail}: {told}{times}"
                remedy = f"{hop.trouble.remedy or f'is {hop.peer} up?'} {remedy}"
            case Kind.QUIET:
                finding = f"stands still {told}"
                remedy = f"is {hop.peer} up? {remedy}" if hop.peer else remedy
            case Kind.OVERTAKEN:
                finding = "works, but not for all"
        return Check(
            name=name,
            state="wrong",
            finding=finding + _waiting(hop, looked) + _more_of(still, hop),
            remedy=remedy,
            since=iso(still.since),
        )
    last_done = when(hop.last_done_time, looked.now)
    done = [f"{hop.done_count:,} done, the last {ago(last_done, looked.now)}"] if last_done else []
    found = "; ".join(done) + _waiting(hop, looked) + _more(hop)
    return Check(name=name, state="fine", finding=found.removeprefix("; ") or "nothing waits")


def _waiting(hop: Hop, looked: Looked) -> str:
    waiting_since = when(hop.waiting_since_time, looked.now)
    if not hop.waiting_count:
        return ""
    since = f", the oldest {looked.told(waiting_since)}" if waiting_since else ""
    return f"; {hop.waiting_count:,} wait{since}"


def _more_of(still: Standstill, hop: Hop) -> str:
    return _more(hop) if still.kind in {Kind.QUIET, Kind.OVERTAKEN} else ""


def _more(hop: Hop) -> str:
    return f"; {hop.detail}" if hop.detail else ""


def _at(timestamp: Timestamp) -> datetime:
    return timestamp.ToDatetime(tzinfo=UTC)
