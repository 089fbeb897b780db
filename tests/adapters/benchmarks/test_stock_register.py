"""The stock register does what a register of a tutorial does: one document per device, as the last call says."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from meterpark.smoc.v1.provisioning_service_pb2 import ProvisionDevicesRequest, ProvisionResult
from pymongo import AsyncMongoClient

from benchmarks.instruments.counting import STOCK_DATABASE, STOCK_REGISTER, Counting
from benchmarks.instruments.feed import NETWORK, Feed
from benchmarks.stack.stock_hub import provision_of
from benchmarks.stack.stock_register import StockRegister
from hes_simulator.park.devices import Park

Document = dict[str, Any]


@pytest.fixture
async def client(mongod_url: str) -> AsyncIterator[AsyncMongoClient[Document]]:
    async with AsyncMongoClient[Document](mongod_url, tz_aware=True) as opened:
        await opened.drop_database(STOCK_DATABASE)
        yield opened


async def test_each_report_replaces_what_the_register_shows_of_its_device(
    client: AsyncMongoClient[Document],
) -> None:
    devices = client[STOCK_DATABASE][STOCK_REGISTER]
    register = StockRegister(devices)  # type: ignore[abstract]
    reports = Feed(park=Park(network=NETWORK, size=2, seed=1), stream="north/bench@1").reports(4)
    for number, report in enumerate(reports):
        provision = provision_of(report, 1 + number // 2)
        request = ProvisionDevicesRequest(provisions=[provision])
        answer = await register.ProvisionDevices(request, None)  # type: ignore[arg-type]
        [result] = answer.results
        assert result.outcome == ProvisionResult.OUTCOME_STORED
    held = await devices.find().sort("_id", 1).to_list()
    identifiers = {f"north/{report.device_identifier}" for report in reports}
    assert {one["_id"] for one in held} == identifiers
    assert [one["revision"] for one in held] == [2, 2]
    assert {one["power"]["value"] for one in held} == {"ON"}
    assert await Counting(client).stock_register() == len(reports)
