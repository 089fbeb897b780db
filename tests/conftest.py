"""Neighbours that tests ask for by name; one each per run, as starting them is what costs."""

from collections.abc import Iterator

import pytest

from tests.neighbours.broker import Broker
from tests.neighbours.mongod import Mongod


@pytest.fixture(scope="session")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongod]:
    """A mongod for the whole run; who wants to stop it starts its own with `Mongod.started`."""
    started = Mongod.started(tmp_path_factory.mktemp("mongod"))
    yield started
    started.stop()


@pytest.fixture(scope="session")
def mongod_url(mongod: Mongod) -> str:
    """URL of a replica set; take a database name of your own, as the run shares it."""
    return mongod.url


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker for the whole run; take destination names of your own, as the run shares it."""
    started = Broker.started(tmp_path_factory.mktemp("broker"))
    yield started
    started.stop()
