"""The turns of one device that come together: one chain of commits, each report still stands for itself."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from device_hub.device.commands import Command, JoinInto, LeaveAgain, RecordEvent
from device_hub.device.decisions import decide
from device_hub.device.evolution import fold, replay
from device_hub.device.refusal import Reason, Refused
from device_hub.device.rules import DEFAULT_RULES
from device_hub.device.values import EndDeviceEvent, Meaning
from device_hub.turns.history import (
    NOTHING_REMEMBERED,
    Commit,
    CommitRefused,
    Memory,
    Stored,
)
from device_hub.turns.turn import (
    MOST_IN_A_CHAIN,
    Ask,
    Done,
    HistoryUnsettled,
    Outcome,
    Turns,
    take_turn,
)
from tests.specs.hub.device.sentences import (
    at,
    configuration,
    contact,
    facts,
    link,
    power_lost,
    power_restored,
)
from tests.specs.hub.device.test_laws import commands, record_event
from tests.specs.hub.in_memory_history import InMemoryHistory

DEVICE = "north/LGZ0012345678"
EMPTY = RecordEvent(facts=facts("10:00"), event=EndDeviceEvent(code="", meaning=Meaning.NOTED))


class DatabaseInTrouble(Exception):
    """What a journal raises when nobody knows whether a commit is stored."""


def turns(
    history: InMemoryHistory, *told: tuple[str, Command], memory: Memory = NOTHING_REMEMBERED
) -> Turns:
    reports = [Ask(report_id=report_id, command=command) for report_id, command in told]
    return Turns(history, memory, device_id=DEVICE, reports=reports, rules=DEFAULT_RULES)


def recorded(revision: int) -> Done:
    return Done(Outcome.RECORDED, revision)


def unchanged(revision: int) -> Done:
    return Done(Outcome.UNCHANGED, revision)


def events(count: int) -> list[tuple[str, Command]]:
    made = [power_lost, power_restored]
    return [(f"r-{number}", made[number % 2](f"{10 + number % 10}:00")) for number in range(count)]


async def test_many_reports_are_few_chains_and_each_has_its_own_commit_and_revision() -> None:
    history = InMemoryHistory()
    many = turns(history, *events(3 * MOST_IN_A_CHAIN))
    await many.take()
    assert many.endings == [recorded(number + 1) for number in range(3 * MOST_IN_A_CHAIN)]
    assert history.chains == [MOST_IN_A_CHAIN] * 3
    assert (history.looked_up, history.recalled) == (1, 0)
    assert many.memory == Memory(device=history.commits[-1].after, revision=3 * MOST_IN_A_CHAIN)


async def test_a_group_that_comes_again_costs_one_query_and_no_commit() -> None:
    history = InMemoryHistory()
    first = turns(history, *events(50))
    await first.take()
    history.looked_up, history.chains = 0, []
    again = turns(history, *events(50), memory=first.memory)
    await again.take()
    assert again.endings == first.endings
    assert (history.looked_up, history.chains, history.recalled) == (1, [], 0)


async def test_few_reports_are_not_looked_up_before_the_journal_says_that_they_are_there() -> None:
    history = InMemoryHistory()
    first = turns(history, *events(3))
    await first.take()
    assert (history.looked_up, history.chains) == (0, [3])
    again = turns(history, *events(3), memory=first.memory)
    await again.take()
    assert again.endings == first.endings
    assert history.looked_up == 1
    assert len(history.commits) == 3


async def test_what_is_new_in_a_group_that_comes_again_follows_what_was_there() -> None:
    history = InMemoryHistory()
    await turns(history, *events(30)).take()
    again = turns(history, *events(50))
    await again.take()
    assert again.endings == [recorded(number + 1) for number in range(50)]
    assert len(history.commits) == 50


async def test_identical_reports_in_one_group_are_committed_once_and_each_has_its_verdict() -> None:
    history = InMemoryHistory()
    same = turns(history, *[("r-1", power_lost("10:00"))] * 500, ("r-2", power_restored("10:05")))
    await same.take()
    assert same.endings == [recorded(1)] * 500 + [recorded(2)]
    assert len(history.commits) == 2


async def test_what_changes_nothing_and_what_is_refused_stands_beside_the_chain() -> None:
    history = InMemoryHistory()
    group = turns(
        history,
        ("r-1", link("UP-7", "09:00")),
        ("r-2", link("UP-7", "09:00")),
        ("r-3", EMPTY),
        ("r-4", power_lost("10:00")),
        ("r-5", contact("10:00")),
    )
    await group.take()
    assert group.endings[:2] == [recorded(1), unchanged(1)]
    assert isinstance(group.endings[2], Refused)
    assert group.endings[3] == recorded(2)
    assert [commit.report_id for commit in history.commits][:2] == ["r-1", "r-4"]


async def test_a_redelivery_in_a_group_is_not_refused_by_newer_rules() -> None:
    history = InMemoryHistory()
    first = turns(history, ("r-1", power_lost("10:00")))
    await first.take()
    again = turns(history, ("r-1", EMPTY), ("r-2", EMPTY), memory=first.memory)
    await again.take()
    assert again.endings[0] == recorded(1)
    assert isinstance(again.endings[1], Refused)


async def test_another_writer_in_the_middle_of_a_chain_makes_the_rest_decide_again() -> None:
    history = InMemoryHistory()

    async def other_host() -> None:
        await take_turn(
            history,
            NOTHING_REMEMBERED,
            device_id=DEVICE,
            report_id="r-other",
            command=configuration("IN_OPERATION", "08:00"),
            rules=DEFAULT_RULES,
        )

    history.meanwhile = other_host
    group = turns(history, *events(10))
    await group.take()
    assert group.endings == [recorded(number + 2) for number in range(10)]
    assert [commit.revision for commit in history.commits] == list(range(1, 12))
    assert replay([event for commit in history.commits for event in commit.events]) == (
        group.memory.device
    )


async def test_a_host_that_takes_the_same_group_at_the_same_time_doubles_nothing() -> None:
    history = InMemoryHistory()
    history.meanwhile = lambda: turns(history, *events(30)).take()
    group = turns(history, *events(40))
    await group.take()
    assert group.endings == [recorded(number + 1) for number in range(40)]
    assert len(history.commits) == 40


async def test_a_stale_memory_calls_no_report_of_a_group_unchanged() -> None:
    history = InMemoryHistory()
    before = turns(history, ("r-1", link("UP-7", "09:00")))
    await before.take()
    await turns(history, ("r-2", link("UP-8", "10:00")), memory=before.memory).take()
    group = turns(
        history,
        ("r-3", link("UP-7", "11:00")),
        ("r-4", link("UP-7", "11:00")),
        memory=before.memory,
    )
    await group.take()
    assert group.endings == [recorded(3), unchanged(3)]


async def test_a_group_that_changes_nothing_asks_the_journal_once() -> None:
    history = InMemoryHistory()
    before = turns(history, ("r-0", link("UP-7", "09:00")))
    await before.take()
    group = [(f"r-{number}", link("UP-7", "09:00")) for number in range(1, 100)]
    again = turns(history, *group, memory=before.memory)
    await again.take()
    assert again.endings == [unchanged(1)] * 99
    assert history.recalled == 1


@dataclass
class Breaking(InMemoryHistory):
    """Stores as many commits of each chain as it is told, then says why it stops."""

    breaks: list[tuple[int, Exception]] = field(default_factory=list)

    async def commit(self, chain: Sequence[Commit]) -> Stored:
        if not self.breaks:
            return await super().commit(chain)
        at, stop = self.breaks.pop(0)
        stored = await super().commit(chain[:at])
        return stored if stored.stop else Stored(stored.count, stop)


async def test_of_a_chain_that_breaks_the_first_part_is_answered_and_the_rest_is_open() -> None:
    history = Breaking(breaks=[(4, DatabaseInTrouble())])
    group = turns(history, *events(10))
    with pytest.raises(DatabaseInTrouble):
        await group.take()
    assert group.endings == [recorded(number + 1) for number in range(4)] + [None] * 6
    assert group.memory.revision == 4


async def test_a_commit_that_the_journal_can_never_hold_is_refused_alone() -> None:
    history = Breaking(breaks=[(4, CommitRefused("17 MB"))])
    group = turns(history, *events(10))
    await group.take()
    assert isinstance(group.endings[4], CommitRefused)
    assert [one for one in group.endings if isinstance(one, Done)] == [
        recorded(revision) for revision in range(1, 10)
    ]
    assert [commit.revision for commit in history.commits] == list(range(1, 10))


async def test_what_was_found_before_the_trouble_stays_answered() -> None:
    history = InMemoryHistory()
    await turns(history, *events(3)).take()

    class Unreachable(InMemoryHistory):
        async def commit(self, chain: Sequence[Commit]) -> Stored:
            raise DatabaseInTrouble(f"{len(chain)} commits")

    away = Unreachable(commits=history.commits)
    group = turns(away, *events(5))
    with pytest.raises(DatabaseInTrouble):
        await group.take()
    assert group.endings == [recorded(1), recorded(2), recorded(3), None, None]


# --- laws ----------------------------------------------------------------------------------------


@dataclass
class Rough(InMemoryHistory):
    """A journal whose answers get lost: how much of a chain is stored before that, chance says."""

    chance: st.DataObject | None = None
    calm: bool = False

    async def commit(self, chain: Sequence[Commit]) -> Stored:
        if self.calm or self.chance is None:
            return await super().commit(chain)
        what = self.chance.draw(st.sampled_from(["all", "broken", "lost"]))
        at = self.chance.draw(st.integers(0, len(chain)))
        match what:
            case "all":
                return await super().commit(chain)
            case "broken":
                stored = await super().commit(chain[:at])
                return stored if stored.stop else Stored(stored.count, DatabaseInTrouble())
            case _:
                await super().commit(chain[:at])
                raise DatabaseInTrouble

    async def find(self, device_id: str, report_ids: Collection[str]) -> dict[str, int]:
        if not self.calm and self.chance is not None and self.chance.draw(st.booleans()):
            raise DatabaseInTrouble
        return await super().find(device_id, report_ids)


async def delivered(
    history: Rough, told: Sequence[tuple[str, Command]], chance: st.DataObject
) -> None:
    """Send groups, each again until all of it has ended, to hosts that forget or remember."""
    memories = [NOTHING_REMEMBERED, NOTHING_REMEMBERED]
    left = list(told)
    roughness = 20
    while left:
        size = chance.draw(st.integers(1, len(left)))
        host = chance.draw(st.integers(0, 1))
        if chance.draw(st.booleans()):
            memories[host] = NOTHING_REMEMBERED
        roughness -= 1
        history.calm = roughness < 0
        group = turns(history, *left[:size], memory=memories[host])
        with suppress(DatabaseInTrouble, HistoryUnsettled):
            await group.take()
        memories[host] = group.memory
        ended = [one is not None for one in group.endings]
        left = [one for one, done in zip(left, ended, strict=False) if not done] + left[size:]


def one_by_one(told: Sequence[tuple[str, Command]]) -> list[str]:
    return list(dict.fromkeys(report_id for report_id, _ in told))


numbered = st.lists(st.tuples(st.integers(0, 9).map(lambda n: f"r-{n}"), record_event), max_size=14)


@for_any(numbered, st.data())
async def test_chains_crashes_and_redeliveries_give_the_history_of_one_by_one(
    told: list[tuple[str, Command]], chance: st.DataObject
) -> None:
    plain = InMemoryHistory()
    memory = NOTHING_REMEMBERED
    for report_id, command in told:
        taken = await take_turn(
            plain,
            memory,
            device_id=DEVICE,
            report_id=report_id,
            command=command,
            rules=DEFAULT_RULES,
        )
        memory = taken.memory
    rough = Rough(chance=chance)
    await delivered(rough, told, chance)
    assert [commit.report_id for commit in rough.commits] == one_by_one(told)
    assert rough.commits == plain.commits


mixed = st.lists(st.tuples(st.integers(0, 9).map(lambda n: f"r-{n}"), commands), max_size=14)


@for_any(mixed, st.data())
async def test_whatever_comes_the_history_has_no_hole_and_no_report_twice(
    told: list[tuple[str, Command]], chance: st.DataObject
) -> None:
    rough = Rough(chance=chance)
    await delivered(rough, told, chance)
    commits = rough.commits
    assert [commit.revision for commit in commits] == list(range(1, len(commits) + 1))
    assert len({commit.report_id for commit in commits}) == len(commits)
    for place, commit in enumerate(commits):
        lived = [event for one in commits[: place + 1] for event in one.events]
        assert replay(lived) == commit.after


def by_hand(history: InMemoryHistory, *commands: Command) -> Memory:
    """Another writer commits what these commands do."""
    for command in commands:
        last = history.commits[-1]
        events = decide(last.after, command, DEFAULT_RULES)
        history.commits.append(
            Commit(
                device_id=DEVICE,
                revision=last.revision + 1,
                report_id=f"by-hand-{last.revision}",
                events=events,
                after=fold(last.after, events),
            )
        )
    return Memory(device=history.commits[-1].after, revision=history.commits[-1].revision)


async def test_a_device_that_was_parted_again_takes_reports_where_its_join_is_still_remembered() -> (
    None
):
    history = InMemoryHistory()
    await turns(history, ("r-1", power_lost("10:00"))).take()
    said: dict[str, Any] = {"at": at("11:00"), "by": "anna", "reason": "one meter"}
    stale = by_hand(history, JoinInto(into="north/S1", **said))
    by_hand(history, LeaveAgain(**said))
    parted = turns(history, ("r-2", power_restored("12:00")), memory=stale)
    await parted.take()
    assert parted.endings == [recorded(4)]


async def test_a_refusal_by_a_memory_that_is_out_of_date_is_decided_again() -> None:
    history = InMemoryHistory()
    await turns(history, ("r-1", power_lost("10:00"))).take()
    said: dict[str, Any] = {"at": at("11:00"), "by": "anna", "reason": "one meter"}
    stale = by_hand(history, JoinInto(into="north/S1", **said))
    by_hand(history, LeaveAgain(**said))
    many = turns(history, ("r-2", EMPTY), ("r-3", power_restored("12:00")), memory=stale)
    await many.take()
    refused, done = many.endings
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.REPORT_EMPTY
    assert done == recorded(4)
