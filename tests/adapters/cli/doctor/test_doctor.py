"""`meterpark doctor` against a real gRPC server, well and unwell."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.device_hub.v1.identity_service_pb2 import IdentityConflict

from tests.specs.cli.command import Command, Ended
from tests.specs.cli.examples import change, device, power_lost, quarantined
from tests.specs.cli.services_in_memory import Services, sidecar_before, well


@pytest.fixture
def services() -> Services:
    """A park that is well: its last contact was just now."""
    made = Services()
    for number in range(5):
        one = device(f"902400{number}")
        one.last_contact_time.GetCurrentTime()
        made.add_device(one)
    made.changes.append(change("9024001", power_lost()))
    return made


@pytest.fixture
async def meterpark(services: Services, tmp_path: Path) -> AsyncIterator[Command]:
    async with sidecar_before(services) as port:
        yield Command.asking(port, tmp_path)


def checks(ended: Ended) -> dict[str, Any]:
    document = json.loads(ended.out)
    assert document["healthy"] == (ended.code == 0)
    return {check["name"]: check for check in document["checks"]}


async def test_a_park_that_is_well(meterpark: Command) -> None:
    ended = await meterpark("doctor")
    assert ended.code == 0
    assert "register        smoc-service answers: 5 devices" in ended.text
    assert "hub             device-hub answers" in ended.text
    assert "journal and register agree on 5 sampled devices" in ended.text


async def test_a_message_in_quarantine_needs_a_person(
    meterpark: Command, services: Services
) -> None:
    services.add_quarantined(quarantined("q1"))
    status = well("device-hub")
    status.hops.add(
        name="quarantine",
        waiting_count=1,
        waiting_since_time=moments_ago(7_200),
        waits_for_person=True,
    )
    services.statuses["device-hub"] = status
    ended = await meterpark("doctor", "--json")
    assert ended.code == 1
    assert "the oldest since" in checks(ended)["quarantine"]["finding"]
    assert "(2 h)" in checks(ended)["quarantine"]["finding"]
    assert checks(ended)["quarantine"]["state"] == "wrong"
    assert "replay --all-open" in checks(ended)["quarantine"]["remedy"]


async def test_a_register_ahead_of_the_journal_is_found(
    meterpark: Command, services: Services
) -> None:
    services.devices["north/9024003"].revision = 9
    finding = checks(await meterpark("doctor", "--json"))["agreement"]
    assert finding["state"] == "wrong"
    assert finding["finding"] == (
        "north/9024003: the register shows revision 9, the journal ends at 3"
    )


async def test_a_device_that_the_journal_does_not_know_is_found(
    meterpark: Command, services: Services
) -> None:
    del services.journal["north/9024003"]
    finding = checks(await meterpark("doctor", "--json"))["agreement"]
    assert finding["finding"].endswith("the register shows revision 3, the journal ends at 0")


async def test_a_register_that_stays_behind_is_found(
    meterpark: Command, services: Services
) -> None:
    services.devices["north/9024003"].revision = 2
    finding = checks(await meterpark("doctor", "--json", "--patience", "0.1"))["agreement"]
    assert finding["finding"] == (
        "north/9024003: the journal is at revision 3, the register stays at 2"
    )


async def test_names_that_look_alike_need_a_person(meterpark: Command, services: Services) -> None:
    services.conflicts["c1"] = IdentityConflict(
        conflict_id="c1",
        network="north",
        kind=IdentityConflict.Kind.KIND_LOOK_ALIKE,
        scheme="serial_number",
        value="0009024001",
        device_id="north/0009024001",
        other_device_id="north/9024001",
        other_value="9024001",
        state=IdentityConflict.State.STATE_OPEN,
    )
    found = checks(await meterpark("doctor", "--json"))["identities"]
    assert found["state"] == "wrong"
    assert "0009024001" in found["finding"]
    assert "9024001" in found["finding"]
    assert "identities list" in found["remedy"]


async def test_a_silent_park_is_found(meterpark: Command, services: Services) -> None:
    for one in services.devices.values():
        one.last_contact_time.CopyFrom(Timestamp(seconds=1_700_000_000))
    finding = checks(await meterpark("doctor", "--json"))["newest contact"]
    assert finding["state"] == "wrong"
    assert "head-end system" in finding["remedy"]


async def test_an_empty_park_is_not_well(tmp_path: Path) -> None:
    async with sidecar_before(Services()) as port:
        ended = await Command.asking(port, tmp_path)("doctor", "--json")
    assert checks(ended)["devices"]["finding"] == "no device is known yet"


async def test_each_service_that_is_away_is_named(meterpark: Command, services: Services) -> None:
    services.down.add("device-hub")
    found = checks(await meterpark("doctor", "--json"))
    assert found["register"]["state"] == "fine"
    assert found["hub"]["state"] == "wrong"
    assert "device-hub cannot be reached" in found["hub"]["finding"]
    assert "agreement" not in found


async def test_a_sidecar_that_is_away_is_told_with_what_to_do(tmp_path: Path) -> None:
    async with sidecar_before(Services()) as port:
        meterpark = Command.asking(port, tmp_path)
    ended = await meterpark("doctor", "--json", "--timeout", "1")
    assert ended.code == 1
    assert "make up" in checks(ended)["sidecar"]["remedy"]


async def test_a_broker_that_is_away_is_told(services: Services, tmp_path: Path) -> None:
    async with sidecar_before(Services()) as free:
        pass  # nobody listens there any more
    async with sidecar_before(services) as port:
        url = f"amqp://127.0.0.1:{free}"
        meterpark = Command.asking(port, tmp_path, METERPARK_BROKER_URL=url)
        found = checks(await meterpark("doctor", "--json"))
    assert found["broker"]["state"] == "wrong"
    assert url in found["broker"]["finding"]
    assert found["register"]["state"] == "fine"


def moments_ago(seconds: float) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(datetime.now(UTC) - timedelta(seconds=seconds))
    return made


async def test_a_standstill_in_a_service_is_named_with_since_when_and_what_to_do(
    meterpark: Command, services: Services
) -> None:
    status = well("device-hub")
    status.hops.add(
        name="journal to register",
        peer="smoc-service",
        waiting_count=7,
        waiting_since_time=moments_ago(90),
    )
    services.statuses["device-hub"] = status
    ended = await meterpark("doctor", "--json")
    found = checks(ended)["device-hub: journal to register"]
    assert (ended.code, found["state"]) == (1, "wrong")
    assert "stands still since" in found["finding"]
    assert "7 wait" in found["finding"]
    assert found["since"]
    assert "make logs P=device-hub" in found["remedy"]


async def test_how_long_is_a_standstill_can_be_said(meterpark: Command, services: Services) -> None:
    status = well("smoc-service")
    status.hops.add(name="jobs", waiting_count=1, waiting_since_time=moments_ago(90))
    services.statuses["smoc-service"] = status
    assert (await meterpark("doctor", "--standstill", "600")).code == 0
    assert (await meterpark("doctor", "--standstill", "60")).code == 1


async def test_standstills_alone_are_looked_for_without_judging_the_park(
    meterpark: Command, services: Services
) -> None:
    services.add_quarantined(quarantined("q1"))
    ended = await meterpark("doctor", "--standstills", "--json")
    assert ended.code == 0
    assert set(checks(ended)) == {"sidecar", "connector"}


async def test_a_connector_that_tells_nothing_any_more_is_named(
    meterpark: Command, services: Services
) -> None:
    status = well("device-hub")
    status.tellers[0].heard_time.CopyFrom(moments_ago(90))
    services.statuses["device-hub"] = status
    found = checks(await meterpark("doctor", "--json"))["connector"]
    assert found["state"] == "wrong"
    assert "has not reported its progress since" in found["finding"]


async def test_a_service_without_a_status_for_this_caller_is_not_called_fine(
    meterpark: Command, services: Services
) -> None:
    services.denied.add("GetStatus")
    found = checks(await meterpark("doctor", "--json"))
    assert found["device-hub: status"]["state"] == "not checked"
    assert found["smoc-service: status"]["state"] == "not checked"
