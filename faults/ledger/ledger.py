"""The ledger: which messages the broker has acknowledged, and what the park must therefore look like.

A message is noted when the broker has it, never before. Each note is a line of a file as well, so that the history of
a run is kept, and what was noted can be read again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from hes_simulator.expectation.expected import claims_of, newest, settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from faults.ledger.traffic import Message, Poison, Statement, Traffic


@dataclass(slots=True)
class Ledger:
    """What was published, by device and in order; ``copies`` counts how often each number was taken."""

    traffic: Traffic
    copies: dict[int, int] = field(default_factory=dict)
    statements: dict[str, list[Statement]] = field(default_factory=dict)
    planted: dict[str, Poison] = field(default_factory=dict)
    # MessageIDs of all of it.
    messages: set[str] = field(default_factory=set)

    @property
    def published(self) -> int:
        """How many messages the broker took, copies included."""
        return sum(self.copies.values())

    def take(self, message: Message) -> None:
        """Note that the broker has the message."""
        known = self.copies.get(message.number, 0)
        self.copies[message.number] = known + 1
        if known:
            return
        self.messages.add(message.message_id)
        for statement in message.statements:
            self.statements.setdefault(statement.device_id, []).append(statement)
        if message.poison is not None:
            self.planted[message.message_id] = message.poison

    def expected(self) -> dict[str, dict[str, str]]:
        """Return the facets that each device must show, by device id and name of the facet."""
        claims = (
            claim
            for said in self.statements.values()
            for statement in sorted(said, key=lambda each: each.number)
            for claim in claims_of(statement.fact, told_at=self.traffic.began_at)
        )
        return {
            device_id: {facet.value: value for facet, value in settled(found).items()}
            for device_id, found in newest(claims).items()
        }


class Book:
    """The file of a run's ledger: one line for each message that the broker took."""

    def __init__(self, file: TextIO, ledger: Ledger) -> None:
        self._file = file
        self.ledger = ledger

    def take(self, messages: Iterable[Message], at: datetime) -> None:
        """Note that the broker has these messages since ``at``; on return the lines are with the system."""
        for message in messages:
            self.ledger.take(message)
            self._file.write(json.dumps({"number": message.number, "at": at.isoformat()}) + "\n")
        self._file.flush()


def read_book(file: Path, traffic: Traffic) -> Ledger:
    """Return the ledger that a book tells of."""
    ledger = Ledger(traffic)
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            ledger.take(traffic.message(json.loads(line)["number"]))
    return ledger


def in_order(said: Mapping[str, Sequence[Statement]]) -> dict[str, list[Statement]]:
    """Return the statements of each device in the order in which they were published."""
    return {
        device_id: sorted(statements, key=lambda each: each.number)
        for device_id, statements in said.items()
    }
