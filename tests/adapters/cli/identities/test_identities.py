"""`meterpark identities` against a real gRPC server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from meterpark.device_hub.v1.identity_service_pb2 import IdentityConflict

from tests.specs.cli.command import Command
from tests.specs.cli.services_in_memory import Services, sidecar_before

State = IdentityConflict.State
Kind = IdentityConflict.Kind


def conflict(
    conflict_id: str, kind: Kind.ValueType, scheme: str, value: str, other_value: str = ""
) -> IdentityConflict:
    return IdentityConflict(
        conflict_id=conflict_id,
        kind=kind,
        state=State.STATE_OPEN,
        device_id="north/S1",
        other_device_id="north/8f1c",
        scheme=scheme,
        value=value,
        other_value=other_value,
    )


@pytest.fixture
def services() -> Services:
    made = Services()
    for one in (
        conflict("c1", Kind.KIND_CLAIMED_BY_ANOTHER, scheme="mrid", value="8f1c"),
        conflict(
            "c2", Kind.KIND_SECOND_VALUE, scheme="serial_number", value="S2", other_value="S1"
        ),
        conflict("c3", Kind.KIND_LOOK_ALIKE, scheme="", value="s1\x1b[31m", other_value="S1"),
    ):
        made.conflicts[one.conflict_id] = one
    return made


@pytest.fixture
async def meterpark(services: Services, tmp_path: Path) -> AsyncIterator[Command]:
    async with sidecar_before(services) as port:
        yield Command.asking(port, tmp_path)


async def test_the_list_says_what_contradicts(meterpark: Command) -> None:
    ended = await meterpark("identities", "list")
    assert ended.code == 0
    assert [line.strip() for line in ended.text.splitlines()[1::2]] == [
        "mrid 8f1c of north/S1 belongs to north/8f1c",
        "serial number S2 is a second one of north/S1, which has S1",
        r"name s1\x1b[31m of north/S1 looks like S1 of north/8f1c",
    ]
    assert ended.complaint == "3 open in all"


async def test_programs_get_it_as_a_document(meterpark: Command) -> None:
    ended = await meterpark("identities", "list", "--json")
    assert [one["kind"] for one in ended.document["conflicts"]] == [
        "CLAIMED_BY_ANOTHER",
        "SECOND_VALUE",
        "LOOK_ALIKE",
    ]
    assert ended.document["total_count"] == 3


async def test_a_dismissed_conflict_is_not_listed_any_more(
    meterpark: Command, services: Services
) -> None:
    ended = await meterpark("identities", "dismiss", "c3", "--reason", "two meters")
    assert ended.code == 0
    assert "DISMISSED  by anna: two meters" in ended.text
    assert services.conflicts["c3"].state == State.STATE_DISMISSED
    assert "c3" not in (await meterpark("identities", "list")).text


async def test_a_name_is_given_to_a_device(meterpark: Command, services: Services) -> None:
    ended = await meterpark("identities", "assign", "c1", "north/S1", "--reason", "type plate")
    assert ended.code == 0
    assert services.conflicts["c1"].decided_for == "north/S1"


async def test_a_decision_wants_a_reason(meterpark: Command) -> None:
    assert (await meterpark("identities", "dismiss", "c1")).code == 2


async def test_a_conflict_that_does_not_exist_is_said_to_be_unknown(meterpark: Command) -> None:
    ended = await meterpark("identities", "dismiss", "c9", "--reason", "?")
    assert ended.code == 1
    assert "IDENTITY_CONFLICT_UNKNOWN" in ended.complaint


async def test_two_devices_are_joined_and_parted(meterpark: Command) -> None:
    why = ("--reason", "type plate")
    ended = await meterpark("identities", "join", "north/S1", "north/8f1c", *why)
    assert ended.text.strip() == "north/8f1c is joined into north/S1, which takes its reports"
    ended = await meterpark("identities", "part", "north/8f1c", *why)
    assert ended.text.strip() == "north/8f1c is a device of its own again, beside north/S1"


async def test_a_join_that_is_refused_says_why(meterpark: Command) -> None:
    ended = await meterpark("identities", "join", "north/S1", "north/S1", "--reason", "?")
    assert ended.code == 1
    assert "JOIN_REFUSED" in ended.complaint
