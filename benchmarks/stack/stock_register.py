"""`python -m benchmarks.stack.stock_register`: a register as a tutorial has it, in the place of smoc-service.

It takes ProvisionDevices, a device in a call, and upserts one document for it, as durable as ours. It does less than
our register: no timeline, no states, no search, no alarms, no token is checked.
"""

import asyncio
import os
from pathlib import Path
from typing import Any, Final

import grpc.aio
import uvloop
from google.protobuf.json_format import MessageToDict
from meterpark.smoc.v1 import provisioning_service_pb2 as contract
from meterpark.smoc.v1 import provisioning_service_pb2_grpc as contract_grpc
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.write_concern import WriteConcern

from benchmarks.instruments.counting import STOCK_DATABASE, STOCK_REGISTER
from service_chassis.server import serving
from service_chassis.tasks import until_stopped

Document = dict[str, Any]
# Names the file with the URL of the database.
URL_FILE: Final = "STOCK_REGISTER_MONGODB_URL_FILE"


class StockRegister(contract_grpc.ProvisioningServiceServicer):
    """The door: each device replaces its document, one after the other as they come."""

    def __init__(self, devices: AsyncCollection[Document]) -> None:
        self._devices = devices

    async def ProvisionDevices(  # noqa: N802
        self,
        request: contract.ProvisionDevicesRequest,
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> contract.ProvisionDevicesResponse:
        del context
        results = []
        for each in request.provisions:
            device = each.device
            document = MessageToDict(device, preserving_proto_field_name=True)
            await self._devices.update_one(
                {"_id": device.device_id},
                {"$set": {**document, "revision": device.revision}},
                upsert=True,
            )
            results.append(
                contract.ProvisionResult(
                    device_id=device.device_id,
                    outcome=contract.ProvisionResult.OUTCOME_STORED,
                    revision=device.revision,
                )
            )
        return contract.ProvisionDevicesResponse(results=results)


async def serve(port: int, url: str) -> None:
    """Run for ever."""
    async with AsyncMongoClient[Document](url, tz_aware=True) as client:
        durable = WriteConcern(w="majority", j=True)
        devices = client[STOCK_DATABASE].get_collection(STOCK_REGISTER, write_concern=durable)
        # The rest of the contract answers UNIMPLEMENTED.
        stock = StockRegister(devices)  # type: ignore[abstract]

        def add_services(server: grpc.aio.Server) -> list[str]:
            contract_grpc.add_ProvisioningServiceServicer_to_server(stock, server)
            return ["meterpark.smoc.v1.ProvisioningService"]

        async with serving(port, add_services, lambda _: None):
            await asyncio.Event().wait()


def main() -> int:
    """The port is that of smoc-service, so that it can take its place."""
    port = int(os.environ["SMOC_SERVICE_GRPC_PORT"])
    url = Path(os.environ[URL_FILE]).read_text()
    uvloop.run(until_stopped(serve(port, url)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
