"""The connector as a process, between a real broker and a hub that remembers what it was told."""

import asyncio
import json
import signal
from typing import Any

import grpc
import grpc.aio
import psutil
import pytest
from lxml import etree
from meterpark.device_hub.v1 import quarantine_pb2
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from jms_transport import Connection, Destination
from service_chassis.refusals import CallRefused
from tests.adapters.connector.remembering_hub import RememberingHub
from tests.adapters.connector.running_connector import (
    ACK,
    KNOWN_TO_THE_CONNECTOR,
    Connector,
    message,
    nothing_is_left,
    send,
    until,
)
from tests.neighbours.broker import Broker


async def test_reports_reach_the_hub_and_the_queue_is_empty_then(
    connector: Connector, hub: tuple[RememberingHub, int], hes: Connection, broker: Broker
) -> None:
    bodies = [message(f"m-{n}", f"SN-{n}", "SN-ALL") for n in range(30)]
    await send(hes, connector, *bodies[:15], *(body.encode() for body in bodies[15:]))
    await until(lambda: len(hub[0].reports) == 60, connector)
    assert hub[0].devices().count("SN-ALL") == 30
    assert connector.end(signal.SIGTERM) == 0
    assert await nothing_is_left(broker, connector.queue)


@pytest.mark.openwire
async def test_the_same_over_openwire(
    connector: Connector, hub: tuple[RememberingHub, int], hes: Connection, broker: Broker
) -> None:
    connector.end(signal.SIGKILL)
    connector.openwire = True
    connector.start()
    await send(hes, connector, *(message(f"m-{n}", f"SN-{n}") for n in range(30)), "<junk")
    await until(lambda: len(hub[0].reports) == 30 and hub[0].quarantined, connector)
    assert connector.end(signal.SIGTERM) == 0
    assert await nothing_is_left(broker, connector.queue)


async def test_bad_messages_lie_in_the_quarantine_and_the_good_ones_pass(
    connector: Connector, hub: tuple[RememberingHub, int], hes: Connection, broker: Broker
) -> None:
    bad: list[str | bytes] = [
        "<EventMessage>",
        b"\x00\x01\x02",
        message("m-1", "SN-1", "REFUSE-ME"),
    ]
    await send(hes, connector, *bad, message("m-2", "SN-2"))
    await until(lambda: len(hub[0].quarantined) == 3 and len(hub[0].reports) == 2, connector)
    assert hub[0].devices() == ["SN-1", "SN-2"]
    entries = sorted(hub[0].quarantined.values(), key=lambda entry: entry.reason)
    assert "REPORT_REFUSED" in [entry.reason for entry in entries]
    assert all(entry.destination == f"queue://{connector.queue}" for entry in entries)
    assert {entry.body_kind for entry in entries} == {"text", "bytes"}
    assert connector.end(signal.SIGTERM) == 0
    assert await nothing_is_left(broker, connector.queue)


SIDECAR_BYPASSED = CallRefused(
    grpc.StatusCode.PERMISSION_DENIED, ErrorReason.ERROR_REASON_SIDECAR_BYPASSED, "not allowed"
)
# What daprd itself says; it carries no reason.
POLICY = PermissionError("access control policy has denied access to id: iec-connector")


@pytest.mark.parametrize("denial", [SIDECAR_BYPASSED, POLICY], ids=["hub", "policy"])
async def test_a_connector_that_is_denied_asks_little_loses_nothing_and_goes_on_when_it_is_mended(
    connector: Connector,
    hub: tuple[RememberingHub, int],
    hes: Connection,
    broker: Broker,
    denial: Exception,
) -> None:
    hub[0].denial = denial
    await send(hes, connector, *(message(f"m-{n}", f"SN-{n}") for n in range(40)), "<junk")
    await until(lambda: len(hub[0].asked_in_vain) > 40, connector)
    await until(lambda: len(hub[0].told_denials()) == 2, connector)
    assert set(hub[0].told_denials()) == {"RecordReports", "QuarantineMessages"}
    assert all(hub[0].told_denials().values())
    [source] = [hop for hop in hub[0].told.hops if hop.name.startswith("source ")]
    assert source.waiting_count == 41
    hub[0].denial = None
    await until(lambda: len(hub[0].reports) == 40 and hub[0].quarantined, connector)
    assert len(hub[0].quarantined) == 1
    # At most each of its four senders showed what it has, once; whatever came then was empty.
    shown = [size for method, size in hub[0].asked_in_vain if method == "RecordReports" and size]
    assert len(shown) <= 4
    lines = [json.loads(line) for line in connector.log.read_text().splitlines()]
    denied = [line for line in lines if line["level"] == "error"]
    assert {line["method"] for line in denied} == {"RecordReports", "QuarantineMessages"}
    assert len(denied) <= len(hub[0].asked_in_vain)
    await until(lambda: not hub[0].told_denials(), connector)
    # Aside: this hub is to hear its good-bye.
    assert await asyncio.to_thread(connector.end, signal.SIGTERM) == 0
    assert hub[0].good_byes == 1
    assert await nothing_is_left(broker, connector.queue)


