"""The whole chain: what a head-end system publishes is seen in the register, or lies in the quarantine."""

import json
from datetime import timedelta
from pathlib import Path

from meterpark.device_hub.v1.quarantine_pb2 import QuarantineState

from hes_simulator.expectation.expected import FacetName
from hes_simulator.expectation.facts import Kind
from hes_simulator.ledger.ledger import Ledger
from tests.system.messages import NOON, customer_news, events, linkage, meter_config, readings
from tests.system.park import Park, hes_settings, run_program, until

HOUR = timedelta(hours=1)


async def test_a_meter_s_life_is_seen_in_the_register(park: Park) -> None:
    await park.publish(
        meter_config("CH-1", "INVENTORY"),
        linkage("CH-1", "UP-1"),
        events(("CH-1", "3.6.5.58", NOON + HOUR)),
        readings("CH-1", NOON + 2 * HOUR),
    )
    device = await until(
        lambda: park.device("north/CH-1"), lambda seen: seen.lifecycle.value == "IN_OPERATION"
    )
    assert device.serial_number == "CH-1"
    assert device.communication_technology == "PLC G3"
    assert device.usage_point == "UP-1"
    assert device.communication.value == "REACHABLE"

    await park.publish(
        events(("CH-1", "3.26.0.85", NOON + 3 * HOUR), ("CH-1", "3.12.29.212", NOON + 3 * HOUR)),
        # Late: from before the power loss.
        events(("CH-1", "3.26.0.216", NOON + 2 * HOUR)),
    )
    timeline = await until(
        lambda: park.timeline("north/CH-1"),
        lambda seen: {"3.26.0.216", "3.12.29.212"} <= {entry.code for entry in seen},
    )
    # The register writes entries first, then the device.
    device = await until(
        lambda: park.device("north/CH-1"), lambda seen: seen.tamper.value == "DETECTED"
    )
    assert (device.power.value, device.tamper.value) == ("OFF", "DETECTED")
    assert device.power.as_of_time.ToDatetime(NOON.tzinfo) == NOON + 3 * HOUR
    assert device.power.cause == "3.26.0.85"

    [late] = [entry for entry in timeline if entry.code == "3.26.0.216"]
    assert "late" in late.flags


async def test_no_secret_of_a_message_is_kept_anywhere(park: Park) -> None:
    await park.publish(
        meter_config("CH-2", "INVENTORY"), meter_config("CH-2", "INVENTORY", noun="FooConfig") + "<"
    )
    await until(lambda: park.device("north/CH-2"), lambda seen: seen.revision > 0)
    message = await until(lambda: park.quarantined(b"CH-2"), lambda found: found is not None)
    assert message is not None
    assert b"4711" not in message.body
    assert b"PLC G3" in message.body
    history = str(await park.journal("north/CH-2"))
    assert "4711" not in history
    for log in park.stack.stack.state.logs.glob("*.log"):
        assert "secret-4711" not in log.read_text(errors="replace"), log.name


async def test_what_cannot_be_read_waits_in_the_quarantine_and_the_others_go_on(park: Park) -> None:
    await park.publish(
        events(("CH-3", "3.26.0.85", NOON)),
        "<EventMessage><broken CH-3-broken",
        customer_news("CH-4"),
        '<!DOCTYPE x [<!ENTITY a "CH-5-bomb">]><x>&a;</x>',
        events(("CH-6", "3.26.0.85", NOON)),
    )
    for device_id in ("north/CH-3", "north/CH-6"):
        await until(lambda id_=device_id: park.device(id_), lambda seen: seen.power.value == "OFF")  # type: ignore[misc]
    for text, reason in (
        (b"CH-3-broken", "XML_MALFORMED"),
        (b"CH-4", "NOUN_UNKNOWN"),
        (b"CH-5-bomb", "DTD_FORBIDDEN"),
    ):
        message = await until(
            lambda t=text: park.quarantined(t),  # type: ignore[misc]
            lambda found: found is not None,
        )
        assert message is not None
        assert message.reason == reason
        assert message.place
        assert message.detail
        assert message.network in {"north", ""}


