"""Three thousand meters for tests of work on many: a shipment of the run's own, brought through the register's door."""

import uuid
from dataclasses import dataclass
from typing import Any, Final

import grpc.aio
from meterpark.smoc.v1 import device_service_pb2, import_service_pb2
from meterpark.smoc.v1.device_service_pb2_grpc import DeviceServiceStub
from meterpark.smoc.v1.import_service_pb2_grpc import ImportServiceStub

from bearer_tokens.token_calls import bearer
from tests.neighbours.keycloak import Keycloak
from tests.neighbours.stack import RunningStack
from tests.system.park import until

METERS: Final = 3_000
BEGINNING: Final = "FLEET-"
S = import_service_pb2.ImportState


@dataclass(frozen=True, slots=True)
class Fleet:
    """Meters of the network north; their serial numbers sort as they count."""

    serials: tuple[str, ...]

    @property
    def address(self) -> str:
        return f"/devices?begins={BEGINNING}"


def shipment(serials: tuple[str, ...]) -> bytes:
    """Return the file that brings these meters."""
    rows = [f"{serial};E450;north;L-7" for serial in serials]
    return "\r\n".join(["serial;model;network;lot", *rows, ""]).encode()


async def bring(stack: RunningStack, keycloak: Keycloak) -> Fleet:
    """Import the meters; return when the register finds them all."""
    fleet = Fleet(tuple(f"{BEGINNING}{number:04}" for number in range(METERS)))
    via = stack.call_metadata("meterpark-cli", "smoc-service")
    async with grpc.aio.insecure_channel(stack.sidecar_address("meterpark-cli")) as channel:
        anna = (*via, *bearer(await keycloak.person_token("anna")))
        stub: Any = ImportServiceStub(channel)
        devices: Any = DeviceServiceStub(channel)
        create = import_service_pb2.CreateImportRequest(
            request_id=str(uuid.uuid4()), file_name="fleet.csv"
        )
        import_id = (await stub.CreateImport(create, metadata=anna)).shipment_import.import_id
        append = import_service_pb2.AppendImportChunkRequest(
            import_id=import_id, content=shipment(fleet.serials)
        )
        await stub.AppendImportChunk(append, metadata=anna)
        check = import_service_pb2.CheckImportRequest(import_id=import_id)
        await stub.CheckImport(check, metadata=anna)

        async def state() -> "import_service_pb2.ImportState.ValueType":
            get = import_service_pb2.GetImportRequest(import_id=import_id)
            found = (await stub.GetImport(get, metadata=anna)).shipment_import
            return import_service_pb2.ImportState.ValueType(found.state)

        async def found() -> int:
            ask = device_service_pb2.ListDevicesRequest(
                filter=device_service_pb2.DeviceFilter(text_beginning=BEGINNING), page_size=1
            )
            return int((await devices.ListDevices(ask, metadata=anna)).total_size)

        await until(state, lambda now: now == S.IMPORT_STATE_CHECKED)
        await stub.RunImport(
            import_service_pb2.RunImportRequest(import_id=import_id), metadata=anna
        )
        await until(state, lambda now: now == S.IMPORT_STATE_DONE)
        await until(found, lambda count: count == METERS)
    return fleet
