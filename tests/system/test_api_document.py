"""What docs/api.md shows works when it is pasted: each block is taken from the page, and run after the first one."""

import asyncio
import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.neighbours.keycloak import Keycloak
from tests.system.messages import NOON, events, meter_config
from tests.system.park import Park, until

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "api.md").read_text()
SAID_ADDRESS = "http://localhost:20191/graphql"
FIRST, *QUESTIONS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
POWER_LOST, TAMPERED = "3.26.0.85", "3.12.43.257"
_PATIENCE_SECONDS = 60


def question(word: str) -> str:
    """Return the one block of the page that holds `word`."""
    [found] = [block for block in QUESTIONS if word in block]
    return str(found)


def test_every_question_of_the_page_is_pasted_below() -> None:
    pasted = re.findall(r"question\(\"(\w+ \w+)\"\)", Path(__file__).read_text())
    assert {question(words) for words in pasted} == set(QUESTIONS)


@pytest.fixture
async def pasting(park: Park, keycloak: Keycloak, tmp_path: Path) -> Mapping[str, str]:
    """The shell's environment of somebody who may work on the park, with a device and an alarm in it."""
    await park.publish(meter_config("API-1", "IN_OPERATION"), events(("API-1", POWER_LOST, NOON)))
    await park.publish(events(("API-2", TAMPERED, NOON)))
    await until(lambda: park.device("north/API-1"), lambda seen: seen.power.value == "OFF")
    await until(lambda: park.device("north/API-2"), lambda seen: seen.tamper.value == "DETECTED")
    client = f"pasting-{secrets.token_hex(4)}"
    secret_file = tmp_path / "secret"
    secret_file.write_text(
        await keycloak.make_service(client, roles=["asset-manager"], networks=["*"])
    )
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "METERPARK_ISSUER": keycloak.issuer(),
        "METERPARK_CLIENT_ID": client,
        "METERPARK_CLIENT_SECRET_FILE": str(secret_file),
    }


async def start(
    park: Park, block: str, environment: Mapping[str, str]
) -> asyncio.subprocess.Process:
    address = park.stack.description["router"]["url"]
    assert SAID_ADDRESS in FIRST
    return await asyncio.create_subprocess_exec(
        *("bash", "-c", f"{FIRST.replace(SAID_ADDRESS, address)}\n{block}"),
        cwd=ROOT,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        process_group=0,
    )


async def paste(park: Park, block: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the data of the block's last answer; the block must say nothing on standard error."""
    running = await start(park, block, environment)
    async with asyncio.timeout(_PATIENCE_SECONDS):
        out, err = await running.communicate()
    assert err.decode() == ""
    answer = json.loads(out.decode().strip().splitlines()[-1])
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


async def test_what_the_page_shows_can_be_pasted(park: Park, pasting: Mapping[str, str]) -> None:
    found = await paste(park, question("query ByFacets"), pasting)
    assert found["devices"]["totalCount"] == found["deviceCounts"]["totalCount"]
    assert {one["dimension"] for one in found["deviceCounts"]["counts"]} <= {
        "POWER",
        "MODEL",
        "AREA",
    }

    without = await paste(park, question("query WithoutPower"), pasting)
    assert without["placeClusters"]["totalCount"] >= 1

    shown = await paste(park, question("query OneDevice"), pasting)
    assert shown["device"]["timeline"]["edges"]

    # It goes on with the device of the one before.
    both = question("query OneDevice") + question("query WhatDescribesIt")
    described = (await paste(park, both, pasting))["device"]
    assert described["children"]["totalCount"] == len(described["children"]["edges"])
    assert described["planned"] == []

    done = await paste(park, question("mutation Acknowledge"), pasting)
    assert done["acknowledgeAlarm"]["alarm"]["state"] == "ACKNOWLEDGED"


async def test_the_job_of_the_page_works_on_what_its_filter_finds(
    park: Park, pasting: Mapping[str, str]
) -> None:
    progress = await paste(park, question("mutation Tag"), pasting)
    assert progress["job"]["totalCount"] >= 1


async def test_the_subscription_of_the_page_tells_of_a_change(
    park: Park, pasting: Mapping[str, str]
) -> None:
    running = await start(park, question("subscription Changes"), pasting)
    assert running.stdout is not None
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while b'"position"' not in await running.stdout.readline():
                pass
            await park.publish(events(("API-3", POWER_LOST, NOON)))
            while b'"north/API-3"' not in (line := await running.stdout.readline()):
                assert not running.stdout.at_eof()
        assert json.loads(line.removeprefix(b"data:"))["data"]["deviceChanged"]["device"]
    finally:
        os.killpg(running.pid, 15)
        await running.communicate()
