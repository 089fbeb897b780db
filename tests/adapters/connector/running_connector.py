"""The connector as a process, and the messages that a head-end system sends to it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jms_transport import Connection, Destination, OutgoingMessage, connect
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
KNOWN_TO_THE_CONNECTOR = "only-the-connector-says-this"


def message(identifier: str, *devices: str, ack: str = "") -> str:
    events = "".join(ONE.format(device=name, second=n % 60) for n, name in enumerate(devices))
    return EVENT.format(id=identifier, ack=ack, events=events)


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
            "DAPR_API_TOKEN": KNOWN_TO_THE_CONNECTOR,
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
