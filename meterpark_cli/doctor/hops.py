"""From facts about a hop to a judgement: a standstill is seen by missing progress, whatever its cause is.

Something waits, and nothing was done for a while. Or something is in the way for so long, or somebody denies a call, or
who has to tell says nothing. One that waits very long while others pass it is a standstill of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.status.v1.status_pb2 import Hop
from meterpark.status.v1.status_service_pb2 import GetStatusResponse, Teller

from meterpark_cli.doctor.check import Check
from meterpark_cli.showing.rendering import age, ago, when

# So many times the patience may one wait while others go on.
_OVERTAKEN = 10
_NOT_TOLD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """When facts were told and by whose clock, and how long a standstill has to last to be one."""

    # Of the clock that the facts' times are of.
    now: datetime
    standstill_seconds: float

    def is_long(self, since: datetime, times: float = 1) -> bool:
        return (self.now - since).total_seconds() >= self.standstill_seconds * times

    def told(self, since: datetime) -> str:
        """Return "since 2026-03-01T14:03:22Z (40 s)"."""
        return f"since {iso(since)} ({age(since, self.now)})"


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def hops_of_service(
    app_id: str, status: GetStatusResponse, standstill_seconds: float
) -> Iterable[Check]:
    """Judge the hops that a service tells of itself."""
    looked = Looked(now=_at(status.asked_time), standstill_seconds=standstill_seconds)
    for hop in status.hops:
        # How many wait for a person is a check of its own.
        if not hop.waits_for_person:
            yield judge(f"{app_id}: {hop.name}", hop, looked, log=app_id)


def hops_of_tellers(status: GetStatusResponse, standstill_seconds: float) -> Iterable[Check]:
    """Judge what the connectors told the hub, and whether they still tell."""
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
    """Say whether a hop stands still; ``log`` is the process whose log knows more."""
    remedy = f"make status; make logs P={log}"
    if hop.denials:
        denial = hop.denials[0]
        since = _at(denial.since_time)
        return Check(
            name=name,
            state="wrong",
            finding=f"{denial.peer} denies {denial.method} {looked.told(since)}{_waiting(hop, looked)}",
            remedy=denial.remedy,
            since=iso(since),
        )
    if hop.HasField("trouble") and looked.is_long(_at(hop.trouble.since_time)):
        since = _at(hop.trouble.since_time)
        times = f", {hop.trouble.count:,} times" if hop.trouble.count > 1 else ""
        return Check(
            name=name,
            state="wrong",
            finding=f"{hop.trouble.detail}: {looked.told(since)}{times}{_waiting(hop, looked)}",
            remedy=f"{hop.trouble.remedy or f'is {hop.peer} up?'} {remedy}",
            since=iso(since),
        )
    waiting_since = when(hop.waiting_since_time, looked.now)
    last_done = when(hop.last_done_time, looked.now)
    if hop.waiting_count and waiting_since is not None:
        quiet_since = max(waiting_since, last_done) if last_done else waiting_since
        if looked.is_long(quiet_since):
            return Check(
                name=name,
                state="wrong",
                finding=f"stands still {looked.told(quiet_since)}{_waiting(hop, looked)}{_more(hop)}",
                remedy=f"is {hop.peer} up? {remedy}" if hop.peer else remedy,
                since=iso(quiet_since),
            )
        if looked.is_long(waiting_since, _OVERTAKEN):
            return Check(
                name=name,
                state="wrong",
                finding=f"works, but not for all{_waiting(hop, looked)}{_more(hop)}",
                remedy=remedy,
                since=iso(waiting_since),
            )
    told = [f"{hop.done_count:,} done, the last {ago(last_done, looked.now)}"] if last_done else []
    found = "; ".join(told) + _waiting(hop, looked) + _more(hop)
    return Check(name=name, state="fine", finding=found.removeprefix("; ") or "nothing waits")


def _waiting(hop: Hop, looked: Looked) -> str:
    waiting_since = when(hop.waiting_since_time, looked.now)
    if not hop.waiting_count:
        return ""
    since = f", the oldest {looked.told(waiting_since)}" if waiting_since else ""
    return f"; {hop.waiting_count:,} wait{since}"


def _more(hop: Hop) -> str:
    return f"; {hop.detail}" if hop.detail else ""


def _at(timestamp: Timestamp) -> datetime:
    return timestamp.ToDatetime(tzinfo=UTC)
