"""What jobs and imports have in common: versions, leases, and who holds them."""

from datetime import UTC, datetime, timedelta

import pytest

from smoc_service.imports.core.shipment_import import ShipmentImport
from smoc_service.imports.core.shipment_import import State as ImportState
from smoc_service.imports.documents import import_document, import_from
from smoc_service.jobs.core.actions import Tag
from smoc_service.jobs.core.job import Job, Selection
from smoc_service.jobs.core.job import State as JobState
from smoc_service.jobs.documents import job_document, job_from
from smoc_service.who import Who
from smoc_service.work.lasting import LEASE, UNFINISHED_AT_MOST, Holder, LastingWork

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ANNA = Who(subject="s", username="anna")
JOB = Job(
    job_id="0" * 20,
    version=1,
    state=JobState.RUNNING,
    selection=Selection(device_ids=("north/1",)),
    action=Tag(add=("yard-7",)),
    summary="tag 1 device",
    who=ANNA,
    networks=frozenset({"north"}),
    created_at=NOW,
    updated_at=NOW,
)
IMPORT = ShipmentImport(
    import_id="0" * 20,
    version=1,
    state=ImportState.RUNNING,
    file_name="meters.csv",
    who=ANNA,
    networks=None,
    created_at=NOW,
    updated_at=NOW,
)
both = pytest.mark.parametrize("work", [JOB, IMPORT], ids=["job", "import"])
ONE, ONE_AGAIN, TWO = Holder("one", "1"), Holder("one", "2"), Holder("two", "3")


@both
def test_nobody_else_takes_it_while_the_lease_lasts(work: LastingWork) -> None:
    held = work.held(ONE, NOW)
    assert work.is_free_for("two", NOW)
    assert not held.is_free_for("two", NOW + LEASE - timedelta(milliseconds=1))
    assert held.is_free_for("two", NOW + LEASE)
    assert not held.is_held_by(TWO)


@both
def test_who_was_started_again_takes_it_at_once_and_the_one_before_holds_it_no_more(
    work: LastingWork,
) -> None:
    held = work.held(ONE, NOW)
    assert held.is_free_for(ONE_AGAIN.worker, NOW)
    assert not held.is_held_by(ONE_AGAIN)
    again = held.held(ONE_AGAIN, NOW)
    assert again.is_held_by(ONE_AGAIN)
    assert not again.is_held_by(ONE)


@both
def test_what_is_let_go_is_free_and_says_in_which_session_it_was_worked_on(
    work: LastingWork,
) -> None:
    free = work.held(ONE, NOW).let_go()
    assert free.is_free_for("two", NOW)
    assert free.session == ONE.session


@both
def test_every_change_is_another_version_and_a_hold_is_no_update_for_people(
    work: LastingWork,
) -> None:
    later = NOW + timedelta(seconds=1)
    held = work.held(ONE, later)
    assert (held.version, held.updated_at) == (2, NOW)
    assert held.let_go().version == 3
    assert (held.after(later).version, held.after(later).updated_at) == (3, later)


@both
def test_what_nobody_finishes_has_an_end(work: LastingWork) -> None:
    end = NOW + UNFINISHED_AT_MOST
    assert not work.has_lasted_too_long(end)
    assert work.has_lasted_too_long(end + timedelta(seconds=1))
    assert not work.after(NOW, ended_at=NOW).has_lasted_too_long(end + timedelta(seconds=1))


def test_a_job_and_an_import_are_stored_and_read_again_with_their_holder() -> None:
    job, import_ = JOB.held(ONE, NOW), IMPORT.held(ONE, NOW)
    assert job_from(job_document(job)) == job
    assert import_from(import_document(import_)) == import_


def test_only_what_has_not_ended_is_marked_as_unfinished() -> None:
    assert job_document(JOB)["unfinished"]
    assert "unfinished" not in job_document(JOB.cancelled(NOW))
    assert import_document(IMPORT)["unfinished"]
    assert "unfinished" not in import_document(IMPORT.cancelled(NOW))


def test_an_import_that_was_stored_before_imports_had_sessions_is_read() -> None:
    stored = import_document(IMPORT.held(Holder("one", ""), NOW))
    del stored["session"]
    assert import_from(stored) == IMPORT.held(Holder("one", ""), NOW)


@pytest.mark.parametrize("lost", ["version", "created_at", "updated_at", "worker", "lease_until"])
def test_a_stored_document_without_a_field_is_not_read_as_if_the_field_were_empty(
    lost: str,
) -> None:
    document = job_document(JOB)
    del document[lost]
    with pytest.raises(KeyError, match=lost):
        job_from(document)
