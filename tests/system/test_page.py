"""A person before the page: from Keycloak's login form through router, bff and sidecars to the register."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from tests.neighbours.browser import Browser, open_browser
from tests.neighbours.keycloak import Keycloak
from tests.system.messages import meter_config
from tests.system.park import PATIENCE_SECONDS, Park, until

DEVICE = "query Shown($id: ID!) { viewer { username } device(id: $id) { deviceId network } }"
CHANGES = "subscription Seen { deviceChanged { device { deviceId } position } }"


@pytest.fixture
async def victor(park: Park, keycloak: Keycloak) -> AsyncIterator[Browser]:
    """Asset viewer of the network north, logged in."""
    async with open_browser(park.stack.description["bff"]["url"], keycloak) as browser:
        await browser.log_in("victor")
        yield browser


async def asked(browser: Browser, query: str, **variables: Any) -> Any:
    """Return the answer's JSON, once the router is there and knows Keycloak's keys."""

    async def ask() -> Any:
        return await browser.post("/page/graphql", {"query": query, "variables": variables})

    seen = await until(ask, lambda answer: answer.status < 500)
    return seen.document


async def test_a_person_sees_the_devices_of_his_networks_and_no_others(
    park: Park, victor: Browser
) -> None:
    await park.publish(meter_config("PAGE-1", "INVENTORY"))
    await until(
        lambda: park.device("north/PAGE-1"), lambda seen: seen.lifecycle.value == "INVENTORY"
    )
    own = await asked(victor, DEVICE, id="north/PAGE-1")
    assert own["data"]["viewer"] == {"username": "victor"}
    assert own["data"]["device"] == {"deviceId": "north/PAGE-1", "network": "north"}
    for other in ("south/PAGE-1", "south/NEVER-HEARD-OF"):
        denied = await asked(victor, DEVICE, id=other)
        assert denied["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_person_without_the_role_changes_nothing(victor: Browser) -> None:
    mutation = f'mutation Taken {{ acknowledgeAlarm(alarmId: "north/1", requestId: "{uuid4()}") {{ __typename }} }}'
    answer = await asked(victor, mutation)
    assert not (answer.get("data") or {}).get("acknowledgeAlarm"), answer
    assert answer["errors"]


async def test_a_change_comes_to_the_page_as_an_event(park: Park, victor: Browser) -> None:
    await asked(victor, DEVICE, id="north/PAGE-2")
    headers = {**victor.own(), "accept": "text/event-stream"}
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        victor.http.post(
            f"{victor.page}/page/graphql", json={"query": CHANGES}, headers=headers
        ) as stream,
    ):
        assert stream.content_type == "text/event-stream", await stream.text()
        # The first answer says from where on is watched.
        await _next(stream)
        await park.publish(meter_config("PAGE-2", "INVENTORY"))
        while True:
            change = (await _next(stream))["data"]["deviceChanged"]
            if change["device"] and change["device"]["deviceId"] == "north/PAGE-2":
                break
        assert change["position"]


async def _next(stream: Any) -> Any:
    """Return the next event's data; signs of life are passed over."""
    while True:
        event = (await stream.content.readuntil(b"\n\n")).decode()
        for line in event.splitlines():
            if line.startswith("data:") and len(line) > len("data:"):
                return json.loads(line.removeprefix("data:"))
