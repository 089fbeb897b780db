"""One meter is one device through the whole chain, whatever its messages call it and whatever comes first."""

from pathlib import Path

from tests.system.park import Park, until

MESSAGES = Path(__file__).parents[1] / "specs" / "understanding" / "messages"


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
