"""`meterpark register` against a real gRPC server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.specs.cli.command import Command
from tests.specs.cli.examples import device
from tests.specs.cli.services_in_memory import Services, sidecar_before


@pytest.fixture
def services() -> Services:
    made = Services()
    for number in range(1, 12):
        made.add_device(device(f"90240{number:02}"))
    return made


@pytest.fixture
async def meterpark(services: Services, tmp_path: Path) -> AsyncIterator[Command]:
    async with sidecar_before(services) as port:
        yield Command.asking(port, tmp_path)


async def test_a_register_that_is_as_far_as_the_journal_is_said_to_be_so(
    meterpark: Command,
) -> None:
    ended = await meterpark("register", "check")
    assert (ended.code, ended.err) == (0, "")
    assert ended.text == "11 devices: the register is as far as the journal\n"
    document = (await meterpark("register", "check", "--network", "south", "--json")).document
    assert document == {"devices": 0, "problems": []}


async def test_a_device_that_differs_is_named_with_how(
    meterpark: Command, services: Services
) -> None:
    revision = services.devices["north/9024002"].revision
    services.devices["north/9024002"].revision = revision - 1
    services.devices["north/9024004"].revision = revision + 1
    services.journal["north/9024007"].clear()
    ended = await meterpark("register", "check")
    assert ended.code == 1
    assert ended.text.splitlines() == [
        f"north/9024002: the register holds revision {revision - 1}, and the journal goes on behind it",
        f"north/9024004: the register holds revision {revision + 1}, which the journal does not",
        f"north/9024007: the register holds revision {revision}, which the journal does not",
    ]


async def test_what_cannot_be_compared_is_not_called_equal(
    meterpark: Command, services: Services
) -> None:
    services.down.add("device-hub")
    ended = await meterpark("register", "check", "--timeout", "1")
    assert ended.code == 3
    assert ended.text == ""
