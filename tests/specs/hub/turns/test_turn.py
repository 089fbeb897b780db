"""A turn: recall, decide, commit; at most once, whoever else writes."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from device_hub.device.commands import Command, RecordEvent
from device_hub.device.lifecycle import lifecycle_of
from device_hub.device.refusal import Reason, Refused
from device_hub.device.rules import DEFAULT_RULES
from device_hub.device.values import EndDeviceEvent, Meaning
from device_hub.turns.history import (
    NOTHING_REMEMBERED,
    Commit,
    HistoryMoved,
    Memory,
    Origin,
    Stored,
)
from device_hub.turns.turn import (
    MOST_ATTEMPTS,
    HistoryUnsettled,
    Outcome,
    Taken,
    recall,
    take_turn,
)
from tests.specs.hub.device.sentences import (
    configuration,
    contact,
    facts,
    link,
    power_lost,
    power_restored,
    silence,
)
from tests.specs.hub.in_memory_history import InMemoryHistory

DEVICE = "north/LGZ0012345678"
IN_OPERATION = configuration("IN_OPERATION", "08:00", model="E450")
WITHOUT_CODE = RecordEvent(
    facts=facts("10:00"), event=EndDeviceEvent(code="", meaning=Meaning.UNSPECIFIED)
)


class NeverSettling(InMemoryHistory):
    async def commit(self, chain: Sequence[Commit]) -> Stored:
        return Stored(0, HistoryMoved(f"revision {chain[0].revision} is taken"))


async def turn(
    history: InMemoryHistory, report_id: str, command: Command, memory: Memory | None = None
) -> Taken:
    return await take_turn(
        history,
        memory or NOTHING_REMEMBERED,
        device_id=DEVICE,
        report_id=report_id,
        command=command,
        rules=DEFAULT_RULES,
    )


async def test_a_report_becomes_one_commit_with_the_device_after_it() -> None:
    history = InMemoryHistory()
    origin = Origin(source="hes-north", message_id="m-1")
    taken = await take_turn(
        history,
        NOTHING_REMEMBERED,
        device_id=DEVICE,
        report_id="r-1",
        command=IN_OPERATION,
        rules=DEFAULT_RULES,
        origin=origin,
    )
    assert (taken.outcome, taken.revision) == (Outcome.RECORDED, 1)
    (commit,) = history.commits
    assert (commit.device_id, commit.revision, commit.report_id) == (DEVICE, 1, "r-1")
    assert commit.after == taken.memory.device
    assert commit.origin == origin
    assert lifecycle_of(commit.after).value == "IN_OPERATION"


async def test_turns_follow_each_other_by_revision_without_recalling() -> None:
    history = InMemoryHistory()
    first = await turn(history, "r-1", IN_OPERATION)
    second = await turn(history, "r-2", power_lost("10:00"), first.memory)
    assert second.revision == 2
    assert history.recalled == 0


async def test_a_report_that_says_nothing_new_is_unchanged_and_not_committed() -> None:
    history = InMemoryHistory()
    first = await turn(history, "r-1", IN_OPERATION)
    again = await turn(history, "r-2", IN_OPERATION, first.memory)
    assert (again.outcome, again.revision) == (Outcome.UNCHANGED, 1)
    assert len(history.commits) == 1


async def test_a_report_that_comes_twice_counts_once() -> None:
    history = InMemoryHistory()
    first = await turn(history, "r-1", power_lost("10:00"))
    second = await turn(history, "r-2", power_restored("10:05"), first.memory)
    again = await turn(history, "r-1", power_lost("10:00"), second.memory)
    assert (again.outcome, again.revision) == (Outcome.RECORDED, 1)
    assert again.memory == second.memory
    assert len(history.commits) == 2


async def test_a_stale_memory_is_refreshed_and_decides_again() -> None:
    history = InMemoryHistory()
    await turn(history, "r-1", power_restored("10:05"))
    taken = await turn(history, "r-2", power_lost("10:00"), NOTHING_REMEMBERED)
    assert taken.revision == 2
    assert taken.memory.device.supply.value == "ON"
    assert len(history.commits[1].events) == 1, "the other writer heard of the device first"


async def test_another_writer_in_the_middle_of_a_turn_loses_nothing() -> None:
    history = InMemoryHistory()
    history.meanwhile = lambda: turn(history, "r-other", power_lost("10:00"))
    taken = await turn(history, "r-mine", power_restored("10:05"))
    assert [commit.report_id for commit in history.commits] == ["r-other", "r-mine"]
    assert taken.memory.device.supply.value == "ON"


async def test_the_same_report_taken_by_two_hosts_counts_once() -> None:
    history = InMemoryHistory()
    history.meanwhile = lambda: turn(history, "r-1", power_lost("10:00"))
    taken = await turn(history, "r-1", power_lost("10:00"))
    assert (taken.outcome, taken.revision, len(history.commits)) == (Outcome.RECORDED, 1, 1)
    assert taken.memory.revision == 1


async def test_a_stale_memory_does_not_call_a_configuration_unchanged() -> None:
    history = InMemoryHistory()
    stale = (await turn(history, "r-1", link("UP-7", "09:00"))).memory
    await turn(history, "r-2", link("UP-8", "10:00"), stale)
    taken = await turn(history, "r-3", link("UP-7", "11:00"), stale)
    assert (taken.outcome, taken.revision) == (Outcome.RECORDED, 3)
    assert taken.memory.device.attributes["usage_point"] == "UP-7"


async def test_an_unchanged_contact_asks_the_journal_nothing() -> None:
    history = InMemoryHistory()
    first = await turn(history, "r-1", contact("10:00"))
    taken = await turn(history, "r-2", contact("10:01"), first.memory)
    assert (taken.outcome, history.recalled) == (Outcome.UNCHANGED, 0)


async def test_a_stale_memory_does_not_keep_a_silent_device_from_being_noticed() -> None:
    history = InMemoryHistory()
    stale = (await turn(history, "r-1", link("UP-7", "09:00"))).memory
    await turn(history, "r-2", IN_OPERATION, stale)
    taken = await turn(history, "r-3", silence("3 10:00"), stale)
    assert (taken.outcome, taken.revision) == (Outcome.RECORDED, 3)
    assert lifecycle_of(taken.memory.device).value == "POOR_COMMUNICATION"


async def test_a_refused_report_is_refused() -> None:
    history = InMemoryHistory()
    with pytest.raises(Refused) as refusal:
        await turn(history, "r-1", WITHOUT_CODE)
    assert refusal.value.reason is Reason.REPORT_EMPTY
    assert history.commits == []


async def test_a_redelivery_of_what_was_committed_is_not_refused() -> None:
    history = InMemoryHistory()
    first = await turn(history, "r-1", power_lost("10:00"))
    again = await turn(history, "r-1", WITHOUT_CODE, first.memory)
    assert (again.outcome, again.revision) == (Outcome.RECORDED, 1)


async def test_a_history_that_never_settles_ends_in_an_error_that_says_so() -> None:
    history = NeverSettling()
    with pytest.raises(HistoryUnsettled, match=f"{DEVICE}.*{MOST_ATTEMPTS} attempts"):
        await turn(history, "r-1", power_lost("10:00"))
    assert history.recalled == MOST_ATTEMPTS


async def test_recalling_brings_a_memory_up_to_date_and_keeps_one_that_is() -> None:
    history = InMemoryHistory()
    first = await turn(history, "r-1", power_lost("10:00"))
    second = await turn(history, "r-2", power_restored("10:05"), first.memory)
    assert await recall(history, DEVICE, first.memory) == second.memory
    assert await recall(history, DEVICE, second.memory) is second.memory
    assert await recall(history, "north/other") == NOTHING_REMEMBERED
    assert replace(second.memory, revision=2) == second.memory
