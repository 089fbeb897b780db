"""The connector as a process, between a real broker and a hub that remembers what it was told."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import psutil
import pytest
from lxml import etree
from meterpark.device_hub.v1 import device_hub_service_pb2 as contract
from meterpark.device_hub.v1 import device_hub_service_pb2_grpc as contract_grpc
from meterpark.device_hub.v1 import quarantine_pb2
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.status.v1.status_service_pb2 import Teller

from jms_transport import Connection, Destination, OutgoingMessage, connect
from service_chassis.refusals import CallRefused
from service_chassis.server import serving
from tests.neighbours.broker import Broker
from tests.neighbours.ports import free_ports

EVENT = """<EventMessage xmlns="http://iec.ch/TC57/2011/schema/message"><Header><Verb>created</Verb>
<Noun>EndDeviceEvents</Noun><Timestamp>2026-03-01T10:00:00Z</Timestamp>{ack}<MessageID>{id}</MessageID></Header>
<Payload><EndDeviceEvents xmlns="http://iec.ch/TC57/2011/EndDeviceEvents#">{events}</EndDeviceEvents></Payload>
</EventMessage>"""
ONE = """<EndDeviceEvent><createdDateTime>2026-03-01T09:59:{second:02d}Z</createdDateTime><Assets><Names>
<name>{device}</name><NameType><name>SerialNumber</name></NameType></Names></Assets>
<EndDeviceEventType ref="3.26.0.85"/></EndDeviceEvent>"""
ACK = "<ReplyAddress>REPLY.HES</ReplyAddress><AckRequired>true</AckRequired>"


def message(identifier: str, *devices: str, ack: str = "") -> str:
    events = "".join(ONE.format(device=name, second=n % 60) for n, name in enumerate(devices))
    return EVENT.format(id=identifier, ack=ack, events=events)


_KNOWN_TO_THE_CONNECTOR = "only-the-connector-says-this"


@dataclass
class RememberingHub(contract_grpc.DeviceHubServiceServicer):
    """Answers like the hub; ``away`` makes it answer like a sidecar whose app is gone.

    With a ``denial`` it answers so at its door, and remembers what it was asked in vain: method, and how much.
    """

    away: bool = False
    denial: Exception | None = None
    asked_in_vain: list[tuple[str, int]] = field(default_factory=list)
    reports: dict[str, str] = field(default_factory=dict)
    sequence: list[str] = field(default_factory=list)
    calls: int = 0
    quarantined: dict[str, quarantine_pb2.QuarantinedMessage] = field(default_factory=dict)
    replays: list[quarantine_pb2.ClaimedReplay] = field(default_factory=list)
    completed: list[quarantine_pb2.CompletedReplay] = field(default_factory=list)
    told: Teller = field(default_factory=Teller)
    good_byes: int = 0

    async def RecordReports(self, request: Any, context: Any) -> Any:  # noqa: N802
        self.calls += 1
        self._admit("RecordReports", len(request.reports))
        await self._be_there(context)
        assert ("dapr-app-id", "device-hub") in context.invocation_metadata()
        answer = contract.RecordReportsResponse()
        for report in request.reports:
            verdict = answer.verdicts.add(report_id=report.report_id, revision=1)
            if report.device_identifier == "REFUSE-ME":
                verdict.outcome = contract.Verdict.OUTCOME_REFUSED
                verdict.reason = ErrorReason.ERROR_REASON_TIME_INVALID
                verdict.detail = "outside of what can be stored"
                continue
            verdict.outcome = contract.Verdict.OUTCOME_RECORDED
            if report.report_id not in self.reports:
                self.sequence.append(report.device_identifier)
            self.reports[report.report_id] = report.device_identifier
        return answer

    async def QuarantineMessages(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._admit("QuarantineMessages", len(request.messages))
        await self._be_there(context)
        for one in request.messages:
            self.quarantined[one.quarantine_id] = one
        return quarantine_pb2.QuarantineMessagesResponse(stored_count=len(request.messages))

    async def ClaimReplays(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._be_there(context)
        claimed, self.replays = self.replays[: request.limit], self.replays[request.limit :]
        return quarantine_pb2.ClaimReplaysResponse(replays=claimed)

    async def CompleteReplays(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._be_there(context)
        self.completed += request.replays
        return quarantine_pb2.CompleteReplaysResponse()

    async def TellProgress(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._be_there(context)
        self.good_byes += request.ends
        if not request.ends:
            self.told = request.teller
        return contract.TellProgressResponse()

    def told_denials(self) -> dict[str, str]:
        """Return what to mend, by denied method, as the connector told it last."""
        denials = [denial for hop in self.told.hops for denial in hop.denials]
        return {denial.method: denial.remedy for denial in denials}

    def _admit(self, method: str, size: int) -> None:
        if self.denial is not None:
            self.asked_in_vain.append((method, size))
            raise self.denial

    async def _be_there(self, context: Any) -> None:
        if self.away:
            # What daprd itself says; without the hub's signature it is nobody's fault.
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, "failed to invoke, id: device-hub"
            )

    def devices(self) -> list[str]:
        return sorted(self.reports.values())


@asynccontextmanager
async def remembering_hub() -> AsyncIterator[tuple[RememberingHub, int]]:
    hub = RememberingHub()  # type: ignore[abstract] # the connector calls no other method

    def add(server: grpc.aio.Server) -> list[str]:
        contract_grpc.add_DeviceHubServiceServicer_to_server(hub, server)
        return []

    def translate(error: Exception) -> tuple[grpc.StatusCode, str] | None:
        denied = isinstance(error, PermissionError)
        return (grpc.StatusCode.PERMISSION_DENIED, str(error)) if denied else None

    async with serving(0, add, translate) as port:
        yield hub, port


@pytest.fixture
async def hub() -> AsyncIterator[tuple[RememberingHub, int]]:
    async with remembering_hub() as opened:
        yield opened


@dataclass
class Connector:
    """``python -m iec_connector`` with a source of its own."""

    broker: Broker
    folder: Path
    sidecar_port: int
    queue: str
    openwire: bool = False
    process: subprocess.Popen[bytes] | None = None
    grpc_port: int = 0

    def start(self) -> None:
        configuration = self.folder / "connector.yaml"
        configuration.write_text(f"""
