"""What the hub keeps of what connectors tell, and what it notes of its own door and of the register's gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import Report
from meterpark.status.v1.status_pb2 import Hop as HopMessage
from meterpark.status.v1.status_service_pb2 import Teller

from device_hub.register.gaps import RegisterGaps
from device_hub.status.progress import Tellers, WatchedDoor
from service_chassis.refusals import CallRefused
from service_status.hop import Hop

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Clock:
    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def passes(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def test_what_a_connector_told_last_is_kept_with_the_time_when_it_was_heard() -> None:
    clock = Clock()
    tellers = Tellers(clock)
    tellers.hear(Teller(name="a", hops=[HopMessage(name="old")]), ends=False)
    clock.passes(5)
    tellers.hear(Teller(name="a", hops=[HopMessage(name="new")]), ends=False)
    [kept] = tellers()
    assert [hop.name for hop in kept.hops] == ["new"]
    assert kept.heard_time.ToDatetime(tzinfo=UTC) == NOON + timedelta(seconds=5)


def test_a_connector_that_says_good_bye_is_forgotten() -> None:
    tellers = Tellers(Clock())
    tellers.hear(Teller(name="a"), ends=False)
    tellers.hear(Teller(name="a"), ends=True)
    assert tellers() == []


def test_a_connector_that_is_silent_is_missed_for_an_hour() -> None:
    clock = Clock()
    tellers = Tellers(clock)
    tellers.hear(Teller(name="a"), ends=False)
    clock.passes(3_599)
    assert [teller.name for teller in tellers()] == ["a"]
    clock.passes(2)
    assert tellers() == []


def test_of_very_many_connectors_those_heard_longest_ago_are_dropped() -> None:
    clock = Clock()
    tellers = Tellers(clock)
    for number in range(200):
        clock.passes(1)
        tellers.hear(Teller(name=f"c{number}"), ends=False)
    assert [teller.name for teller in tellers()] == [f"c{number}" for number in range(136, 200)]


@pytest.mark.parametrize(
    "teller",
    [Teller(), Teller(name="x" * 1_001), Teller(name="a", hops=[HopMessage()] * 65)],
    ids=["no name", "a long name", "too many hops"],
)
def test_more_than_a_connector_has_to_tell_is_refused(teller: Teller) -> None:
    tellers = Tellers(Clock())
    with pytest.raises(CallRefused):
        tellers.hear(teller, ends=False)
    assert tellers() == []


@dataclass
class Door:
    outcomes: Sequence[Verdict.Outcome.ValueType]

    async def record(self, reports: Sequence[Report]) -> list[Verdict]:
        assert len(reports) == len(self.outcomes)
        return [Verdict(outcome=outcome, detail="because") for outcome in self.outcomes]


RECORDED, REFUSED = Verdict.OUTCOME_RECORDED, Verdict.OUTCOME_REFUSED
POSTPONED = Verdict.OUTCOME_POSTPONED


@pytest.mark.parametrize(
    ("outcomes", "done", "is_troubled"),
    [
        ([RECORDED, REFUSED], 2, False),
        ([POSTPONED, RECORDED], 1, False),
        ([POSTPONED, POSTPONED], 0, True),
    ],
)
async def test_a_final_verdict_is_progress_and_nothing_but_postponed_ones_are_trouble(
    outcomes: list[Verdict.Outcome.ValueType], done: int, *, is_troubled: bool
) -> None:
    hop = Hop("reports", peer="devices", now=Clock())
    await WatchedDoor(Door(outcomes), hop).record([Report()] * 2)
    facts = hop.facts()
    assert (facts.done_count, facts.trouble is not None) == (done, is_troubled)


def test_a_device_that_the_register_refuses_is_missed_until_it_has_it() -> None:
    clock = Clock()
    gaps = RegisterGaps(Hop("gaps", peer="smoc-service", now=clock), clock)
    gaps.refused("north/1", "name: longer than 128 characters")
    clock.passes(600)
    gaps.compared(["north/1", "north/2"], lacking={"north/1"})
    gaps.round_ended(compared=2, repaired=1)
    [facts] = gaps.facts()
    assert (facts.waiting_count, facts.waiting_since) == (1, NOON)
    assert "north/1: name: longer than 128 characters" in facts.detail
    gaps.compared(["north/1", "north/2"], lacking=set())
    [facts] = gaps.facts()
    assert facts.waiting_count == 0


def test_very_many_gaps_are_bounded() -> None:
    gaps = RegisterGaps(Hop("gaps", peer="smoc-service", now=Clock()), Clock())
    for number in range(5_000):
        gaps.refused(f"north/{number}", "no")
    [facts] = gaps.facts()
    assert facts.waiting_count == 1_000
