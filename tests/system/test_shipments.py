"""A shipment file's whole way: from a person with her own token, through services and sidecars, into the park."""

import asyncio
import uuid
from typing import Any

import pytest
from meterpark.smoc.v1 import import_service_pb2 as contract
from meterpark.smoc.v1.import_service_pb2_grpc import ImportServiceStub

from bearer_tokens.token_calls import bearer
from tests.neighbours.keycloak import Keycloak
from tests.system.messages import NOON, events
from tests.system.park import Park, until
from tests.system.test_who_sees_what import ROLE_MISSING, refusal

METERS = 3_000
S = contract.ImportState


@pytest.mark.timeout(600)
@pytest.mark.parametrize("killed", ["smoc-service", "device-hub"])
async def test_a_shipment_reaches_the_park_once_though_a_service_is_killed_on_the_way(
    park: Park, keycloak: Keycloak, killed: str
) -> None:
    stub: Any = ImportServiceStub(park.channel)
    serial = f"SHIP-{killed}-"
    # One of them spoke before anybody registered it.
    await park.publish(events((f"{serial}0", "3.26.0.85", NOON)))
    await until(lambda: park.device(f"north/{serial}0"), lambda found: found.revision > 0)
    anna = (*park.to_register, *bearer(await keycloak.person_token("anna")))
    victor = (*park.to_register, *bearer(await keycloak.person_token("victor")))
    create = contract.CreateImportRequest(request_id=str(uuid.uuid4()), file_name="meters.csv")
    assert await refusal(stub.CreateImport(create, metadata=victor)) == ROLE_MISSING
    import_id = (await stub.CreateImport(create, metadata=anna)).shipment_import.import_id
    lines = [f"{serial}{number};E450;north;L-7" for number in range(METERS)]
    content = "\r\n".join(["serial;model;network;lot", *lines, f"{serial}x;E450;;L-7", ""]).encode()
    append = contract.AppendImportChunkRequest(import_id=import_id, content=content)
    await stub.AppendImportChunk(append, metadata=anna)
    await stub.CheckImport(contract.CheckImportRequest(import_id=import_id), metadata=anna)

    async def shipment() -> contract.ShipmentImport:
        # A token of its own each time: they last for minutes, a killed service may be away for longer.
        token = bearer(await keycloak.person_token("anna"))
        request = contract.GetImportRequest(import_id=import_id)
        answer = await stub.GetImport(request, metadata=(*park.to_register, *token))
        found: contract.ShipmentImport = answer.shipment_import
        return found

    checked = await until(shipment, lambda found: found.state == S.IMPORT_STATE_CHECKED)
    assert (checked.ready_count, checked.refused_count) == (METERS, 1)
    pid = park.stack.pid(killed)
    await stub.RunImport(contract.RunImportRequest(import_id=import_id), metadata=anna)
    await until(shipment, lambda found: found.imported_count > 0)
    await asyncio.to_thread(park.stack.kill, killed)
    await asyncio.to_thread(park.stack.wait_for_another_pid, killed, pid)
    done = await until(
        shipment, lambda found: found.state == S.IMPORT_STATE_DONE, patience_seconds=180
    )
    assert (done.imported_count, done.unchanged_count, done.refused_count) == (METERS, 0, 1)

    devices = await until(
        lambda: park.all_devices(serial), lambda found: len(found) == METERS, patience_seconds=120
    )
    assert {device.lot_number for device in devices.values()} == {"L-7"}
    assert {device.lifecycle.value for device in devices.values()} == {"INVENTORY"}
    revisions = {device_id: device.revision for device_id, device in devices.items()}
    assert revisions.pop(f"north/{serial}0") == 2
    assert set(revisions.values()) == {1}, "a row counts once"
