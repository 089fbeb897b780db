"""What a hop knows of itself: what waits, since when, what was done, and what is in the way."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bearer_tokens.admission import Denied
from service_status.hop import Hop, Pulse

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Clock:
    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def passes(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def test_a_hop_that_did_nothing_yet_has_nothing_to_tell() -> None:
    facts = Hop("reports", peer="device-hub", now=Clock()).facts()
    assert (facts.waiting_count, facts.waiting_since, facts.last_done_at) == (0, None, None)
    assert facts.trouble is None


def test_what_waits_waits_since_the_oldest_of_it_came() -> None:
    clock = Clock()
    hop = Hop("reports", peer="device-hub", now=clock)
    with hop.under_way(3):
        clock.passes(10)
        with hop.under_way(2):
            facts = hop.facts()
    assert (facts.waiting_count, facts.waiting_since) == (5, NOON)
    assert hop.facts().waiting_count == 0


def test_the_younger_is_the_oldest_when_the_older_has_gone() -> None:
    clock = Clock()
    hop = Hop("reports", peer="device-hub", now=clock)
    older, younger = hop.under_way(), hop.under_way()
    older.__enter__()
    clock.passes(10)
    younger.__enter__()
    older.__exit__(None, None, None)
    assert hop.facts().waiting_since == NOON + timedelta(seconds=10)


def test_trouble_begins_with_the_first_error_and_ends_when_something_is_done() -> None:
    clock = Clock()
    hop = Hop("reports", peer="device-hub", now=clock)
    hop.troubled("UNAVAILABLE: connection refused")
    clock.passes(40)
    hop.troubled("DEADLINE_EXCEEDED: too slow")
    trouble = hop.facts().trouble
    assert trouble is not None
    assert (trouble.since, trouble.last) == (NOON, NOON + timedelta(seconds=40))
    assert (trouble.count, trouble.detail) == (2, "DEADLINE_EXCEEDED: too slow")
    hop.did(7)
    facts = hop.facts()
    assert facts.trouble is None
    assert (facts.last_done_at, facts.done_count) == (NOON + timedelta(seconds=40), 7)


def test_a_long_error_is_cut() -> None:
    hop = Hop("reports", peer="device-hub", now=Clock())
    hop.troubled("x" * 10_000)
    trouble = hop.facts().trouble
    assert trouble is not None
    assert len(trouble.detail) == 300


def test_a_door_that_is_closed_is_told_as_long_as_it_is() -> None:
    closed = [Denied(peer="device-hub", method="RecordReports", since=NOON, remedy="allow it")]
    hop = Hop("reports", peer="device-hub", now=Clock())
    hop.watch(lambda: closed[0] if closed else None)
    assert list(hop.facts().denials) == closed
    closed.clear()
    assert list(hop.facts().denials) == []


def test_a_pulse_that_comes_round_has_nothing_waiting() -> None:
    clock = Clock()
    pulse = Pulse("search", peer="the database", now=clock)
    clock.passes(100)
    pulse.beat()
    clock.passes(4)
    assert pulse.facts().waiting_count == 0


def test_a_pulse_that_does_not_come_round_waits_since_its_last_round() -> None:
    clock = Clock()
    pulse = Pulse("search", peer="the database", now=clock)
    pulse.beat()
    clock.passes(60)
    assert (pulse.facts().waiting_count, pulse.facts().waiting_since) == (1, NOON)


def test_a_pulse_that_never_came_round_waits_since_the_start() -> None:
    clock = Clock()
    pulse = Pulse("search", peer="the database", now=clock)
    clock.passes(60)
    assert pulse.facts().waiting_since == NOON
