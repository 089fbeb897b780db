"""`meterpark park`, once and live, against a real gRPC server that comes and goes."""

import asyncio
import json
import os
import pty
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.specs.cli.command import Command
from tests.specs.cli.examples import HOSTILE, change, device, power_lost
from tests.specs.cli.services_in_memory import Services, sidecar_before


@pytest.fixture
def services() -> Services:
    made = Services()
    for number in range(5):
        made.add_device(device(f"902400{number}"))
    hostile = power_lost()
    hostile.summary = HOSTILE
    made.changes += [change("9024001", power_lost()), change("9024002", hostile)]
    return made


@pytest.fixture
async def meterpark(services: Services, tmp_path: Path) -> AsyncIterator[Command]:
    async with sidecar_before(services) as port:
        yield Command.asking(port, tmp_path)


async def test_the_park_is_shown_once(meterpark: Command) -> None:
    ended = await meterpark("park")
    assert ended.code == 0
    assert "5 devices" in ended.text
    assert "north/9024001  Power lost (ElectricMeter.Power.NA.Failed)" in ended.text
    assert not set(ended.out) & (set(range(32)) - {10})


async def test_the_summary_is_one_document(meterpark: Command) -> None:
    document = (await meterpark("park", "--json", "--changes", "1")).document
    told = ["device_count", "counts", "changes", "as_of_time", "cut_dimensions", "alarms"]
    assert list(document) == told
    assert document["alarms"] == {"counts": [], "newest": []}
    assert document["device_count"] == 5
    assert {"facet": "power", "value": "ON", "device_count": 5} in document["counts"]
    assert [c["device_id"] for c in document["changes"]] == ["north/9024001"]


async def test_watching_survives_services_that_restart(services: Services, tmp_path: Path) -> None:
    async with sidecar_before(services) as port:
        meterpark = Command.asking(port, tmp_path)
        running = await meterpark.start("park", "--watch", "--interval", "0.2")
        await running.line_with("5 devices")
    # The call that the stop cut off may still be told as the service's; the next one finds no sidecar.
    trouble = await running.line_with(f"the sidecar at 127.0.0.1:{port} cannot be reached")
    assert trouble.startswith("no answer since ")
    services.add_device(device("9024009"))
    async with sidecar_before(services, port):
        await running.line_with("6 devices")
        ended = await running.end(signal.SIGINT)
    assert (ended.code, ended.err) == (0, "")


async def test_watching_begins_before_the_services_do(services: Services, tmp_path: Path) -> None:
    async with sidecar_before(Services()) as port:
        meterpark = Command.asking(port, tmp_path)
    running = await meterpark.start("park", "--watch", "--interval", "0.2")
    await running.line_with("no answer since")
    async with sidecar_before(services, port):
        await running.line_with("5 devices")
        assert (await running.end(signal.SIGINT)).code == 0


async def test_watching_as_json_is_a_document_per_line(meterpark: Command) -> None:
    running = await meterpark.start("park", "--watch", "--json", "--interval", "0.2")
    lines = [await running.line_with("{") for _ in range(2)]
    assert [json.loads(line)["device_count"] for line in lines] == [5, 5]
    assert (await running.end(signal.SIGINT)).code == 0


async def test_a_reader_that_leaves_ends_the_watch_quietly(meterpark: Command) -> None:
    running = await meterpark.start("park", "--watch", "--json", "--interval", "0.2")
    await running.line_with("{")
    transport = running.process._transport  # type: ignore[attr-defined]
    transport.get_pipe_transport(1).close()
    async with asyncio.timeout(30):
        await running.process.wait()
    assert running.process.stderr is not None
    assert b"Traceback" not in await running.process.stderr.read()


async def test_on_a_terminal_the_page_comes_and_goes_with_its_screen(
    services: Services, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    seen = bytearray()
    grew = asyncio.Event()

    def read() -> None:
        try:
            seen.extend(os.read(ours, 65536))
        except OSError:  # the other end was closed
            asyncio.get_running_loop().remove_reader(ours)
        grew.set()

    async def until(text: bytes) -> None:
        async with asyncio.timeout(60):
            while text not in seen:
                grew.clear()
                await grew.wait()

    asyncio.get_running_loop().add_reader(ours, read)
    async with sidecar_before(services) as port:
        meterpark = Command.asking(port, tmp_path, TERM="xterm-256color")
        running = await meterpark.start("park", "--watch", "--interval", "0.2", stdout=theirs)
        os.close(theirs)
        await until(b"5 devices")
        ended = await running.end(signal.SIGINT)
        await until(b"\x1b[?1049l")
    asyncio.get_running_loop().remove_reader(ours)
    os.close(ours)
    assert ended.code == 0
    assert b"\x1b[?1049h" in seen
    assert b"\\x1b]0;owned" in seen
    assert b"\x1b]0;" not in seen
