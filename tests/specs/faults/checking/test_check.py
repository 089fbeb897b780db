"""The checker finds nothing where nothing is wrong, and every error that is planted, under its kind."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from faults.checking.check import Finding, Wrong, check, counted
from faults.checking.found import Commit, Event, Found, PutAside, Shown
from faults.ledger.ledger import in_order
from hes_simulator.expectation.facts import Kind
from tests.specs.faults.as_stored import NOON, as_said, taken, traffic

LEDGER = taken(traffic(seed=7))
FOUND = as_said(LEDGER)
DEVICE = next(
    device_id
    for device_id, said in in_order(LEDGER.statements).items()
    if len([one for one in said if one.fact.kind is Kind.EVENT]) > 3
)
COMMITS = FOUND.commits[DEVICE]
POISON = next(iter(LEDGER.planted))


def kinds(found: Found, *, alone: bool = True) -> dict[Wrong, int]:
    counts = counted(check(LEDGER, found, alone=alone))
    return {wrong: count for wrong, count in counts.items() if count}


def with_commits(commits: list[Commit]) -> Found:
    return replace(FOUND, commits={**FOUND.commits, DEVICE: commits})


def with_shown(shown: Shown) -> Found:
    return replace(FOUND, shown={**FOUND.shown, DEVICE: shown})


def test_nothing_is_wrong_with_what_is_as_it_was_said() -> None:
    assert check(LEDGER, FOUND, alone=True) == []


def an_event(commits: list[Commit]) -> int:
    """Return the place of the first commit with an event, behind the first one."""
    return next(place for place, one in enumerate(commits) if place and one.events[0].code)


def test_a_commit_that_is_missing_in_the_middle_is_a_loss() -> None:
    place = an_event(COMMITS)
    found = kinds(with_commits([*COMMITS[:place], *COMMITS[place + 1 :]]))
    # The message, and the hole in the revisions; the entry of the timeline is now one too many.
    assert found[Wrong.LOST] == 2
    assert set(found) == {Wrong.LOST, Wrong.DIVERGED}


def test_a_message_that_was_acknowledged_and_left_nothing_is_a_loss() -> None:
    last = [one for one in in_order(LEDGER.statements)[DEVICE] if one.leaves_trace][-1]
    kept = [one for one in COMMITS if one.message_id != last.message_id]
    assert kinds(with_commits(kept))[Wrong.LOST] >= 1


def test_a_reading_that_left_no_trace_is_no_loss() -> None:
    device_id, reading = next(
        (device_id, said[-1])
        for device_id, said in in_order(LEDGER.statements).items()
        if said[-1].fact.kind is Kind.CONTACT
    )
    kept = [one for one in FOUND.commits[device_id] if one.message_id != reading.message_id]
    shown = replace(FOUND.shown[device_id], revision=len(kept))
    entries = {
        place: event for place, event in FOUND.entries[device_id].items() if place[0] <= len(kept)
    }
    found = replace(
        FOUND,
        commits={**FOUND.commits, device_id: kept},
        shown={**FOUND.shown, device_id: shown},
        heads={**FOUND.heads, device_id: len(kept)},
        entries={**FOUND.entries, device_id: entries},
    )
    assert kinds(found) == {}


@pytest.mark.parametrize("report_id", ["another", COMMITS[0].report_id])
def test_a_message_that_was_committed_twice_is_doubled(report_id: str) -> None:
    again = replace(COMMITS[0], revision=len(COMMITS) + 1, report_id=report_id)
    assert kinds(with_commits([*COMMITS, again]))[Wrong.DOUBLED] >= 1


def test_a_revision_that_is_there_twice_is_doubled() -> None:
    again = replace(COMMITS[0], report_id="another", message_id="")
    assert kinds(with_commits([*COMMITS, again]))[Wrong.DOUBLED] == 1


def test_a_commit_of_a_message_that_did_not_speak_of_the_device_is_doubled() -> None:
    foreign = replace(COMMITS[0], revision=len(COMMITS) + 1, report_id="r", message_id="nobody's")
    assert kinds(with_commits([*COMMITS, foreign]))[Wrong.DOUBLED] == 1


def test_two_commits_in_the_wrong_order_are_misordered() -> None:
    first, second, *rest = COMMITS
    swapped = [
        replace(second, revision=first.revision),
        replace(first, revision=second.revision),
        *rest,
    ]
    assert kinds(with_commits(swapped))[Wrong.MISORDERED] == 1


def test_a_copy_that_came_later_and_left_no_second_commit_is_in_order() -> None:
    assert any(count > 1 for count in LEDGER.copies.values())
    assert Wrong.MISORDERED not in kinds(FOUND)


def test_a_commit_that_says_something_else_than_the_message_diverges() -> None:
    place = an_event(COMMITS)
    wrong = replace(COMMITS[place], events=(Event("3.1.0.1", NOON),))
    assert set(kinds(with_commits([*COMMITS[:place], wrong, *COMMITS[place + 1 :]]))) == {
        Wrong.DIVERGED
    }


def differs(change: Callable[[Shown], Shown]) -> Found:
    return with_shown(change(FOUND.shown[DEVICE]))


DIVERGED = {
    "the register is behind": differs(lambda one: replace(one, revision=one.revision - 1)),
    "a facet differs": differs(
        lambda one: replace(one, facets={**one.facets, "communication": "LOST?"})
    ),
    "the register lacks a device": replace(
        FOUND, shown={name: one for name, one in FOUND.shown.items() if name != DEVICE}
    ),
    "the head is behind": replace(FOUND, heads={**FOUND.heads, DEVICE: 1}),
    "an entry is missing": replace(FOUND, entries={**FOUND.entries, DEVICE: {}}),
    "an entry is too many": replace(
        FOUND,
        entries={**FOUND.entries, DEVICE: {**FOUND.entries[DEVICE], (1_000, 0): Event()}},
    ),
    "an entry has another time": replace(
        FOUND,
        entries={
            **FOUND.entries,
            DEVICE: {
                place: replace(event, at=event.at + timedelta(seconds=1)) if event.at else event
                for place, event in FOUND.entries[DEVICE].items()
            },
        },
    ),
    "alarms are missing": replace(FOUND, alarms=()),
    "an alarm is there twice": replace(FOUND, alarms=(*FOUND.alarms, FOUND.alarms[0])),
}


@pytest.mark.parametrize("name", DIVERGED)
def test_what_the_register_says_otherwise_diverges(name: str) -> None:
    assert set(kinds(DIVERGED[name])) == {Wrong.DIVERGED}


def test_both_journal_and_register_may_agree_and_still_differ_from_what_was_said() -> None:
    facets = {**COMMITS[-1].facets, "communication": "LOST"}
    found = replace(
        with_commits([*COMMITS[:-1], replace(COMMITS[-1], facets=facets)]),
        shown={**FOUND.shown, DEVICE: Shown(revision=len(COMMITS), facets=facets)},
    )
    assert set(kinds(found)) == {Wrong.DIVERGED}


def put_aside(name: str, quarantine_id: str = "q") -> PutAside:
    return PutAside(quarantine_id=quarantine_id, reason="DEFECT", names=frozenset({name}))


def test_a_sound_message_in_the_quarantine_is_wrong() -> None:
    sound = in_order(LEDGER.statements)[DEVICE][0].message_id
    found = replace(FOUND, put_aside=(*FOUND.put_aside, put_aside(sound)))
    assert kinds(found) == {Wrong.WRONGLY_QUARANTINED: 1}


def test_a_message_of_somebody_else_is_wrong_only_where_nobody_else_speaks() -> None:
    found = replace(FOUND, put_aside=(*FOUND.put_aside, put_aside("somebody else's")))
    assert kinds(found, alone=True) == {Wrong.WRONGLY_QUARANTINED: 1}
    assert kinds(found, alone=False) == {}


def test_poison_that_is_not_in_the_quarantine_is_lost_and_poison_that_lies_there_twice_is_doubled() -> (
    None
):
    rest = tuple(one for one in FOUND.put_aside if POISON not in one.names)
    assert kinds(replace(FOUND, put_aside=rest)) == {Wrong.LOST: 1}
    twice = replace(FOUND, put_aside=(*FOUND.put_aside, put_aside(POISON, "again")))
    assert kinds(twice) == {Wrong.DOUBLED: 1}


def test_what_waits_in_the_queue_is_a_loss_and_dead_letters_beyond_the_poison_are_wrong() -> None:
    assert kinds(replace(FOUND, queued=3)) == {Wrong.LOST: 1}
    assert kinds(replace(FOUND, dead=len(LEDGER.planted) + 1)) == {Wrong.WRONGLY_QUARANTINED: 1}
    assert kinds(replace(FOUND, dead=len(LEDGER.planted))) == {}


def test_a_device_of_which_nobody_spoke_is_wrong_only_where_nobody_else_speaks() -> None:
    found = replace(FOUND, shown={**FOUND.shown, "north/X": Shown(revision=1, facets={})})
    assert kinds(found, alone=True) == {Wrong.DOUBLED: 1}
    assert kinds(found, alone=False) == {}


def test_a_finding_says_what_is_wrong_and_where() -> None:
    assert str(Finding(Wrong.LOST, "north/1", "message 4 has no commit")) == (
        "lost: north/1: message 4 has no commit"
    )