async def test_a_part_that_is_wrong_fails_nobody_else_and_is_read_again_on_demand(
    park: Park,
) -> None:
    await park.publish(
        events(("CH-7", "3.26.0.85", NOON), ("", "3.26.0.85", NOON), message_id="CH-7-part")
    )
    device = await until(lambda: park.device("north/CH-7"), lambda seen: seen.power.value == "OFF")
    message = await until(lambda: park.quarantined(b"CH-7-part"), lambda found: found is not None)
    assert message is not None
    assert message.reason == "DEVICE_MISSING"

    await park.replay(message.quarantine_id)
    again = await until(
        lambda: park.quarantined(b"CH-7-part"),
        lambda found: found is not None and found.replay_count == 1,
    )
    assert again is not None
    assert again.state == QuarantineState.QUARANTINE_STATE_OPEN
    assert (await park.device("north/CH-7")).revision == device.revision, "counted once"


async def test_a_message_that_comes_again_counts_once(park: Park) -> None:
    said = events(("CH-8", "3.26.0.85", NOON), message_id="CH-8-again")
    await park.publish(said, said, said, events(("CH-8", "3.26.0.216", NOON + HOUR)))
    await until(lambda: park.device("north/CH-8"), lambda seen: seen.power.value == "ON")
    lost = [
        entry
        for commit in await park.journal("north/CH-8")
        for entry in commit.events
        if entry.kind == "power-lost"
    ]
    assert len(lost) == 1


async def test_a_simulated_park_with_all_faults_ends_as_its_ledger_says(
    park: Park, tmp_path: Path
) -> None:
    ledger_file = tmp_path / "ledger"
    done = await run_program(
        *("hes_simulator", "rollout", "--devices", "150", "--rate", "0", "--seed", "77"),
        *("--faults", "all", "--ledger", str(ledger_file)),
        settings=hes_settings(park.stack),
    )
    assert done.code == 0, done.err
    with_ledger = Ledger(ledger_file)
    expected = with_ledger.expected()
    told = with_ledger.told()
    assert len(expected) == 150

    async def differences() -> list[str]:
        seen = await park.all_devices("")
        return [
            f"{device_id} {name}: {shown!r} instead of {value!r}"
            for device_id, facets in expected.items()
            for name, value in facets.items()
            if name is not FacetName.LAST_SPOKE
            and (shown := _shown(seen.get(device_id), name)) != value
        ]

    await until(differences, lambda found: not found, patience_seconds=150)
    for device_id, kinds in list(told.items())[:40]:
        recorded = [
            entry
            for commit in await park.journal(device_id)
            for entry in commit.events
            if entry.code and "inferred" not in entry.flags
        ]
        assert len(recorded) == kinds.get(Kind.EVENT, 0), device_id


def _shown(device: object, name: FacetName) -> str:
    if device is None:
        return "no device"
    value = getattr(device, name.value)
    return str(value) if isinstance(value, str) else str(value.value)


async def test_the_command_shows_the_park_to_programs(park: Park) -> None:
    await park.publish(events(("CH-9", "3.26.0.85", NOON)))
    await until(lambda: park.device("north/CH-9"), lambda seen: seen.power.value == "OFF")
    keycloak = park.stack.description["keycloak"]
    answer = await run_program(
        *("meterpark_cli", "devices", "show", "north/CH-9", "--json"),
        settings={
            "METERPARK_SIDECAR": park.stack.sidecar_address("meterpark-cli"),
            "DAPR_API_TOKEN": dict(park.stack.sidecar_metadata("meterpark-cli"))["dapr-api-token"],
            "METERPARK_ISSUER": keycloak["issuer"],
            "METERPARK_CLIENT_ID": "meterpark-script",
            "METERPARK_CLIENT_SECRET_FILE": keycloak["client_secret_files"]["meterpark-script"],
        },
    )
    assert answer.code == 0, answer.err
    shown = json.loads(answer.out)
    device = shown.get("device", shown)
    assert device["device_id"] == "north/CH-9"
    assert device["power"]["value"] == "OFF"
