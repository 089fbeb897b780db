"""What an import goes through: what is allowed when, and counts that always add up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from smoc_service.imports.core.shipment_import import (
    IN_HAND,
    Chunk,
    Counts,
    ImportStateRefused,
    ShipmentImport,
    State,
    Wish,
)
from smoc_service.who import Who
from smoc_service.work.lasting import LEASE, UNFINISHED_AT_MOST, Holder

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
EMPTY = ShipmentImport(
    import_id="0" * 20,
    version=1,
    state=State.UPLOADING,
    file_name="meters.csv",
    who=Who(subject="s", username="anna"),
    networks=frozenset({"north"}),
    created_at=NOW,
    updated_at=NOW,
)
UPLOADED = EMPTY.appended(Chunk(0, 100, "d"), NOW)
CHECKING = UPLOADED.to_be_checked(NOW)
CHECKED = CHECKING.checked(Counts(ready=1500, refused=10), 4, NOW)
RUNNING = CHECKED.to_be_run(NOW)
SENT = RUNNING.sending(NOW)
PART, DONE_PART = Counts(ready=400), Counts(imported=390, unchanged=9, refused=1)


def finished(import_: ShipmentImport) -> ShipmentImport:
    while import_.state is State.RUNNING:
        import_ = import_.sending(NOW).settled(Counts(ready=375), Counts(imported=375), NOW)
    return import_


def test_an_import_goes_from_upload_to_done_and_its_counts_add_up() -> None:
    assert (UPLOADED.received_bytes, CHECKING.state) == (100, State.CHECKING)
    after = SENT.settled(PART, DONE_PART, NOW)
    assert after.counts == Counts(ready=1100, imported=390, unchanged=9, refused=11)
    assert after.counts.total == CHECKED.counts.total
    done = finished(RUNNING)
    assert (done.state, done.ended_at, done.counts.imported) == (State.DONE, NOW, 1500)


def test_no_more_parts_are_in_hand_than_may_be_on_their_way() -> None:
    assert (SENT.next_part, SENT.sent_until) == (0, IN_HAND)
    assert SENT.sending(NOW) is SENT
    assert SENT.settled(PART, DONE_PART, NOW).sending(NOW).sent_until == IN_HAND + 1
    assert replace(SENT, next_part=3, sent_until=3).sending(NOW).sent_until == 4


def test_what_is_asked_twice_is_done_once() -> None:
    assert CHECKING.to_be_checked(NOW) is CHECKING
    assert CHECKED.to_be_checked(NOW) is CHECKED
    assert RUNNING.to_be_run(NOW) is RUNNING
    assert RUNNING.resumed(NOW) is RUNNING
    paused = RUNNING.paused(NOW)
    assert paused.paused(NOW) is paused
    cancelled = CHECKED.cancelled(NOW)
    assert cancelled.cancelled(NOW) is cancelled


def test_a_pause_waits_for_the_rows_in_hand_and_nothing_more_is_sent() -> None:
    assert RUNNING.paused(NOW).state is State.PAUSED
    waiting = SENT.paused(NOW)
    assert (waiting.state, waiting.wish) == (State.RUNNING, Wish.PAUSE)
    assert waiting.sending(NOW) is waiting
    half = waiting.settled(PART, DONE_PART, NOW)
    assert half.state is State.RUNNING
    paused = half.settled(PART, DONE_PART, NOW)
    assert (paused.state, paused.next_part) == (State.PAUSED, 2)
    assert finished(paused.resumed(NOW)).state is State.DONE
    assert waiting.resumed(NOW).wish is Wish.NONE


def test_a_cancelled_import_keeps_what_is_imported_and_skips_the_rest() -> None:
    ended = SENT.cancelled(NOW).settled(PART, DONE_PART, NOW).settled(PART, DONE_PART, NOW)
    assert ended.state is State.CANCELLED
    assert ended.counts == Counts(imported=780, unchanged=18, refused=12, skipped=700)
    assert ended.counts.total == CHECKED.counts.total
    unsent = CHECKED.cancelled(NOW)
    assert (unsent.state, unsent.counts) == (State.CANCELLED, Counts(skipped=1500, refused=10))
    with pytest.raises(ImportStateRefused, match="is being cancelled"):
        SENT.cancelled(NOW).resumed(NOW)
    with pytest.raises(ImportStateRefused, match="is being cancelled"):
        SENT.cancelled(NOW).paused(NOW)


def test_a_file_without_a_good_row_is_done_at_once() -> None:
    none = CHECKING.checked(Counts(refused=3), 1, NOW).to_be_run(NOW)
    assert (none.state, none.counts) == (State.DONE, Counts(refused=3))


@pytest.mark.parametrize(
    ("import_", "deed"),
    [
        (EMPTY, "to_be_checked"),
        (UPLOADED, "to_be_run"),
        (UPLOADED, "paused"),
        (CHECKING, "paused"),
        (CHECKING, "resumed"),
        (CHECKING, "to_be_run"),
        (CHECKED, "resumed"),
        (CHECKING.unreadable("line 1: no", NOW), "to_be_run"),
        (CHECKING.unreadable("line 1: no", NOW), "cancelled"),
        (RUNNING.paused(NOW), "to_be_run"),
        (finished(RUNNING), "paused"),
        (finished(RUNNING), "cancelled"),
        (CHECKED.cancelled(NOW), "to_be_run"),
        (CHECKED.cancelled(NOW), "to_be_checked"),
        (CHECKED.cancelled(NOW), "resumed"),
    ],
)
def test_what_an_import_does_not_take_is_refused_with_its_state(
    import_: ShipmentImport, deed: str
) -> None:
    with pytest.raises(ImportStateRefused, match=import_.import_id):
        getattr(import_, deed)(NOW)


def test_content_is_taken_until_the_check() -> None:
    with pytest.raises(ImportStateRefused, match="being checked: it takes no more content"):
        CHECKING.appended(Chunk(100, 1, "e"), NOW)


def test_one_process_holds_an_import_until_its_lease_is_over() -> None:
    held = RUNNING.held(Holder("one", "5e55"), NOW)
    assert held.is_free_for("one", NOW)
    assert not held.is_free_for("two", NOW)
    assert held.is_free_for("two", NOW + LEASE)
    assert held.let_go().is_free_for("two", NOW)


def test_what_nobody_lets_go_on_ends_by_itself() -> None:
    assert not CHECKED.has_lasted_too_long(NOW + UNFINISHED_AT_MOST)
    assert CHECKED.has_lasted_too_long(NOW + UNFINISHED_AT_MOST + timedelta(seconds=1))
    assert not finished(RUNNING).has_lasted_too_long(NOW + 2 * UNFINISHED_AT_MOST)
