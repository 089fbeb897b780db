"""What a job goes through, and what it does with one device: without a database."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoc_service.jobs.core.actions import (
    AcknowledgeAlarms,
    Action,
    ActionRefused,
    AssignAlarms,
    MarkForExchange,
    Tag,
    UnmarkForExchange,
    WorkAction,
    alarms_for,
    sentence_for,
    work_after,
)
from smoc_service.jobs.core.job import (
    ENDED,
    Job,
    JobStateRefused,
    Outcome,
    Result,
    Selection,
    State,
    has_grown_too_much,
)
from smoc_service.jobs.documents import job_document, job_from
from smoc_service.register.device import ExchangeMark, Work
from smoc_service.who import Who
from smoc_service.work.lasting import LEASE, Holder
from tests.specs.smoc.alarming import ANNA, START, Alarms, after, meter_with

TAG = Tag(add=("yard-7",))
RESULTS = st.sampled_from([Outcome.DONE, Outcome.UNCHANGED, Outcome.FAILED])


def job(**fields: Any) -> Job:
    told_: dict[str, Any] = {
        "job_id": "0" * 20,
        "version": 1,
        "state": State.PREPARING,
        "selection": Selection(device_ids=("north/1",)),
        "action": TAG,
        "summary": sentence_for(TAG, 10),
        "who": ANNA,
        "networks": frozenset({"north"}),
        "created_at": START,
        "updated_at": START,
    }
    return Job(**(told_ | fields))


def results(*outcomes: Outcome) -> list[Result]:
    return [Result(outcome=each) for each in outcomes]


@given(
    total=st.integers(0, 200),
    steps=st.lists(
        st.lists(RESULTS, min_size=1, max_size=30)
        | st.sampled_from(["pause", "resume", "cancel", "take"]),
        max_size=30,
    ),
)
def test_whatever_comes_the_counts_add_up_and_the_next_device_follows_the_last(
    total: int, steps: list[Any]
) -> None:
    now, it = after(1), job().fixed("l", total, after(1))
    done: list[Outcome] = []
    for step in steps:
        version = it.version
        try:
            match step:
                case "pause":
                    it = it.paused(now)
                case "resume":
                    it = it.resumed(now)
                case "cancel":
                    it = it.cancelled(now)
                case "take":
                    it = it.held(Holder("w", "5e55"), now)
                case outcomes if it.state is State.RUNNING:
                    outcomes = outcomes[: it.counts.pending]
                    it = it.worked(results(*outcomes), now)
                    done += outcomes
        except JobStateRefused:
            assert it.version == version
        counts = it.counts
        assert counts.total == total
        assert counts.worked == len(done)
        assert (counts.done, counts.failed) == (
            done.count(Outcome.DONE),
            done.count(Outcome.FAILED),
        )
        assert (it.state in ENDED) == (it.ended_at is not None)
        assert counts.pending == 0 or it.state not in ENDED
        assert counts.skipped == (total - len(done) if it.state is State.CANCELLED else 0)
        assert job_from(job_document(it)) == it


@pytest.mark.parametrize(
    ("state", "pause", "resume", "cancel"),
    [
        (State.PREPARING, None, State.PREPARING, State.CANCELLED),
        (State.RUNNING, State.PAUSED, State.RUNNING, State.CANCELLED),
        (State.PAUSED, State.PAUSED, State.RUNNING, State.CANCELLED),
        (State.DONE, None, None, None),
        (State.CANCELLED, None, None, State.CANCELLED),
    ],
)
def test_the_table_of_states_is_what_happens(
    state: State, pause: State | None, resume: State | None, cancel: State | None
) -> None:
    given_job = job(state=state, ended_at=START if state in ENDED else None)
    for change, becomes in (
        (given_job.paused, pause),
        (given_job.resumed, resume),
        (given_job.cancelled, cancel),
    ):
        if becomes is None:
            with pytest.raises(JobStateRefused):
                change(after(5))
            continue
        changed = change(after(5))
        assert changed.state is becomes
        # The same again is no change, and no version.
        assert (changed is given_job) == (becomes is state)


def test_a_job_is_free_when_nobody_holds_it_or_who_held_it_was_not_heard_of() -> None:
    held = job(state=State.RUNNING).held(Holder("one", "5e55"), START)
    assert held.is_free_for("one", START)
    assert not held.is_free_for("two", START + LEASE - timedelta(seconds=1))
    assert held.is_free_for("two", START + LEASE)


def test_a_job_that_nobody_lets_go_on_has_an_end() -> None:
    waiting = job(state=State.PAUSED)
    assert not waiting.has_lasted_too_long(START + timedelta(days=30))
    assert waiting.has_lasted_too_long(START + timedelta(days=30, seconds=1))


@pytest.mark.parametrize(
    ("expected", "count", "refused"),
    [(0, 9, False), (10, 11, False), (10, 12, True), (9, 10, True)],
)
def test_a_selection_may_grow_by_a_tenth_since_it_was_looked_at(
    expected: int, count: int, *, refused: bool
) -> None:
    assert has_grown_too_much(expected, count) is refused


MARK = ExchangeMark(reason="leaks", username="anna", at=START)


@pytest.mark.parametrize(
    ("before", "action", "expected"),
    [
        (Work(), TAG, Work(version=1, tags=("yard-7",))),
        (Work(version=3, tags=("yard-7",)), TAG, None),
        (
            Work(version=3, tags=("a",)),
            Tag(add=("b", "a"), remove=("c",)),
            Work(version=4, tags=("a", "b")),
        ),
        (Work(version=3, tags=("a", "c")), Tag(remove=("c",)), Work(version=4, tags=("a",))),
        (Work(), MarkForExchange(reason="leaks"), Work(version=1, exchange=MARK)),
        (Work(version=1, exchange=MARK), MarkForExchange(reason="leaks"), None),
        (Work(version=1, exchange=MARK), UnmarkForExchange(), Work(version=2)),
        (Work(), UnmarkForExchange(), None),
    ],
)
def test_a_deed_changes_what_is_said_of_a_device_once(
    before: Work, action: WorkAction, expected: Work | None
) -> None:
    changed = work_after(before, action, "anna", START)
    if expected is None:
        assert changed is before
    else:
        assert changed == expected
        assert work_after(changed, action, "anna", after(9)) is changed


def test_a_device_carries_at_most_twenty_tags_and_can_always_lose_some() -> None:
    full = Work(version=1, tags=tuple(f"t{n:02}" for n in range(20)))
    with pytest.raises(ActionRefused, match="21 tags"):
        work_after(full, TAG, "anna", START)
    swapped = work_after(full, Tag(add=("x",), remove=("t00",)), "anna", START)
    assert len(swapped.tags) == 20


def test_alarms_are_acknowledged_when_open_and_assigned_when_somebody_else_has_them() -> None:
    alarms = Alarms()
    alarms.look(meter_with("tamper", "DETECTED"), 0)
    open_ = alarms.only()
    assert alarms_for(AcknowledgeAlarms(), [open_]) == [open_]
    assert alarms_for(AcknowledgeAlarms(rules=("silent",)), [open_]) == []
    given_away = open_.after(state="ASSIGNED", assignee="victor")
    assert alarms_for(AssignAlarms(assignee="victor"), [open_, given_away]) == [open_]
    assert alarms_for(AssignAlarms(assignee="otto"), [given_away]) == [given_away]


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (TAG, "Tag 1,204 devices with yard-7"),
        (Tag(remove=("a",)), "Remove a from 1,204 devices"),
        (Tag(add=("a", "b"), remove=("c",)), "Tag 1,204 devices with a, b, remove c from them"),
        (MarkForExchange(reason="leaks"), "Mark 1,204 devices for exchange: leaks"),
        (UnmarkForExchange(), "Remove the exchange mark from 1,204 devices"),
        (AcknowledgeAlarms(), "Acknowledge all alarms of 1,204 devices"),
        (AssignAlarms(assignee="otto", rules=("r",)), "Assign alarms (r) of 1,204 devices to otto"),
    ],
)
def test_a_job_is_told_in_a_sentence_and_stored_whole(action: Action, sentence: str) -> None:
    assert sentence_for(action, 1204) == sentence
    kept = job(action=action, who=Who(subject="s", username="anna"), networks=None)
    assert job_from(job_document(kept)) == kept
