"""Errors that are planted into a real MongoDB are found, each under its kind, and are gone again afterwards."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient

from faults.checking.check import check
from faults.checking.reading import open_client, read
from faults.planting import PLANTS, Plant, planted, victim_of
from tests.neighbours.mongod import Mongod
from tests.specs.faults.as_stored import as_said, documents_of, taken, traffic

LEDGER = taken(traffic(seed=3, messages=600))
FOUND = as_said(LEDGER)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoClient[dict[str, Any]]]:
    """A MongoDB of its own: the checker looks for databases by the names of the services."""
    mongod = Mongod.started(tmp_path_factory.mktemp("mongod"))
    with open_client(mongod.url) as opened:
        for (database, collection), documents in documents_of(FOUND).items():
            opened[database][collection].insert_many(documents)
        yield opened
    mongod.stop()


def test_what_is_stored_is_read_as_it_is(client: MongoClient[dict[str, Any]]) -> None:
    found = read(client, None, queued=0, dead=0)
    assert found.commits == FOUND.commits
    assert found.entries == FOUND.entries
    assert found.shown == FOUND.shown
    assert check(LEDGER, found, alone=True) == []


def test_a_few_devices_are_read_alone(client: MongoClient[dict[str, Any]]) -> None:
    few = sorted(LEDGER.statements)[:3]
    found = read(client, few, queued=0, dead=0)
    assert (
        set(found.commits) == set(found.shown) == set(found.heads) == set(found.entries) == set(few)
    )


@pytest.mark.parametrize("plant", PLANTS, ids=[plant.name for plant in PLANTS])
def test_an_error_that_is_planted_is_found_under_its_kind(
    client: MongoClient[dict[str, Any]], plant: Plant
) -> None:
    with planted(victim_of(client, LEDGER), plant):
        findings = check(LEDGER, read(client, None, queued=0, dead=0), alone=True)
    assert plant.wrong in {finding.wrong for finding in findings}
    assert check(LEDGER, read(client, None, queued=0, dead=0), alone=True) == []
