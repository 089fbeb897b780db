from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hes_simulator.expectation.expected import FacetName
from hes_simulator.expectation.facts import Kind
from hes_simulator.faults import Faults, Outgoing, write_out
from hes_simulator.ledger.ledger import Ledger
from hes_simulator.ledger.reader import LedgerError, LedgerReader
from hes_simulator.life.life import Chapter, Pace, Place
from hes_simulator.messages.event_messages import Content, Lifecycle
from tests.specs.simulator.builders import METER, NOON, after, config, events

REACHED = (
    Chapter(number=2, pace=Pace(rate=3.5), size=50, first_device=7, first_turn=9),
    Place(seconds=1 / 3, row=1, slot=12, step=2),
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "deep" / "ledger.sqlite") as opened:
        yield opened


def outgoing(content: Content, number: int, faults: Faults | None = None) -> list[Outgoing]:
    return write_out(
        content,
        stream="north@1",
        numbers=(number,),
        source="HES-north",
        at=NOON,
        faults=faults or Faults(),
    )


def tell(ledger: Ledger, *contents: Content, faults: Faults | None = None) -> None:
    """Plan and send, one after the other."""
    for number, content in enumerate(contents):
        messages = [(NOON, one) for one in outgoing(content, number, faults)]
        pending = ledger.plan("life", messages)
        ledger.sent([one.number for one in pending], after(600))


def test_what_is_planned_is_kept_until_the_broker_has_it(ledger: Ledger) -> None:
    [message] = outgoing(events(("3.26.0.85", 0)), 1)
    due_at = NOON + timedelta(seconds=1.5)
    [planned] = ledger.plan("life", [(due_at, message)])
    assert ledger.unsent("life") == [planned]
    assert (planned.body, planned.due_at) == (message.body, due_at)
    assert ledger.unsent("storm") == []
    ledger.sent([planned.number], NOON)
    assert ledger.unsent("life") == []


def test_nothing_is_expected_before_the_broker_has_it(ledger: Ledger) -> None:
    pending = ledger.plan("life", [(NOON, outgoing(events(("3.26.0.85", 0)), 1)[0])])
    assert ledger.expected() == {}
    assert ledger.counts() == {"sent": 0, "unsent": 1}
    ledger.sent([one.number for one in pending], NOON)
    assert ledger.expected()[METER.device_id][FacetName.POWER] == "OFF"


def test_a_ledger_that_is_opened_again_knows_its_park_its_place_and_what_is_unsent(
    ledger: Ledger,
) -> None:
    park = ledger.adopt(network="north", size=50, seed=7, at=NOON)
    [message] = outgoing(events(("3.26.0.85", 0)), 1)
    planned = ledger.plan(park.stream, [(NOON, message)], REACHED)
    with Ledger(ledger.path) as again:
        assert again.adopt(network="north", size=60, seed=7, at=after(60)).stream == park.stream
        assert again.position(park.stream) == REACHED
        assert again.unsent(park.stream) == planned


def test_a_ledger_is_about_one_park(ledger: Ledger) -> None:
    ledger.adopt(network="north", size=50, seed=7, at=NOON)
    for network, size, seed in (("south", 50, 7), ("north", 50, 8), ("north", 49, 7)):
        with pytest.raises(LedgerError, match="name another one with --ledger"):
            ledger.adopt(network=network, size=size, seed=seed, at=NOON)


def test_facets_are_right_after_disorder_and_late_events(ledger: Ledger) -> None:
    tell(
        ledger,
        config(Lifecycle.IN_OPERATION, 30, firmware="1.5.0"),
        config(Lifecycle.UPDATE_IN_PROGRESS, 20, firmware="1.4.0"),
        events(("3.26.0.216", 50)),
        events(("3.26.0.85", 40), ("3.12.29.212", 41)),
        events(("3.31.0.68", 60)),
        events(("3.31.0.42", 59)),
    )
    expected = ledger.expected()[METER.device_id]
    assert expected[FacetName.LIFECYCLE] == "IN_OPERATION"
    assert expected[FacetName.FIRMWARE_VERSION] == "1.5.0"
    assert expected[FacetName.POWER] == "ON"
    assert expected[FacetName.TAMPER] == "DETECTED"
    assert expected[FacetName.SWITCH] == "DISCONNECTED"


def test_duplicates_count_once_and_malformed_messages_count_apart(ledger: Ledger) -> None:
    tell(ledger, events(("3.26.0.85", 40)), faults=Faults(duplicates=1.0, malformed=1.0))
    assert ledger.told() == {METER.device_id: {Kind.EVENT: 1}}
    assert ledger.counts() == {
        "sent": 3,
        "unsent": 0,
        "fact event": 1,
        "fact unreadable": 1,
        "fault duplicate": 1,
        "fault malformed": 1,
    }


def test_old_messages_are_forgotten_and_what_they_made_of_the_park_is_not(ledger: Ledger) -> None:
    tell(ledger, *(events(("3.26.0.85", second)) for second in range(10)))
    [unsent] = ledger.plan("life", [(NOON, outgoing(events(("3.26.0.216", 99)), 99)[0])])
    before = (ledger.expected(), ledger.told(), ledger.counts())
    ledger.forget(keep=3)
    assert (ledger.expected(), ledger.told(), ledger.counts()) == before
    assert len(ledger.last(100)) == 3
    ledger.forget(keep=0)
    assert [entry.number for entry in ledger.last(100)] == [unsent.number]


def test_the_ledger_shows_what_a_message_said(ledger: Ledger) -> None:
    content = events(("3.26.0.85", 40))
    tell(ledger, content)
    [entry] = LedgerReader(ledger.path).last(5)
    [message] = outgoing(content, 0)
    assert (entry.message_id, entry.noun) == (message.message_id, "EndDeviceEvents")
    assert entry.facts == message.facts
    assert entry.sent_at == after(600)


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("this is not a database, and long enough to tell\n" * 20)
    with pytest.raises(LedgerError, match=r"notes\.txt"):
        Ledger(tmp_path / "notes.txt")
