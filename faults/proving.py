"""Proving the checker on the data of a run: every error that is planted there must be found under its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from faults.checking.check import check
from faults.checking.reading import open_client, read
from faults.kinds.table import CONNECTOR, HUB, REGISTER
from faults.planting import PLANTS, planted, victim_of
from faults.result import Proven

if TYPE_CHECKING:
    from benchmarks.telling import Tell
    from faults.ledger.ledger import Ledger
    from faults.target import Target

# They would see what is planted, and act on it.
_AT_WORK: Final = (CONNECTOR, HUB, REGISTER)


def prove(target: Target, ledger: Ledger, tell: Tell) -> list[Proven]:
    """Plant each error once, and check; the services are stopped before, and stay so."""
    for process in _AT_WORK:
        target.stack.supervisor.stop(process)
    proven = []
    with open_client(target.mongodb_url) as client:
        victim = victim_of(client, ledger)
        for plant in PLANTS:
            with planted(victim, plant):
                findings = check(ledger, read(client, None, queued=0, dead=0), alone=True)
            found = any(finding.wrong is plant.wrong for finding in findings)
            proven.append(Proven(plant.name, plant.wrong, found))
            tell(f"planted: {plant.name}: {'found' if found else 'NOT FOUND'}")
    return proven
