"""How deep the queues are that a source reads, and who reads them: told by the connector as its broker says it."""

import asyncio
from pathlib import Path

from structlog.testing import capture_logs

from iec_connector.queue_depths import QueueDepths
from iec_connector.sources.configuration import SourceSettings, load_configuration
from jms_transport import Destination, OutgoingMessage, connect
from tests.adapters.test_metrics import told_at
from tests.adapters.test_progress_health import running
from tests.neighbours.artemis import Artemis
from tests.neighbours.broker import Broker
from tests.neighbours.ports import free_ports

QUEUE = "QUEUES.MEASURED"
CONFIGURATION = """
sources:
  - name: hes-north
    broker: {{url: "{url}", user: connector, password_file: {password_file}}}
    destinations: ["queue://{queue}", "topic://ALL?lossy=true"]
    network: north
"""


def configured(folder: Path, url: str, password_file: Path, queue: str = QUEUE) -> Path:
    file = folder / "connector.yaml"
    file.write_text(CONFIGURATION.format(url=url, password_file=password_file, queue=queue))
    return file


def source_in(file: Path) -> SourceSettings:
    [source] = load_configuration(file).sources
    return source


async def send(broker: Broker, queue: str, count: int) -> None:
    hes = await connect(broker.url_amqp, user="hes", password=broker.password("hes"))
    for _ in range(count):
        await hes.send(Destination.parse(f"queue://{queue}"), OutgoingMessage(body="<x/>"))
    await hes.close()


async def test_the_connector_tells_what_lies_in_its_queue_and_who_reads_it(
    broker: Broker, tmp_path: Path
) -> None:
    await send(broker, QUEUE, 3)
    port, metrics = free_ports(2)
    file = configured(tmp_path, broker.url_amqp, broker.password_file("connector"))
    settings = {
        "IEC_CONNECTOR_CONFIG": str(file),
        "IEC_CONNECTOR_GRPC_PORT": str(port),
        "IEC_CONNECTOR_METRICS_PORT": str(metrics),
        "IEC_CONNECTOR_QUEUES_SECONDS": "0.1",
    }
    # There is no hub: what the connector has read is not settled.
    with running(tmp_path, "iec_connector", settings):
        async with asyncio.timeout(60):
            while True:
                told = await told_at(metrics, "meterpark_queue_messages")
                seen = [
                    told.total(
                        f"meterpark_queue_{name}",
                        source="hes-north",
                        messaging_destination_name=QUEUE,
                    )
                    for name in ("messages", "consumers", "unsettled")
                ]
                if seen == [3, 1, 3]:
                    break
                await asyncio.sleep(0.1)


async def test_a_broker_that_cannot_say_leaves_no_old_value_and_one_line(
    broker: Broker, artemis: Artemis, tmp_path: Path
) -> None:
    queue = f"{QUEUE}.TWO"
    await send(broker, queue, 1)
    there = source_in(
        configured(tmp_path, broker.url_amqp, broker.password_file("connector"), queue)
    )
    other = source_in(
        configured(tmp_path, artemis.url_amqp, artemis.password_file("connector"), queue)
    )
    passwords = {"hes-north": broker.password("connector")}
    depths = QueueDepths(sources=[there], passwords=passwords)
    with capture_logs() as lines:
        await depths.ask(there)
        assert [depth.message_count for depth in depths.found.values()] == [1]
        assert depths.found.keys() == {("hes-north", queue)}
        depths.passwords = {"hes-north": artemis.password("connector")}
        await depths.ask(other)
        await depths.ask(other)
    assert depths.found == {}
    [line] = lines
    assert line["event"] == "queues cannot be measured"
    assert "no statistics plugin of ActiveMQ Classic" in line["why"]
