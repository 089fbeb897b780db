"""The ledger holds what the broker took, once, and its book can be read again."""

from pathlib import Path

from faults.ledger.ledger import Book, Ledger, read_book
from tests.specs.faults.as_stored import NOON, taken, traffic

SAID = traffic()


def test_a_message_that_the_broker_took_twice_speaks_once() -> None:
    once, twice = Ledger(SAID), Ledger(SAID)
    once.take(SAID.message(30))
    for _ in range(2):
        twice.take(SAID.message(30))
    assert twice.statements == once.statements
    assert (once.published, twice.published) == (1, 2)


def test_what_a_book_tells_is_the_ledger_again(tmp_path: Path) -> None:
    ledger = Ledger(SAID)
    file = tmp_path / "ledger.jsonl"
    with file.open("w") as lines:
        book = Book(lines, ledger)
        for place in range(SAID.messages):
            book.take(map(SAID.message, SAID.published_at(place)), NOON)
    assert read_book(file, SAID) == ledger


def test_the_newest_statement_says_what_a_device_must_show() -> None:
    ledger = taken(SAID)
    for device_id, statements in ledger.statements.items():
        tampered = [one for one in statements if one.fact.code in ("3.12.29.212", "3.12.43.291")]
        if tampered:
            newest = max(tampered, key=lambda one: one.number)
            value = "DETECTED" if newest.fact.code == "3.12.29.212" else "CLEAR"
            assert ledger.expected()[device_id]["tamper"] == value
