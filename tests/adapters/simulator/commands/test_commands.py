"""`python -m hes_simulator` as people and scripts use it, against a real broker."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from jms_transport import Destination, Subscription, connect
from tests.neighbours.broker import Broker
from tests.neighbours.ports import free_ports
from tests.neighbours.process import Process, start

QUICK = 60.0


def command(broker: Broker, *words: str | Path, destination: str) -> list[str | Path]:
    return [
        *(sys.executable, "-m", "hes_simulator", *words),
        *("--broker", broker.url_amqp, "--user", "hes"),
        *("--password-file", broker.password_file("hes"), "--destination", destination),
    ]


def ledger_says(ledger: Path, *words: str) -> list[dict[str, Any]]:
    program = (sys.executable, "-m", "hes_simulator", "ledger")
    arguments = [*program, *words, "--ledger", str(ledger)]
    return [json.loads(line) for line in ended(arguments).stdout.splitlines()]


def ended(
    arguments: Sequence[str | Path], *, stdin: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(arguments, input=stdin, capture_output=True, timeout=QUICK, check=False)


@asynccontextmanager
async def listening(broker: Broker, destination: str) -> AsyncIterator[Subscription]:
    password = broker.password("admin")
    connection = await connect(broker.url_amqp, user="admin", password=password)
    yield await connection.subscribe(Destination.to_subscribe(destination), credit=500)
    await connection.close()


async def message_ids(subscription: Subscription, count: int) -> list[str]:
    found = []
    async with asyncio.timeout(QUICK):
        for _ in range(count):
            delivery = await subscription.receive()
            message = etree.fromstring(str(delivery.message.body).encode())
            found.append(message.findtext(".//{*}MessageID") or "")
            await delivery.accept()
    return found


def running(broker: Broker, ledger: Path, destination: str) -> Process:
    arguments = command(
        broker,
        *("run", "--devices", "60", "--rollout-rate", "20", "--rate", "80", "--speed-up", "600"),
        *("--ledger", ledger),
        destination=destination,
    )
    return start("simulator", arguments, folder=ledger.parent)


async def exit_code(process: Process) -> int:
    return await asyncio.to_thread(process.popen.wait, QUICK)


async def test_run_goes_on_where_it_was_stopped(broker: Broker, tmp_path: Path) -> None:
    destination, ledger = "queue://SIM.RUN", tmp_path / "ledger.sqlite"
    async with listening(broker, destination) as subscription:
        process = running(broker, ledger, destination)
        first = await message_ids(subscription, 80)
        process.popen.send_signal(signal.SIGTERM)
        assert await exit_code(process) == 0
        process = running(broker, ledger, destination)
        more = await message_ids(subscription, 120)
        process.popen.send_signal(signal.SIGTERM)
        assert await exit_code(process) == 0
    assert len({*first, *more}) == 200


async def test_run_that_was_killed_sends_nothing_twice_under_another_id(
    broker: Broker, tmp_path: Path
) -> None:
    destination, ledger = "queue://SIM.KILL", tmp_path / "ledger.sqlite"
    async with listening(broker, destination) as subscription:
        process = running(broker, ledger, destination)
        first = await message_ids(subscription, 50)
        process.kill()
        process = running(broker, ledger, destination)
        more = await message_ids(subscription, 150)
        process.popen.send_signal(signal.SIGTERM)
        assert await exit_code(process) == 0
    known = [
        entry["message_id"] for entry in ledger_says(ledger, "show", "--json", "--last", "1000")
    ]
    assert len(known) == len(set(known))
    assert {*first, *more} <= set(known)


async def test_roll_out_then_storm_leaves_the_park_as_the_ledger_says(
    broker: Broker, tmp_path: Path
) -> None:
    destination, ledger = "queue://SIM.STORM", tmp_path / "ledger.sqlite"
    rolled_out = ended(
        command(
            broker,
            *("rollout", "--devices", "30", "--rate", "0", "--ledger", ledger),
            destination=destination,
        )
    )
    assert rolled_out.returncode == 0, rolled_out.stderr
    dark = ended(
        command(
            broker,
            *("storm", "--percent", "50", "--seconds", "1", "--dark", "-1", "--ledger", ledger),
            destination=destination,
        )
    )
    assert dark.stdout.decode() == "storm over: 15 devices lost power within 1 s\n"
    facets = [device["facets"] for device in ledger_says(ledger, "expected")]
    assert {one["lifecycle"] for one in facets} == {"IN_OPERATION"}
    # What speaks has power: the other half was heard while it was rolled out.
    assert sorted(one["power"] for one in facets) == ["OFF"] * 15 + ["ON"] * 15


async def test_burst_says_how_many_it_sent_and_how_fast(broker: Broker) -> None:
    result = ended(
        command(
            broker,
            *("burst", "--messages", "50", "--events-per-message", "4"),
            destination="queue://SIM.BURST.COMMAND",
        )
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.decode().startswith("sent 50 messages, 200 events in ")
    async with listening(broker, "queue://SIM.BURST.COMMAND") as subscription:
        assert len(set(await message_ids(subscription, 50))) == 50


async def test_send_prints_a_line_per_file_and_fails_when_one_did(
    broker: Broker, tmp_path: Path
) -> None:
    good = tmp_path / "good.xml"
    good.write_text("<EventMessage/>")
    arguments = command(
        broker, "send", good, tmp_path / "missing.xml", destination="queue://SIM.SEND"
    )
    result = ended(arguments)
    assert result.returncode == 1
    assert f"{good}: accepted by queue://SIM.SEND as text, 15 bytes" in result.stdout.decode()
    assert "missing.xml: cannot be read" in result.stderr.decode()


async def test_burst_goes_over_tls_with_a_certificate_and_not_without(broker: Broker) -> None:
    words = (
        *command(broker, "burst", "--messages", "5", destination="queue://SIM.TLS"),
        *("--broker", broker.url_amqps, "--ca-file", broker.ca_file),
    )
    certificate = (
        *("--certificate-file", broker.client_certificate),
        *("--key-file", broker.client_key),
    )
    assert "sent 5 messages" in ended([*words, *certificate]).stdout.decode()
    async with listening(broker, "queue://SIM.TLS") as subscription:
        assert len(await message_ids(subscription, 5)) == 5

    without = ended(words)
    assert without.returncode == 1
    assert "Traceback" not in without.stderr.decode()


async def test_send_takes_standard_input(broker: Broker) -> None:
    arguments = command(broker, "send", "--bytes", "-", destination="queue://SIM.STDIN")
    assert ended(arguments, stdin=b"\x00\xff").returncode == 0
    async with listening(broker, "queue://SIM.STDIN") as subscription:
        delivery = await asyncio.wait_for(subscription.receive(), QUICK)
        assert delivery.message.body == b"\x00\xff"
        await delivery.accept()


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (["burst"], 1, "cannot be reached"),
        (["burst", "--broker", "http://127.0.0.1"], 2, "is not a broker's address"),
        (["burst", "--destination", "IEC20_PUSH"], 2, "is not a destination"),
        (["burst", "--password-file", "nowhere"], 2, "nowhere: No such file"),
        (["burst", "--ca-file", "ca.pem"], 2, "is plain: write amqps:// or ssl://"),
        (["burst", "--key-file", "key.pem"], 2, "none of its certificate"),
        (["run", "--faults", "hail=1", "--ledger", "unused"], 2, "there is no fault 'hail'"),
        (["ledger", "summary", "--ledger", "nowhere"], 1, "there is no ledger nowhere"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_said_in_few_words(
    words: list[str], code: int, reason: str, tmp_path: Path
) -> None:
    [closed] = free_ports(1)
    result = subprocess.run(
        [sys.executable, "-m", "hes_simulator", *words],
        capture_output=True,
        timeout=QUICK,
        check=False,
        cwd=tmp_path,
        env={"HES_BROKER_URL": f"amqp://127.0.0.1:{closed}", "COLUMNS": "200"},
    )
    said = result.stderr.decode()
    assert result.returncode == code, said
    assert reason in said
    assert "Traceback" not in said
