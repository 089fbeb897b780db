"""`meterpark hub residents` against a real gRPC server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from meterpark.status.v1.status_service_pb2 import NetworkResidents, Residents

from tests.specs.cli.command import Command
from tests.specs.cli.services_in_memory import Services, sidecar_before, well


@pytest.fixture
def services() -> Services:
    of_hub = well("device-hub")
    of_hub.residents.CopyFrom(
        Residents(
            process="0123456789abcdef",
            resident_count=12_350,
            remembered_count=10_000,
            remembered_most=100_000,
            networks=[
                NetworkResidents(network="north", resident_count=12_345),
                NetworkResidents(network="south", resident_count=5),
            ],
        )
    )
    return Services(statuses={"device-hub": of_hub})


@pytest.fixture
async def meterpark(services: Services, tmp_path: Path) -> AsyncIterator[Command]:
    async with sidecar_before(services) as port:
        yield Command.asking(port, tmp_path)


async def test_each_network_is_a_line_and_the_process_the_last(meterpark: Command) -> None:
    ended = await meterpark("hub", "residents")
    assert ended.code == 0
    heading, north, south, process = ended.text.splitlines()
    assert heading.split() == ["network", "awake"]
    assert [north.split(), south.split()] == [["north", "12,345"], ["south", "5"]]
    assert process == (
        "12,350 devices are awake in process 0123456789abcdef, 10,000 of them with their state in memory"
        " (at most 100,000)"
    )


async def test_a_program_gets_the_contract_s_names(meterpark: Command) -> None:
    ended = await meterpark("hub", "residents", "--json")
    assert ended.document["resident_count"] == 12_350
    assert ended.document["networks"][1] == {"network": "south", "resident_count": 5}


async def test_a_hub_that_does_not_know_is_said(meterpark: Command, services: Services) -> None:
    services.statuses.clear()
    ended = await meterpark("hub", "residents")
    assert ended.code == 1
    assert "this version of the hub does not say who is awake" in ended.complaint


async def test_a_policy_in_the_way_is_said(meterpark: Command, services: Services) -> None:
    services.denied.add("GetStatus")
    ended = await meterpark("hub", "residents")
    assert ended.code == 1
    assert "an access policy of the sidecars denies this call to device-hub" in ended.complaint
