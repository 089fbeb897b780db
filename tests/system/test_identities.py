"""One meter is one device through the whole chain, whatever its messages call it and whatever comes first."""

from pathlib import Path
from typing import Any

from meterpark.device_hub.v1.identity_service_pb2 import JoinDevicesRequest, UndoJoinRequest
from meterpark.device_hub.v1.identity_service_pb2_grpc import IdentityServiceStub

from bearer_tokens.token_calls import bearer
from tests.neighbours.keycloak import Keycloak
from tests.system.messages import NOON, events
from tests.system.park import Park, until

MESSAGES = Path(__file__).parents[1] / "specs" / "connector" / "understanding" / "messages"


def message(name: str, suffix: str) -> str:
    """One of the two messages of a meter that they call differently, of a meter of its own."""
    text = (MESSAGES / f"one-meter-two-names-{name}.xml").read_text()
    for word in ("8f1c-uuid", "S1", "DEV-1", "m-1"):
        text = text.replace(f">{word}<", f">ID-{word}-{suffix}<")
    return text


async def test_a_configuration_and_then_an_event_under_another_name_are_of_one_device(
    park: Park,
) -> None:
    await park.publish(message("config", "a"))
    await until(lambda: park.device("north/ID-S1-a"), lambda seen: seen.mrid == "ID-8f1c-uuid-a")
    await park.publish(message("event", "a"))
    device = await until(
        lambda: park.device("north/ID-S1-a"), lambda seen: seen.power.value == "OFF"
    )
    assert device.serial_number == "ID-S1-a"
    kinds = {entry.kind for entry in await park.timeline("north/ID-S1-a")}
    assert {"identified", "configured", "power-lost"} <= kinds


async def test_an_event_and_then_the_configuration_are_of_one_device(park: Park) -> None:
    await park.publish(message("event", "b"))
    await until(lambda: park.device("north/ID-8f1c-uuid-b"), lambda seen: seen.power.value == "OFF")
    await park.publish(message("config", "b"))
    await until(
        lambda: park.device("north/ID-8f1c-uuid-b"), lambda seen: seen.serial_number == "ID-S1-b"
    )
    found = [device_id for device_id in await park.all_devices("ID-") if "-b" in device_id]
    assert found == ["north/ID-8f1c-uuid-b"]


async def test_two_devices_that_anna_joins_are_one_with_one_timeline_until_she_undoes_it(
    park: Park, keycloak: Keycloak
) -> None:
    kept, joined = "north/JOIN-KEPT", "north/JOIN-GONE"
    stub: Any = IdentityServiceStub(park.channel)
    anna = (*park.to_hub, *bearer(await keycloak.person_token("anna")))
    await park.publish(
        events(("JOIN-KEPT", "3.26.0.85", NOON)),
        events(("JOIN-GONE", "3.12.43.257", NOON.replace(minute=5))),
    )
    await until(lambda: park.all_devices("JOIN-"), lambda found: set(found) == {kept, joined})

    async def whose() -> set[str]:
        return {entry.device_id for entry in await park.timeline(kept)}

    request = JoinDevicesRequest(kept_device_id=kept, joined_device_id=joined, reason="one meter")
    await stub.JoinDevices(request, metadata=anna)
    await until(lambda: park.all_devices("JOIN-"), lambda found: set(found) == {kept})
    found = await until(lambda: park.all_devices("JOIN-GONE"), lambda found: set(found) == {kept})
    assert list(found[kept].joined) == [joined]
    assert await whose() == {kept, joined}
    assert (await park.device(joined)).joined_into == kept

    undo = UndoJoinRequest(joined_device_id=joined, reason="two after all")
    await stub.UndoJoin(undo, metadata=anna)
    await until(lambda: park.all_devices("JOIN-"), lambda found: set(found) == {kept, joined})
    await until(whose, lambda seen: seen == {kept})
