"""`meterpark alarms` against a real gRPC server."""

import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from meterpark.smoc.v1 import alarm_service_pb2 as contract

from tests.specs.cli.command import Command
from tests.specs.cli.services_in_memory import Services, at, sidecar_before

ALARM = "north/" + "1" * 20


@pytest.fixture
def services() -> Services:
    made = Services()
    for alarm_id, rule, state in (
        (ALARM, "tamper-detected", contract.ALARM_STATE_OPEN),
        ("north/" + "2" * 20, "power-lost", contract.ALARM_STATE_RESOLVED),
    ):
        made.alarms[alarm_id] = contract.Alarm(
            alarm_id=alarm_id,
            rule=rule,
            category="SECURITY",
            severity=contract.ALARM_SEVERITY_CRITICAL,
            state=state,
            network="north",
            device_id="north/4711",
            summary="tamper is DETECTED (\x1b[31m)",
            open_time=at("2026-03-01T09:00:00Z"),
        )
    return made


@pytest.fixture
async def meterpark(services: Services, tmp_path: Path) -> AsyncIterator[Command]:
    async with sidecar_before(services) as port:
        yield Command.asking(port, tmp_path)


async def test_the_list_is_of_those_that_want_somebody(meterpark: Command) -> None:
    ended = await meterpark("alarms", "list")
    assert ended.code == 0
    assert [line.split()[0] for line in ended.text.splitlines()[::2]] == [ALARM]
    assert "CRITICAL" in ended.text
    assert "tamper-detected  north/4711  tamper is DETECTED (\\x1b[31m)" in ended.text


async def test_the_list_can_be_narrowed_and_read_by_programs(meterpark: Command) -> None:
    ended = await meterpark(
        *(
            "alarms",
            "list",
            "--state",
            "open",
            "--state",
            "resolved",
            "--rule",
            "power-lost",
            "--json",
        )
    )
    [alarm] = ended.document["alarms"]
    assert (alarm["state"], alarm["severity"]) == ("RESOLVED", "CRITICAL")


@pytest.mark.parametrize(
    ("words", "method", "state"),
    [
        (("ack", ALARM, "--comment", "seen"), "AcknowledgeAlarm", "ACKNOWLEDGED"),
        (("assign", ALARM, "victor", "--comment", "seen"), "AssignAlarm", "ASSIGNED"),
        (("comment", ALARM, "seen"), "CommentAlarm", "OPEN"),
        (("snooze", ALARM, "--for", "5", "--comment", "seen"), "SnoozeAlarm", "OPEN"),
        (("resolve", ALARM, "--comment", "seen"), "ResolveAlarm", "RESOLVED"),
        (("show", ALARM), "GetAlarm", "OPEN"),
    ],
)
async def test_each_word_is_one_call_and_shows_the_alarm_as_it_is_then(
    meterpark: Command, services: Services, words: tuple[str, ...], method: str, state: str
) -> None:
    ended = await meterpark("alarms", *words, "--json")
    assert (ended.code, ended.err) == (0, "")
    assert ended.document["state"] == state
    assert [each["comment"] for each in ended.document["history"]] == ["seen"] * (
        method != "GetAlarm"
    )
    assert services.calls == [f"smoc-service {method}"]


async def test_a_person_reads_who_did_what(meterpark: Command) -> None:
    await meterpark("alarms", "assign", ALARM, "victor")
    text = (await meterpark("alarms", "show", ALARM)).text
    assert "assignee" in text
    assert "anna" in text
    assert "assigned" in text


async def test_an_alarm_that_is_not_there_is_said_in_one_line(meterpark: Command) -> None:
    ended = await meterpark("alarms", "ack", "north/" + "9" * 20)
    assert ended.code == 1
    assert "ALARM_UNKNOWN" in ended.complaint


async def test_alarms_are_watched_and_each_is_shown_once_though_services_restart(
    services: Services, tmp_path: Path
) -> None:
    async with sidecar_before(services) as port:
        meterpark = Command.asking(port, tmp_path)
        running = await meterpark.start("alarms", "watch", "--json")
        first = json.loads(await running.line_with("tamper-detected"))
        assert first["alarm"]["state"] == "OPEN"
        assert first["position"] == "1"
        await running.line_with("power-lost")
    await running.complaint_with("cannot be reached")
    services.alarms["north/" + "3" * 20] = contract.Alarm(rule="silent")
    async with sidecar_before(services, port):
        third = json.loads(await running.line_with("{"))
        assert (third["alarm"]["rule"], third["position"]) == ("silent", "3")
        assert (await running.end(signal.SIGINT)).code == 0


async def test_who_was_away_for_too_long_is_told_to_list_again(meterpark: Command) -> None:
    running = await meterpark.start("alarms", "watch", "--position", "old")
    await running.complaint_with("some changes were missed. List the alarms again")
    await running.line_with("tamper-detected")
    assert (await running.end(signal.SIGINT)).code == 0
