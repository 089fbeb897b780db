"""`meterpark send` and the doctor's look at the broker, against a real ActiveMQ."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jms_transport import Destination, Subscription, connect
from tests.neighbours.broker import Broker
from tests.specs.cli.command import Command, bare
from tests.specs.cli.services_in_memory import Services, sidecar_before

QUEUE = "queue://CLI.SEND"


@pytest.fixture
def meterpark(broker: Broker, tmp_path: Path) -> Command:
    """The command beside a local stack whose broker this is."""
    folder = tmp_path / "meterpark" / "default"
    folder.mkdir(parents=True)
    description = {
        "stack": "default",
        "sidecars": {},
        "broker": {
            "url_amqp": broker.url_amqp,
            "user_hes": "hes",
            "password_file_hes": str(broker.password_file("hes")),
        },
    }
    (folder / "stack.json").write_text(json.dumps(description))
    return Command(environment=bare(tmp_path))


@pytest.fixture
async def subscription(broker: Broker) -> AsyncIterator[Subscription]:
    connection = await connect(broker.url_amqp, user="admin", password=broker.password("admin"))
    yield await connection.subscribe(Destination.to_subscribe(QUEUE), credit=5)
    await connection.close()


async def received(subscription: Subscription) -> str | bytes:
    async with asyncio.timeout(30):
        delivery = await subscription.receive()
        await delivery.accept()
    return delivery.message.body


async def test_a_file_arrives_as_the_text_that_it_is(
    meterpark: Command, subscription: Subscription, tmp_path: Path
) -> None:
    file = tmp_path / "meter-config.xml"
    file.write_text("<EventMessage>Zähler</EventMessage>", encoding="utf-8")
    ended = await meterpark("send", "--to", QUEUE, str(file))
    assert ended.code == 0
    assert ended.text.startswith(f"sent      {file}: ")
    assert await received(subscription) == "<EventMessage>Zähler</EventMessage>"


async def test_bytes_arrive_byte_for_byte(
    meterpark: Command, subscription: Subscription, tmp_path: Path
) -> None:
    file = tmp_path / "broken.xml"
    file.write_bytes(b"\xef\xbb\xbf<a\x00\xff")
    ended = await meterpark("send", "--bytes", "--to", QUEUE, "--json", str(file))
    assert [one["accepted"] for one in ended.document["files"]] == [True]
    assert await received(subscription) == b"\xef\xbb\xbf<a\x00\xff"


async def test_a_file_that_is_missing_does_not_keep_the_others_back(
    meterpark: Command, subscription: Subscription, tmp_path: Path
) -> None:
    there = tmp_path / "there.xml"
    there.write_text("<there/>")
    ended = await meterpark("send", "--to", QUEUE, "--json", str(tmp_path / "gone.xml"), str(there))
    assert ended.code == 1
    assert [one["accepted"] for one in ended.document["files"]] == [False, True]
    assert await received(subscription) == "<there/>"


async def test_a_user_whom_the_broker_does_not_know_is_an_answer_of_no(
    meterpark: Command, tmp_path: Path
) -> None:
    ended = await meterpark("send", "--user", "nobody", "--to", QUEUE, str(tmp_path / "any.xml"))
    assert ended.code == 1
    assert "the broker at amqp://" in ended.complaint
    assert "refuses" in ended.complaint


async def test_a_broker_with_tls_takes_a_file_from_whom_it_knows(
    meterpark: Command, broker: Broker, subscription: Subscription, tmp_path: Path
) -> None:
    file = tmp_path / "meter-config.xml"
    file.write_text("<EventMessage/>")
    words = (
        *("send", "--to", QUEUE, str(file), "--broker", broker.url_amqps, "--user", "hes"),
        *("--password-file", str(broker.password_file("hes")), "--ca-file", str(broker.ca_file)),
    )
    certificate = (
        *("--certificate-file", str(broker.client_certificate)),
        *("--key-file", str(broker.client_key)),
    )
    assert (await meterpark(*words, *certificate)).code == 0
    assert await received(subscription) == "<EventMessage/>"

    without = await meterpark(*words)
    assert without.code in {1, 3}
    assert f"the broker at {broker.url_amqps}" in without.complaint

    plain = await meterpark(*words, "--broker", broker.url_amqp)
    assert plain.code == 2
    assert "is plain: write amqps://" in plain.complaint


async def test_a_destination_that_is_none_is_wrong_usage(meterpark: Command) -> None:
    ended = await meterpark("send", "--to", "IEC20_PUSH", "any.xml")
    assert ended.code == 2
    assert "write queue://NAME" in ended.complaint


async def test_a_broker_that_is_away_cannot_be_reached(meterpark: Command) -> None:
    async with sidecar_before(Services()) as free:
        pass  # nobody listens there any more
    ended = await meterpark("send", "--broker", f"amqp://127.0.0.1:{free}", "any.xml")
    assert ended.code == 3
    assert f"the broker at amqp://127.0.0.1:{free} cannot be reached" in ended.complaint


async def test_the_doctor_logs_in_at_the_broker(meterpark: Command) -> None:
    async with sidecar_before(Services()) as port:
        ended = await meterpark("doctor", "--json", "--sidecar", f"127.0.0.1:{port}")
    broker = next(check for check in ended.document["checks"] if check["name"] == "broker")
    assert broker["state"] == "fine"
