"""What tests of the running connector are given: a hub, the connector before it, and a head-end system."""

import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from jms_transport import Connection, connect
from tests.adapters.connector.remembering_hub import RememberingHub, remembering_hub
from tests.adapters.connector.running_connector import Connector
from tests.neighbours.broker import Broker


@pytest.fixture
async def hub() -> AsyncIterator[tuple[RememberingHub, int]]:
    async with remembering_hub() as opened:
        yield opened


@pytest.fixture
def connector(
    broker: Broker, hub: tuple[RememberingHub, int], tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Connector]:
    queue = f"TO.HUB.{abs(hash(request.node.name))}"
    started = Connector(broker=broker, folder=tmp_path, sidecar_port=hub[1], queue=queue)
    started.start()
    yield started
    if started.process is not None and started.process.poll() is None:
        started.end(signal.SIGKILL)


@pytest.fixture
async def hes(broker: Broker) -> AsyncIterator[Connection]:
    connection = await connect(broker.url_amqp, user="hes", password=broker.password("hes"))
    yield connection
    await connection.close()
