"""The graph of the running system, with real tokens: through the router, and directly at the bff."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from tests.neighbours.keycloak import Keycloak
from tests.system.graph import Answer, Asking, Door
from tests.system.messages import NOON, customer_news, events
from tests.system.park import Park, until

DEVICE = "query Device($id: ID!) { device(id: $id) { deviceId network power { value } } }"
NETWORKS = "query Networks { devices(first: 100) { edges { node { network } } } }"
ALARMS = "query Alarms($id: ID!) { alarms(filter: {deviceId: $id}) { edges { node { alarmId state } } } }"
ACKNOWLEDGE = """mutation Acknowledge($id: ID!, $request: ID!) {
  acknowledgeAlarm(alarmId: $id, requestId: $request) {
    __typename
    ... on AlarmChanged { alarm { state history { deed username } } }
    ... on NotAllowed { reason }
  }
}"""
CHANGES = """subscription Changes($position: String) {
  deviceChanged(filter: {networks: ["north"]}, position: $position) { position device { deviceId power { value } } }
}"""
QUARANTINE = """query Quarantine {
  quarantinedMessages(state: OPEN, reason: "NOUN_UNKNOWN") { edges { node { quarantineId noun } } }
}"""
REPLAY = """mutation Replay($id: ID!, $request: ID!) {
  replayQuarantinedMessages(requestId: $request, quarantineIds: [$id]) {
    __typename
    ... on ReplayRequested { requestedCount }
  }
}"""
MESSAGE = "query Message($id: ID!) { quarantinedMessage(id: $id) { state replayCount } }"
POWER_LOST, TAMPERED = "3.26.0.85", "3.12.43.257"

both_doors = pytest.mark.parametrize("door", ["router", "bff"])


@pytest.fixture
async def device(park: Park) -> str:
    await park.publish(events(("GQ-1", POWER_LOST, NOON)))
    await until(lambda: park.device("north/GQ-1"), lambda seen: seen.power.value == "OFF")
    return "north/GQ-1"


@both_doors
async def test_each_sees_his_own_networks_and_nothing_else(
    park: Park, keycloak: Keycloak, device: str, door: Door
) -> None:
    victor = Asking(stack=park.stack, token=await keycloak.person_token("victor"), door=door)
    seen = (await victor.data(DEVICE, id=device))["device"]
    assert seen == {"deviceId": device, "network": "north", "power": {"value": "OFF"}}
    edges = (await victor.data(NETWORKS))["devices"]["edges"]
    assert {edge["node"]["network"] for edge in edges} == {"north"}
    assert (await victor.ask(DEVICE, id="south/GQ-1")).reason == "NETWORK_DENIED"

    south = await keycloak.token(roles=["asset-manager"], networks=["south"])
    other = Asking(stack=park.stack, token=south, door=door)
    assert (await other.data(NETWORKS))["devices"]["edges"] == []
    assert (await other.ask(DEVICE, id=device)).reason == "NETWORK_DENIED"


@both_doors
async def test_nobody_is_answered_without_a_token_that_is_good_now(
    park: Park, keycloak: Keycloak, device: str, door: Door
) -> None:
    def asking(token: str | None) -> Asking:
        return Asking(stack=park.stack, token=token, door=door)

    nobody = await asking(None).ask(DEVICE, id=device)
    assert nobody.reason == "UNAUTHENTICATED"
    assert not (nobody.data or {}).get("device")
    id_token = (await keycloak.log_in("anna"))["id_token"]
    assert (await asking(id_token).ask(DEVICE, id=device)).reason == "UNAUTHENTICATED"
    assert (await asking(await keycloak.service_token("device-hub")).ask(DEVICE, id=device)).errors

    short = asking(await keycloak.token(roles=["asset-viewer"], networks=["*"], seconds=1))

    async def answer() -> Answer:
        return await short.ask(DEVICE, id=device)

    expired = await until(answer, lambda given: bool(given.errors))
    assert expired.reason == "TOKEN_EXPIRED"


async def test_who_may_not_change_is_refused_by_the_router_and_at_the_bff_by_the_register(
    park: Park, keycloak: Keycloak
) -> None:
    await park.publish(events(("GQ-2", TAMPERED, NOON)))
    anna = Asking(stack=park.stack, token=await keycloak.person_token("anna"))

    async def alarms() -> list[dict[str, Any]]:
        return list((await anna.data(ALARMS, id="north/GQ-2"))["alarms"]["edges"])

    [edge] = await until(alarms, bool)
    about = {"id": edge["node"]["alarmId"], "request": str(uuid.uuid4())}

    token = await keycloak.person_token("victor")
    at_the_router = await Asking(stack=park.stack, token=token).ask(ACKNOWLEDGE, **about)
    assert (at_the_router.status, at_the_router.reason) == (403, "ROLE_MISSING")
    at_the_bff = await Asking(stack=park.stack, token=token, door="bff").data(ACKNOWLEDGE, **about)
    refused = {"__typename": "NotAllowed", "reason": "ROLE_MISSING"}
    assert at_the_bff == {"acknowledgeAlarm": refused}

    done = (await anna.data(ACKNOWLEDGE, **about))["acknowledgeAlarm"]
    assert done["alarm"]["state"] == "ACKNOWLEDGED"
    assert done["alarm"]["history"][-1] == {"deed": "ACKNOWLEDGED", "username": "anna"}


async def test_an_engineer_sees_the_quarantine_and_has_a_message_read_again_and_nobody_else_does(
    park: Park, keycloak: Keycloak
) -> None:
    await park.publish(customer_news("a noun that nobody reads"))
    ingrid = Asking(stack=park.stack, token=await keycloak.person_token("ingrid"))

    async def messages() -> list[dict[str, Any]]:
        return list((await ingrid.data(QUARANTINE))["quarantinedMessages"]["edges"])

    [edge, *_] = await until(messages, bool)
    message = edge["node"]["quarantineId"]
    before = (await ingrid.data(MESSAGE, id=message))["quarantinedMessage"]["replayCount"]
    asked = (await ingrid.data(REPLAY, id=message, request=str(uuid.uuid4())))[
        "replayQuarantinedMessages"
    ]
    assert asked == {"__typename": "ReplayRequested", "requestedCount": 1}

    async def again() -> dict[str, Any]:
        return dict((await ingrid.data(MESSAGE, id=message))["quarantinedMessage"])

    assert await until(again, lambda seen: seen["replayCount"] > before)

    token = await keycloak.person_token("anna")
    anna = Asking(stack=park.stack, token=token)
    assert (await anna.ask(QUARANTINE)).reason == "ROLE_MISSING"
    at_the_bff = Asking(stack=park.stack, token=token, door="bff")
    assert (await at_the_bff.ask(QUARANTINE)).reason == "ROLE_MISSING"
    again_id = str(uuid.uuid4())
    assert (await at_the_bff.data(REPLAY, id=message, request=again_id))[
        "replayQuarantinedMessages"
    ] == {"__typename": "NotAllowed"}


async def test_a_subscriber_through_the_router_sees_a_change_and_resumes_where_he_was(
    park: Park, keycloak: Keycloak
) -> None:
    victor = Asking(stack=park.stack, token=await keycloak.person_token("victor"))

    async def change_of(device_id: str, given: AsyncIterator[Mapping[str, Any]]) -> dict[str, Any]:
        async for one in given:
            change: dict[str, Any] = one["data"]["deviceChanged"]
            if change["device"] and change["device"]["deviceId"] == device_id:
                return change
        raise AssertionError("the stream ended")

    async with victor.subscription(CHANGES) as given:
        # The first answer comes at once: from now on nothing is missed.
        assert (await anext(given))["data"]["deviceChanged"]["device"] is None
        await park.publish(events(("GQ-3", POWER_LOST, NOON)))
        seen = await change_of("north/GQ-3", given)
        assert seen["device"]["power"] == {"value": "OFF"}

    # While nobody listens.
    await park.publish(events(("GQ-4", POWER_LOST, NOON)))
    await until(lambda: park.device("north/GQ-4"), lambda now: now.power.value == "OFF")
    async with victor.subscription(CHANGES, position=seen["position"]) as given:
        missed = await change_of("north/GQ-4", given)
    assert missed["device"]["power"] == {"value": "OFF"}


async def test_callers_who_ask_the_same_at_once_are_told_apart(
    park: Park, keycloak: Keycloak
) -> None:
    names = ("anna", "victor", "audrey")
    callers = [Asking(stack=park.stack, token=await keycloak.person_token(name)) for name in names]
    asked = [caller.data("{ viewer { username } }") for caller in callers * 10]
    answers = await asyncio.gather(*asked)
    assert [answer["viewer"]["username"] for answer in answers] == [*names] * 10


async def test_one_trace_goes_through_router_and_bff(
    park: Park, keycloak: Keycloak, device: str
) -> None:
    victor = Asking(stack=park.stack, token=await keycloak.person_token("victor"))
    name = f"Traced{uuid.uuid4().hex[:8]}"
    await victor.data(DEVICE.replace("query Device", f"query {name}"), id=device)
    [told] = park.stack.logged("router", name)
    assert '"user":"victor"' in told
    assert victor.token is not None
    trace = told.partition('"trace_id":"')[2][:32]
    assert park.stack.logged("bff", trace)
    for log in ("router", "bff"):
        assert victor.token not in park.stack.log(log).read_text(errors="replace")
