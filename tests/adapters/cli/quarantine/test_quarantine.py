"""`meterpark quarantine` against a real gRPC server."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.specs.cli.command import Command
from tests.specs.cli.examples import HOSTILE, quarantined
from tests.specs.cli.services_in_memory import RESOLVED, Services, sidecar_before


@pytest.fixture
def services() -> Services:
    made = Services()
    made.add_quarantined(quarantined("q1"))
    made.add_quarantined(quarantined("q2", reason="XML_MALFORMED", body=b"<a>\n\x1b[31m</a>"))
    made.add_quarantined(quarantined("q3"))
    made.quarantine["q3"].state = RESOLVED
    return made


@pytest.fixture
async def meterpark(services: Services, tmp_path: Path) -> AsyncIterator[Command]:
    async with sidecar_before(services) as port:
        yield Command.asking(port, tmp_path)


async def test_the_list_is_of_those_that_wait_for_a_person(meterpark: Command) -> None:
    ended = await meterpark("quarantine", "list")
    assert ended.code == 0
    assert [line.split()[0] for line in ended.text.splitlines()[::2]] == ["q1", "q2"]
    assert "nobody here reads a UsagePointConfig" in ended.text
    assert ended.complaint == "2 open in all"


async def test_all_states_can_be_listed_by_reason(meterpark: Command) -> None:
    ended = await meterpark(
        *("quarantine", "list", "--state", "all", "--reason", "NOUN_UNKNOWN", "--json")
    )
    found = [(m["quarantine_id"], m["state"]) for m in ended.document["messages"]]
    assert found == [("q1", "OPEN"), ("q3", "RESOLVED")]
    assert (ended.document["total_count"], ended.document["next_page_token"]) == (2, "")


async def test_a_message_is_shown_with_its_body_escaped(meterpark: Command) -> None:
    ended = await meterpark("quarantine", "show", "q2")
    assert "XML_MALFORMED" in ended.text
    assert ended.text.endswith("<a>\n\\x1b[31m</a>\n")


async def test_raw_is_the_body_byte_for_byte(meterpark: Command, services: Services) -> None:
    services.quarantine["q2"].body = body = bytes(range(256))
    ended = await meterpark("quarantine", "show", "q2", "--raw")
    assert ended.out == body


async def test_raw_is_the_whole_of_a_body_that_comes_in_pieces(
    meterpark: Command, services: Services
) -> None:
    services.quarantine["q2"].body = body = bytes(range(256)) * 10_000
    ended = await meterpark("quarantine", "show", "q2", "--raw")
    assert ended.out == body


async def test_of_a_large_body_the_beginning_is_shown_and_it_is_said(
    meterpark: Command, services: Services
) -> None:
    services.quarantine["q2"].body = "ä".encode() * 1_000_000 + b"the end"
    ended = await meterpark("quarantine", "show", "q2")
    assert "this shows the first 262,144, --raw prints all" in " ".join(ended.text.split())
    assert "ää" in ended.text
    assert "the end" not in ended.text


async def test_a_count_that_ended_early_is_told_as_such(
    meterpark: Command, services: Services
) -> None:
    services.most_counted = 1
    ended = await meterpark("quarantine", "list")
    assert ended.complaint == "more than 1 open in all"


async def test_the_body_comes_as_base64_and_as_text(meterpark: Command) -> None:
    ended = await meterpark("quarantine", "show", "q1", "--json")
    assert ended.document["body"] == "PEV2ZW50TWVzc2FnZS8+"
    assert ended.document["body_text"] == "<EventMessage/>"


async def test_an_unknown_message_is_an_answer_of_no(meterpark: Command) -> None:
    ended = await meterpark("quarantine", "show", "q9")
    assert ended.code == 1
    assert "device-hub refuses: QUARANTINED_MESSAGE_UNKNOWN" in ended.complaint


async def test_a_replay_that_succeeds_is_told(meterpark: Command, services: Services) -> None:
    services.mended.add("q1")
    ended = await meterpark("quarantine", "replay", "q1")
    assert ended.code == 0
    assert ended.text.splitlines() == [
        "1 will be read again",
        "q1  resolved",
        "1 resolved, 0 not",
    ]


async def test_a_message_that_still_fails_is_told_with_its_reason(
    meterpark: Command, services: Services
) -> None:
    services.mended.add("q1")
    ended = await meterpark("quarantine", "replay", "--all-open", "--json")
    became = {one["quarantine_id"]: one for one in ended.document["messages"]}
    assert ended.code == 1
    assert ended.document["requested_count"] == 2
    assert became["q1"]["outcome"] == "RESOLVED"
    assert (became["q2"]["outcome"], became["q2"]["reason"]) == ("STILL_FAILING", "XML_MALFORMED")
    assert "q3" not in became


async def test_all_open_can_be_narrowed_to_a_reason(meterpark: Command, services: Services) -> None:
    services.mended.update(("q1", "q2"))
    ended = await meterpark("quarantine", "replay", "--all-open", "--reason", "XML_MALFORMED")
    assert ended.code == 0
    assert ended.text.splitlines()[1:] == ["q2  resolved", "1 resolved, 0 not"]


async def test_a_message_that_nobody_reads_is_told(meterpark: Command, services: Services) -> None:
    services.read_after_looks = None
    ended = await meterpark("quarantine", "replay", "q1", "--wait-seconds", "0.1", "--json")
    (became,) = ended.document["messages"]
    assert ended.code == 1
    assert became["outcome"] == "PENDING"
    assert "check that iec-connector runs" in became["detail"]


async def test_a_truncated_message_cannot_be_replayed(
    meterpark: Command, services: Services
) -> None:
    services.quarantine["q1"].truncated = True
    ended = await meterpark("quarantine", "replay", "q1", "--json")
    assert ended.code == 1
    assert ended.document["not_replayable_count"] == 1
    assert ended.document["messages"][0]["outcome"] == "NOT_REPLAYABLE"


async def test_without_waiting_only_the_count_is_told(
    meterpark: Command, services: Services
) -> None:
    ended = await meterpark("quarantine", "replay", "q1", "--no-wait")
    assert (ended.code, ended.text) == (0, "1 will be read again\n")
    assert services.calls == ["device-hub ReplayQuarantinedMessages"]


@pytest.mark.parametrize(
    "arguments", [(), ("q1", "--all-open"), ("q1", "--reason", "XML_MALFORMED")]
)
async def test_a_replay_of_nothing_or_of_everything_and_one_is_wrong_usage(
    meterpark: Command, arguments: tuple[str, ...]
) -> None:
    assert (await meterpark("quarantine", "replay", *arguments)).code == 2


async def test_a_hostile_message_does_nothing_to_the_terminal(
    meterpark: Command, services: Services
) -> None:
    message = services.quarantine["q1"]
    message.detail = message.noun = message.place = HOSTILE
    message.body = HOSTILE.encode()
    for arguments in (("list",), ("show", "q1"), ("show", "q1", "--json"), ("replay", "q1")):
        services.read_after_looks = 1
        ended = await meterpark("quarantine", *arguments)
        assert not set(ended.out) & (set(range(32)) - {10})
        assert "\u202e" not in ended.text
    shown = await meterpark("quarantine", "show", "q1", "--json")
    assert json.loads(shown.out)["detail"] == HOSTILE
