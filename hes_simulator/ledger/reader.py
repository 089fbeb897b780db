"""Reading a ledger: what was sent, and what the park must therefore look like."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Self

from hes_simulator.expectation.expected import FacetName, settled
from hes_simulator.expectation.facts import Fact, Kind
from hes_simulator.life.life import Chapter, Pace, Place

if TYPE_CHECKING:
    from pathlib import Path

    from hes_simulator.expectation.expected import Facets, Newest

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sending (
  number INTEGER PRIMARY KEY AUTOINCREMENT, stream TEXT NOT NULL, message_id TEXT NOT NULL, noun TEXT NOT NULL,
  fault TEXT NOT NULL, due_at TEXT NOT NULL, sent_at TEXT, body TEXT, as_bytes INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS unsent ON sending (stream, number) WHERE sent_at IS NULL;
CREATE TABLE IF NOT EXISTS fact (
  sending INTEGER NOT NULL, position INTEGER NOT NULL, device_id TEXT NOT NULL, kind TEXT NOT NULL,
  code TEXT NOT NULL, occurred_at TEXT, firmware_version TEXT NOT NULL, usage_point TEXT NOT NULL,
  switch TEXT NOT NULL, PRIMARY KEY (sending, position)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS expected (
  device_id TEXT NOT NULL, facet TEXT NOT NULL, value TEXT NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (device_id, facet)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS told (
  device_id TEXT NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (device_id, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counted (what TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
"""


class LedgerError(Exception):
    """The ledger cannot be used for this; the text says why, for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkSettings:
    """Which park a ledger is about. `stream` makes the MessageIDs of this ledger its own."""

    network: str
    size: int
    seed: int
    stream: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A message that the broker does not have yet."""

    number: int
    due_at: datetime
    body: str
    as_bytes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A message as the ledger shows it."""

    number: int
    message_id: str
    noun: str
    fault: str
    sent_at: datetime | None
    facts: tuple[Fact, ...]


class LedgerReader:
    """The file at `path`, made when it is not there. Several processes may use it at once."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=30, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            # Safe against a kill of the process; a crash of the machine may cost the last moments.
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise LedgerError(f"ledger {path}: {error}") from error
        self.path = path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def park(self) -> ParkSettings | None:
        """Return which park this ledger is about, None for a new ledger."""
        stored = self._setting("park")
        return ParkSettings(**json.loads(stored)) if stored else None

    def position(self, stream: str) -> tuple[Chapter, Place] | None:
        """Return how far the life of that stream has been planned."""
        stored = self._setting(f"position {stream}")
        if stored is None:
            return None
        position = json.loads(stored)
        chapter = position["chapter"]
        return Chapter(**{**chapter, "pace": Pace(**chapter["pace"])}), Place(**position["place"])

    def unsent(self, stream: str) -> list[Pending]:
        """Return what was planned in that stream and is not with the broker, in the order of planning."""
        rows = self._db.execute(
            "SELECT number, due_at, body, as_bytes FROM sending"
            " WHERE stream = ? AND sent_at IS NULL ORDER BY number",
            (stream,),
        )
        return [
            Pending(number=number, due_at=_time(due_at), body=body, as_bytes=bool(as_bytes))
            for number, due_at, body, as_bytes in rows
        ]

    def expected(self) -> dict[str, Facets]:
        """Return the facets that each device must have in the register, by device id."""
        devices: dict[str, Newest] = {}
        for device_id, facet, value, at in self._db.execute("SELECT * FROM expected"):
            devices.setdefault(device_id, {})[FacetName(facet)] = (value, _time(at))
        return {device_id: settled(claims) for device_id, claims in devices.items()}

    def told(self) -> dict[str, dict[Kind, int]]:
        """Return how many facts of each kind the broker has about each device, duplicates counted once."""
        devices: dict[str, dict[Kind, int]] = {}
        for device_id, kind, count in self._db.execute("SELECT * FROM told"):
            devices.setdefault(device_id, {})[Kind(kind)] = count
        return devices

    def counts(self) -> dict[str, int]:
        """Return totals: `sent`, `unsent`, `fact <kind>`, `fault <name>`. Cheap, whatever the size of the park."""
        counts = {"sent": 0}
        counts |= dict(self._db.execute("SELECT what, count FROM counted ORDER BY what"))
        unsent = self._db.execute("SELECT count(*) FROM sending WHERE sent_at IS NULL")
        counts["unsent"] = unsent.fetchone()[0]
        return counts

    def in_operation(self) -> list[str]:
        """Return the ids of the devices that are in operation by what was sent."""
        rows = self._db.execute(
            "SELECT device_id FROM expected WHERE facet = 'lifecycle' AND value = 'IN_OPERATION'"
            " ORDER BY device_id"
        )
        return [device_id for (device_id,) in rows]

    def last(self, count: int) -> list[Entry]:
        """Return the newest messages, oldest first."""
        rows = self._db.execute(
            "SELECT number, message_id, noun, fault, sent_at FROM sending ORDER BY number DESC LIMIT ?",
            (count,),
        ).fetchall()
        return [
            Entry(
                number=number,
                message_id=message_id,
                noun=noun,
                fault=fault,
                sent_at=_time(sent_at) if sent_at else None,
                facts=self._facts(number),
            )
            for number, message_id, noun, fault, sent_at in reversed(rows)
        ]

    def _facts(self, number: int) -> tuple[Fact, ...]:
        rows = self._db.execute(
            "SELECT device_id, kind, code, occurred_at, firmware_version, usage_point, switch"
            " FROM fact WHERE sending = ? ORDER BY position",
            (number,),
        )
        return tuple(
            Fact(
                device_id=device_id,
                kind=Kind(kind),
                code=code,
                occurred_at=_time(occurred_at) if occurred_at else None,
                firmware_version=firmware_version,
                usage_point=usage_point,
                switch=switch,
            )
            for device_id, kind, code, occurred_at, firmware_version, usage_point, switch in rows
        )

    def _setting(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return row and str(row[0])


def text_of(at: datetime) -> str:
    """Write a time so that texts sort as times do."""
    return at.isoformat(timespec="microseconds")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
