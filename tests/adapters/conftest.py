"""What tests of the transports are given: a way to a broker, and destinations that are theirs alone."""

import pytest

from jms_transport import Destination
from tests.neighbours.ways import EVERY_WAY, Way


@pytest.fixture(params=EVERY_WAY)
def way(request: pytest.FixtureRequest) -> Way:
    """Every way, unless the test names some: `@pytest.mark.parametrize("way", ways(...), indirect=True)`."""
    name, _, transport = str(request.param).partition("-")
    broker = request.getfixturevalue("artemis" if name == "artemis" else "broker")
    return Way(broker=broker, transport="amqp" if transport == "amqp" else "openwire")


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name for a destination that no other test uses."""
    return "".join(sign if sign.isalnum() else "." for sign in request.node.name).strip(".")


@pytest.fixture
def queue(name: str) -> Destination:
    return Destination.to_subscribe(f"queue://{name}")
