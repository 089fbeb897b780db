"""The ledger: planned messages, messages that the broker accepted, and the expected park; one SQLite file.

It is an outbox: it holds a message with its body before the message is sent, and drops the body when the broker has it.
So a simulator that was killed sends the rest, the very same messages, and goes on from the place it had reached. A
message that the broker took just before the kill comes twice, with the same MessageID; it counts once.

What the park must look like is kept per device and facet when a message is accepted by the broker, never
before; so old messages can be forgotten and the answer stays true.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from hes_simulator.expectation.expected import claims_of
from hes_simulator.ledger.reader import LedgerError, LedgerReader, ParkSettings, Pending, text_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from hes_simulator.expectation.facts import Fact
    from hes_simulator.faults import Outgoing
    from hes_simulator.life.life import Chapter, Place

NEWEST_WINS: Final = """
INSERT INTO expected VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
  SET value = excluded.value, at = excluded.at WHERE excluded.at >= expected.at
"""
COUNT_TOLD: Final = "INSERT INTO told VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1"
COUNT: Final = "INSERT INTO counted VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1"


class Ledger(LedgerReader):
    """The ledger of a sending simulator; LedgerReader reads it."""

    def adopt(self, *, network: str, size: int, seed: int, at: datetime) -> ParkSettings:
        """Say which park this ledger is about, and return it with the name of its stream.

        The park may grow; it stays the same park. Raises LedgerError otherwise.
        """
        known = self.park()
        if known and (known.network, known.seed) != (network, seed):
            raise LedgerError(
                f"ledger {self.path} is about network {known.network} with seed {known.seed}, not"
                f" {network} with seed {seed}: name another one with --ledger, or remove it"
            )
        if known and known.size > size:
            raise LedgerError(
                f"ledger {self.path} knows {known.size} devices, and a park does not shrink to"
                f" {size}: name another one with --ledger, or remove it"
            )
        stream = known.stream if known else f"{network}@{text_of(at)}"
        park = ParkSettings(network=network, size=size, seed=seed, stream=stream)
        self._set("park", json.dumps(asdict(park)))
        return park

    def plan(
        self,
        stream: str,
        outgoing: Sequence[tuple[datetime, Outgoing]],
        reached: tuple[Chapter, Place] | None = None,
    ) -> list[Pending]:
        """Write down messages with the time when each is due, and the place reached by them, at once."""
        pending = []
        with self._transaction() as db:
            for due_at, message in outgoing:
                number = db.execute(
                    "INSERT INTO sending (stream, message_id, noun, fault, due_at, body, as_bytes)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        stream,
                        message.message_id,
                        message.noun,
                        message.fault,
                        text_of(due_at),
                        message.body,
                        message.as_bytes,
                    ),
                ).lastrowid
                assert number is not None  # noqa: S101  # an INSERT that did not raise has a row
                db.executemany(
                    "INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        (number, position, *_fact_row(fact))
                        for position, fact in enumerate(message.facts)
                    ],
                )
                pending.append(
                    Pending(
                        number=number, due_at=due_at, body=message.body, as_bytes=message.as_bytes
                    )
                )
            if reached:
                chapter, place = reached
                position = json.dumps({"chapter": asdict(chapter), "place": asdict(place)})
                self._set(f"position {stream}", position)
        return pending

    def sent(self, numbers: Sequence[int], at: datetime) -> None:
        """Note that the broker has these messages, and what they make of the park."""
        with self._transaction() as db:
            for number in numbers:
                db.execute(
                    "UPDATE sending SET sent_at = ?, body = NULL WHERE number = ?",
                    (text_of(at), number),
                )
                db.execute(
                    "INSERT INTO counted SELECT 'fault ' || fault, 1 FROM sending WHERE number = ?"
                    " AND fault <> '' ON CONFLICT DO UPDATE SET count = count + 1",
                    (number,),
                )
                facts = self._facts(number)
                db.executemany(COUNT, [("sent",), *((f"fact {fact.kind}",) for fact in facts)])
                db.executemany(COUNT_TOLD, [(f.device_id, f.kind) for f in facts if f.device_id])
                db.executemany(
                    NEWEST_WINS,
                    [
                        (claim.device_id, claim.facet, claim.value, text_of(claim.at))
                        for fact in facts
                        for claim in claims_of(fact, told_at=at)
                    ],
                )

    def forget(self, *, keep: int) -> None:
        """Drop all but the last `keep` sent messages; counts and expected facets stay."""
        with self._transaction() as db:
            last = db.execute("SELECT coalesce(max(number), 0) FROM sending").fetchone()[0]
            db.execute(
                "DELETE FROM fact WHERE sending IN"
                " (SELECT number FROM sending WHERE number <= ? AND sent_at IS NOT NULL)",
                (last - keep,),
            )
            db.execute(
                "DELETE FROM sending WHERE number <= ? AND sent_at IS NOT NULL", (last - keep,)
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _set(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))


def _fact_row(fact: Fact) -> tuple[str | None, ...]:
    return (
        fact.device_id,
        fact.kind,
        fact.code,
        text_of(fact.occurred_at) if fact.occurred_at else None,
        fact.firmware_version,
        fact.usage_point,
        fact.switch,
    )
