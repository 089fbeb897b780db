"""What is kept of a message that could not be taken."""

from iec_connector.quarantine import body_kind, quarantine_id, shortened, storable_body
from tests.specs.connector.fakes import incoming


def test_the_id_tells_messages_apart_by_network_message_id_and_body() -> None:
    first = quarantine_id("north", "m-1", "<EventMessage/>")
    assert first == quarantine_id("north", "m-1", b"<EventMessage/>")
    others = {
        quarantine_id("south", "m-1", "<EventMessage/>"),
        quarantine_id("north", "m-2", "<EventMessage/>"),
        quarantine_id("north", "m-1", "<EventMessage />"),
        quarantine_id("northm", "-1", "<EventMessage/>"),
    }
    assert len({first, *others}) == 5


def test_secrets_are_stripped_before_the_body_is_cut_off() -> None:
    body = "<ComFunction><password>hunter2</password></ComFunction>" + "x" * 100
    kept, truncated = storable_body(body, 60)
    assert truncated
    assert len(kept) == 60
    assert b"hunter2" not in kept
    assert b"<password>" in kept


def test_bytes_stay_bytes_even_if_they_are_no_text() -> None:
    assert storable_body(b"\xff\xfe\x00junk\x80", 100)[1] is False
    assert body_kind(incoming(b"\xff")) == "bytes"
    assert body_kind(incoming("x")) == "text"


def test_text_that_cannot_be_encoded_is_kept_as_far_as_it_can_be() -> None:
    kept, _ = storable_body("half a pair \ud83d", 100)
    assert kept.startswith(b"half a pair")
    assert quarantine_id("north", "\ud83d", "half a pair \ud83d")


def test_a_detail_stays_readable() -> None:
    assert shortened("short") == "short"
    assert len(shortened("x" * 100_000)) == 4000