async def test_a_hub_that_is_away_costs_delay_and_the_broker_keeps_the_messages(
    connector: Connector, hub: tuple[RememberingHub, int], hes: Connection
) -> None:
    hub[0].away = True
    await send(hes, connector, *(message(f"m-{n}", f"SN-{n}") for n in range(20)))
    await until(lambda: hub[0].calls >= 2, connector)
    assert connector.end(signal.SIGTERM) == 0
    assert hub[0].reports == {}

    hub[0].away = False
    connector.start()
    await until(lambda: len(hub[0].reports) == 20, connector)


async def test_killed_in_the_middle_it_loses_nothing_and_keeps_the_order_of_a_device(
    connector: Connector, hub: tuple[RememberingHub, int], hes: Connection
) -> None:
    sending = asyncio.create_task(
        send(hes, connector, *(message(f"m-{n}", *[f"SN-{n}"] * 5) for n in range(300)))
    )
    await until(lambda: hub[0].reports, connector)
    connector.end(signal.SIGKILL)
    connector.start()
    await sending
    await until(lambda: len(hub[0].reports) == 1500, connector)
    assert len(set(hub[0].devices())) == 300


async def test_a_large_message_is_read_in_another_process_which_ends_with_the_connector(
    connector: Connector, hub: tuple[RememberingHub, int], hes: Connection, broker: Broker
) -> None:
    large = message("m-large", *["SN-LARGE"] * 2000)
    await send(hes, connector, large, *(message(f"m-{n}", f"SN-{n}") for n in range(20)))
    await until(lambda: len(hub[0].reports) == 2020, connector)
    assert connector.process is not None
    children = psutil.Process(connector.process.pid).children(recursive=True)
    assert children
    # It reads what anybody may have sent, and knows no secret of the connector's.
    assert all(KNOWN_TO_THE_CONNECTOR not in child.environ().values() for child in children)
    assert connector.end(signal.SIGTERM) == 0
    _, left = await asyncio.to_thread(psutil.wait_procs, children, timeout=30)
    assert left == []
    assert await nothing_is_left(broker, connector.queue)


async def test_an_acknowledgement_is_sent_where_it_is_allowed(
    connector: Connector, hub: tuple[RememberingHub, int], hes: Connection
) -> None:
    replies = await hes.subscribe(Destination.parse("queue://REPLY.HES"), credit=5)
    await send(hes, connector, message("m-17", "SN-1", "REFUSE-ME", ack=ACK))
    delivery = await asyncio.wait_for(replies.receive(), 30)
    await delivery.accept()
    root = etree.fromstring(str(delivery.message.body).encode())
    assert root.findtext(".//{*}CorrelationID") == "m-17"
    assert root.findtext(".//{*}Result") == "PARTIAL"
    assert delivery.message.correlation_id == "m-17"
    assert len(hub[0].reports) == 1


async def test_a_quarantined_message_is_read_again_when_the_hub_asks(
    connector: Connector, hub: tuple[RememberingHub, int]
) -> None:
    waiting = quarantine_pb2.QuarantinedMessage(
        quarantine_id="q-1",
        source="hes-north",
        destination=f"queue://{connector.queue}",
        body=message("m-1", "SN-9").encode(),
        body_kind="text",
    )
    hub[0].replays.append(quarantine_pb2.ClaimedReplay(message=waiting, lease="lease-1"))
    await until(lambda: hub[0].completed, connector)
    [completed] = hub[0].completed
    assert completed.resolved
    assert completed.lease == "lease-1"
    assert hub[0].devices() == ["SN-9"]


async def test_its_health_can_be_asked(connector: Connector) -> None:
    from grpc_health.v1 import health_pb2, health_pb2_grpc  # noqa: PLC0415

    async with grpc.aio.insecure_channel(f"127.0.0.1:{connector.grpc_port}") as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        answer = await stub.Check(health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=30)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