sources:
  - name: hes-north
    broker:
      url: {self.broker.url_openwire if self.openwire else self.broker.url_amqp}
      user: connector
      password_file: {self.broker.password_file("connector")}
    destinations: queue://{self.queue}
    network: north
    replies_to: [queue://REPLY.HES]
""")
        [self.grpc_port] = free_ports(1)
        environment = {
            "IEC_CONNECTOR_CONFIG": str(configuration),
            "IEC_CONNECTOR_GRPC_PORT": str(self.grpc_port),
            "IEC_CONNECTOR_DENIED_PROBE_SECONDS": "0.05",
            "DAPR_GRPC_PORT": str(self.sidecar_port),
            "DAPR_API_TOKEN": _KNOWN_TO_THE_CONNECTOR,
            "ACTIVEMQ_CLIENT_JARS": str(self.broker.jars),
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "iec_connector"],
                env={**os.environ, **environment},
                stderr=log,
            )

    @property
    def log(self) -> Path:
        return self.folder / "connector.log"

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(30)


@pytest.fixture
def connector(
    broker: Broker, hub: tuple[RememberingHub, int], tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Connector]:
    queue = f"TO.HUB.{abs(hash(request.node.name))}"
    started = Connector(broker=broker, folder=tmp_path, sidecar_port=hub[1], queue=queue)
    started.start()
    yield started
    if started.process is not None and started.process.poll() is None:
        started.end(signal.SIGKILL)


@pytest.fixture
async def hes(broker: Broker) -> AsyncIterator[Connection]:
    connection = await connect(broker.url_amqp, user="hes", password=broker.password("hes"))
    yield connection
    await connection.close()


async def send(hes: Connection, connector: Connector, *bodies: str | bytes) -> None:
    queue = Destination.parse(f"queue://{connector.queue}")
    await asyncio.gather(*(hes.send(queue, OutgoingMessage(body=body)) for body in bodies))


async def until(condition: Callable[[], object], connector: Connector) -> None:
    try:
        async with asyncio.timeout(60):
            while not condition():
                assert connector.process is not None
                assert connector.process.poll() is None
                await asyncio.sleep(0.02)
    except (TimeoutError, AssertionError) as error:
        raise AssertionError(connector.log.read_text()[-3000:]) from error


async def nothing_is_left(broker: Broker, queue: str) -> bool:
    """Whether a reader of its own gets nothing from the queue."""
    admin = await connect(broker.url_amqp, user="admin", password=broker.password("admin"))
    subscription = await admin.subscribe(Destination.parse(f"queue://{queue}"), credit=1)
    try:
        await asyncio.wait_for(subscription.receive(), 1)
    except TimeoutError:
        return True
    else:
        return False
    finally:
        await admin.close()


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
    assert all(_KNOWN_TO_THE_CONNECTOR not in child.environ().values() for child in children)
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
