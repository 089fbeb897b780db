"""One message, followed by its trace from the broker to a subscriber; and a question, from graph to register."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
import pytest

from deploy.local.facts.settings import StackSettings
from jms_transport import Destination, OutgoingMessage
from tests.neighbours.data_folder import data_folder
from tests.neighbours.otlp import Received, Seen, receiving
from tests.neighbours.stack import RunningStack
from tests.system.graph import Asking
from tests.system.messages import NOON, events
from tests.system.park import DESTINATION, connect_as_hes, tokens_for_scripts, until

RECORD = "meterpark.device_hub.v1.DeviceHubService/RecordReports"
PROVISION = "meterpark.smoc.v1.ProvisioningService/ProvisionDevices"
GET = "meterpark.smoc.v1.DeviceService/BatchGetDevices"
# From the broker to the subscriber, in the order in which they begin.
THE_WAY = (
    ("iec-connector", "process IEC20_PUSH", "consumer"),
    ("iec-connector", RECORD, "client"),
    ("device-hub", RECORD, "server"),
    ("device-hub", "take turns", "internal"),
    ("device-hub", "insert commits", "client"),
    ("device-hub", "follow commits", "consumer"),
    ("device-hub", PROVISION, "client"),
    ("smoc-service", PROVISION, "server"),
    ("smoc-service", "store devices", "client"),
    ("smoc-service", "show device", "producer"),
    ("bff", "tell subscriber", "producer"),
)
CHANGES = 'subscription { deviceChanged(filter: {networks: ["north"]}) { device { deviceId } } }'
DEVICE = "query OneDevice($id: ID!) { device(id: $id) { deviceId } }"
LOST = "3.26.0.85"

pytestmark = pytest.mark.timeout(600)


def context(trace: str, *, recorded: bool = True) -> str:
    return f"00-{trace}-{'c' * 16}-0{int(recorded)}"


@asynccontextmanager
async def traced() -> AsyncIterator[tuple[RunningStack, Received]]:
    """A stack that sends its traces here."""
    folder = data_folder()
    settings = StackSettings(stack="traced", port_base=None, simulator=False, mongodb_tls=False)
    async with receiving() as received:
        apps = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": received.url,
            # What nobody else has decided about is not recorded.
            "OTEL_TRACES_SAMPLER": "parentbased_always_off",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        stack = await asyncio.to_thread(
            RunningStack.started, folder, os.environ, settings=settings, apps=apps
        )
        try:
            yield stack, received
        finally:
            left = await asyncio.to_thread(stack.stop)
            shutil.rmtree(folder)
    assert left == []


def of_trace(spans: Sequence[Seen], trace: str) -> list[Seen]:
    return sorted((one for one in spans if one.trace == trace), key=lambda one: one.began)


def check_way(way: Sequence[Seen]) -> None:
    assert {(one.service, one.name, one.kind) for one in way} == set(THE_WAY)
    place = {(one.service, one.name): one for one in way}
    message = place["iec-connector", "process IEC20_PUSH"]
    assert message.parent == "c" * 16
    assert message.attributes["messaging.destination.name"] == "IEC20_PUSH"
    # What is done for many links to each message; what belongs to one has it as its parent.
    for one in way:
        for_many = one.name in {
            "take turns",
            "insert commits",
            "follow commits",
            "store devices",
        }
        sent = one.service == "iec-connector" and one.name == RECORD
        assert (message.context in one.links) == (for_many or sent), one.name
    assert place["iec-connector", RECORD].parent == message.span
    assert place["device-hub", "insert commits"].parent == message.span
    assert place["device-hub", PROVISION].parent == place["device-hub", "follow commits"].span
    # No span of ours is within one that nobody sent: the sidecars between pass contexts on as they are.
    known = {one.span for one in way} | {"c" * 16}
    assert {one.parent for one in way} <= known
    assert [one.began for one in map(place.__getitem__, (w[:2] for w in THE_WAY))] == sorted(
        one.began for one in way
    )


async def test_a_message_is_followed_from_the_broker_to_a_subscriber() -> None:
    mine, other, unwanted, asked = ("1" * 32, "2" * 32, "3" * 32, "4" * 32)
    async with traced() as (stack, received):
        hes = await connect_as_hes(stack)

        async def publish(body: str, traceparent: str) -> None:
            said = {"traceparent": traceparent} if traceparent else {}
            message = OutgoingMessage(body=body, properties=said)
            await hes.send(Destination.parse(DESTINATION), message)

        asking = Asking(stack=stack, token=await tokens_for_scripts(stack).value(), door="bff")
        # After a start the bff has no keys of Keycloak yet, for a moment.
        await until(lambda: asking.ask(DEVICE, id="north/TR-0"), lambda answer: answer.errors == [])
        async with asking.subscription(CHANGES) as told:
            await anext(told)
            seen: set[str] = set()

            async def shown(*serials: str) -> None:
                while not {f"north/{serial}" for serial in serials} <= seen:
                    change = (await anext(told))["data"]["deviceChanged"]["device"]
                    if change is not None:
                        seen.add(change["deviceId"])

            await publish(events(("TR-0", LOST, NOON)), "")
            await publish(events(("TR-1", LOST, NOON)), context(mine))
            await publish(events(("TR-2", LOST, NOON)), context(unwanted, recorded=False))
            await shown("TR-0", "TR-1", "TR-2")
            # Not in a batch with the first one: of a batch, the way of one recorded message is shown whole.
            await publish(events(("TR-3", LOST, NOON)), context(other))
            await publish("<EventMessage><broken", context(other))
            await shown("TR-3")
        async with aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {asking.token}", "traceparent": context(asked)}
        ) as program:
            body = {"query": DEVICE, "variables": {"id": "north/TR-1"}}
            async with program.post(asking.url, json=body) as answer:
                assert (await answer.json())["data"] == {"device": {"deviceId": "north/TR-1"}}
        await hes.close()

        def all_came(spans: Sequence[Seen]) -> bool:
            return (
                len(of_trace(spans, mine)) == len(THE_WAY)
                and len(of_trace(spans, asked)) == 2
                and any("error.type" in one.attributes for one in spans)
            )

        spans = await received.until(all_came)
        check_way(of_trace(spans, mine))
        operation, call = of_trace(spans, asked)
        assert (operation.service, operation.name, operation.parent) == ("bff", "query", "c" * 16)
        assert operation.attributes["graphql.operation.name"] == "OneDevice"
        assert (call.service, call.name, call.parent) == ("smoc-service", GET, operation.span)
        assert not of_trace(spans, unwanted)
        assert {one.trace for one in spans} == {mine, other, asked}
        broken = [one for one in of_trace(spans, other) if "error.type" in one.attributes]
        assert [one.attributes["error.type"] for one in broken] == ["XML_MALFORMED"]
        for text in ("TR-1", asking.token or ""):
            assert text not in repr(spans)
