"""A standstill is seen by missing progress: what is told of a hop, and what the doctor says to it."""

from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.status.v1.status_pb2 import Denial, Hop, Trouble
from meterpark.status.v1.status_service_pb2 import GetStatusResponse, Teller

from meterpark_cli.doctor.check import Check
from meterpark_cli.doctor.hops import Looked, hops_of_service, hops_of_tellers, judge

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LOOKED = Looked(now=NOW, standstill_seconds=30)


def ago(seconds: float, now: datetime = NOW) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(now - timedelta(seconds=seconds))
    return made


def judged(hop: Hop) -> Check:
    return judge("hub: reports", hop, LOOKED, log="device-hub")


@pytest.mark.parametrize(
    "hop",
    [
        Hop(name="reports"),
        Hop(name="reports", done_count=7, last_done_time=ago(86_400)),
        Hop(name="reports", waiting_count=500, waiting_since_time=ago(29)),
        Hop(name="reports", waiting_count=9, waiting_since_time=ago(290), last_done_time=ago(2)),
        Hop(name="reports", trouble=Trouble(since_time=ago(5), last_time=ago(1), detail="away")),
    ],
    ids=["nothing waits", "idle for a day", "just come", "a backlog that goes on", "a moment away"],
)
def test_what_goes_on_is_fine(hop: Hop) -> None:
    assert judged(hop).state == "fine"


def test_what_waits_while_nothing_is_done_stands_still_since_the_last_was_done() -> None:
    hop = Hop(
        name="reports",
        peer="devices",
        waiting_count=500,
        waiting_since_time=ago(600),
        last_done_time=ago(120),
    )
    check = judged(hop)
    assert check.state == "wrong"
    assert check.since == "2026-03-01T11:58:00Z"
    assert "stands still since 2026-03-01T11:58:00Z (2 min)" in check.finding
    assert "500 wait, the oldest since 2026-03-01T11:50:00Z (10 min)" in check.finding
    assert "make logs P=device-hub" in check.remedy


def test_what_waits_since_the_start_and_was_never_done_stands_still() -> None:
    check = judged(Hop(name="reports", waiting_count=1, waiting_since_time=ago(31)))
    assert (check.state, check.since) == ("wrong", "2026-03-01T11:59:29Z")


def test_one_that_is_overtaken_by_all_others_is_seen() -> None:
    hop = Hop(name="reports", waiting_count=1, waiting_since_time=ago(301), last_done_time=ago(0.1))
    check = judged(hop)
    assert check.state == "wrong"
    assert "works, but not for all" in check.finding


def test_a_trouble_that_lasts_is_told_with_its_error_and_how_often_it_was_met() -> None:
    trouble = Trouble(since_time=ago(120), last_time=ago(1), count=44, detail="refused: no route")
    check = judged(Hop(name="reports", peer="smoc-service", trouble=trouble))
    assert check.state == "wrong"
    assert check.finding == ("refused: no route: since 2026-03-01T11:58:00Z (2 min), 44 times")
    assert "smoc-service" in check.remedy


def test_a_denial_is_told_at_once_with_what_to_mend() -> None:
    denial = Denial(
        peer="smoc-service",
        method="ProvisionDevices",
        since_time=ago(1),
        remedy="compare client id and secret",
    )
    check = judged(Hop(name="journal to register", denials=[denial]))
    assert check.state == "wrong"
    assert check.finding.startswith("smoc-service denies ProvisionDevices since ")
    assert check.remedy == "compare client id and secret"


def test_what_waits_for_a_person_is_no_standstill() -> None:
    hop = Hop(
        name="quarantine", waiting_count=3, waiting_since_time=ago(9_000), waits_for_person=True
    )
    status = GetStatusResponse(asked_time=ago(0), hops=[hop])
    assert list(hops_of_service("device-hub", status, 30)) == []


def told(heard: float, *, clock_ahead: float = 0, hop: Hop | None = None) -> GetStatusResponse:
    """A hub that heard a connector so many seconds ago, whose clock may be ahead of the hub's."""
    teller = Teller(
        name="iec-connector at here:1",
        told_time=ago(heard - clock_ahead),
        started_time=ago(9_000),
        heard_time=ago(heard),
        every_seconds=5,
        hops=[hop] if hop else [],
    )
    return GetStatusResponse(asked_time=ago(0), started_time=ago(9_000), tellers=[teller])


def test_a_connector_that_tells_is_fine() -> None:
    [check] = hops_of_tellers(told(6), 30)
    assert check.state == "fine"


def test_a_connector_that_stopped_telling_is_wrong_since_then() -> None:
    [check] = hops_of_tellers(told(40), 30)
    assert (check.state, check.since) == ("wrong", "2026-03-01T11:59:20Z")
    assert "make logs P=iec-connector" in check.remedy


def test_nothing_told_at_all_is_wrong_when_the_hub_has_been_up_for_a_while() -> None:
    [check] = hops_of_tellers(GetStatusResponse(asked_time=ago(0), started_time=ago(60)), 30)
    assert check.state == "wrong"
    [check] = hops_of_tellers(GetStatusResponse(asked_time=ago(0), started_time=ago(6)), 30)
    assert check.state == "not checked"


@pytest.mark.parametrize("clock_ahead", [-3_600, 0, 3_600])
def test_a_connectors_hops_are_judged_by_its_own_clock(clock_ahead: float) -> None:
    fresh = Hop(name="source a", waiting_count=1, waiting_since_time=ago(10 - clock_ahead))
    stale = Hop(name="source a", waiting_count=1, waiting_since_time=ago(40 - clock_ahead))
    assert [
        check.state for check in hops_of_tellers(told(4, clock_ahead=clock_ahead, hop=fresh), 30)
    ] == [
        "fine",
        "fine",
    ]
    assert [
        check.state for check in hops_of_tellers(told(4, clock_ahead=clock_ahead, hop=stale), 30)
    ] == [
        "fine",
        "wrong",
    ]
