"""Large messages are read in another process: with the same result, whatever becomes of that process."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from functools import partial
from typing import Any

import psutil
import pytest

from iec_connector.hub.hub import to_parcel
from iec_connector.reading.process import ReadingProcess
from iec_connector.reading.reading import Read, Reader, Unread, read_message
from iec_connector.understanding import Source, Understood, understand
from tests.adapters.connector.reading.hanging import read_or_hang
from tests.specs.connector.fakes import AT, SOURCE, FakeHub, forwarder_to
from tests.system.messages import NOON, events

BURST = events(*(("LGZ0012345678", "3.26.0.85", NOON) for _ in range(300)), message_id="m-1")
ASKED: dict[str, Any] = {
    "received_at": AT,
    "broker_message_id": "ID:1",
    "destination": "queue://IEC20_PUSH",
}


@pytest.fixture
def process() -> Iterator[ReadingProcess]:
    with closing(ReadingProcess(60.0)) as made:
        yield made


def here(body: str) -> Read:
    return read_message(understand, to_parcel, body, SOURCE, **ASKED)


def readers() -> list[psutil.Process]:
    """The processes that read for this one, without Python's helper for them."""
    children = psutil.Process().children(recursive=True)
    return [one for one in children if "spawn_main" in _command_line(one)]


def _command_line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        # It ended meanwhile, or is a zombie.
        return ""


async def test_a_message_is_read_as_it_is_here(process: ReadingProcess) -> None:
    there, expected = await process(BURST, SOURCE, **ASKED), here(BURST)
    assert isinstance(there.found, Understood)
    assert isinstance(expected.found, Understood)
    assert there.parcels == expected.parcels
    assert there.named == expected.named
    assert there.found.header == expected.found.header
    assert there.found.problems == expected.found.problems


async def test_a_message_that_cannot_be_read_has_the_same_complaint(
    process: ReadingProcess,
) -> None:
    body = "<EventMessage><broken" + " " * 40_000
    there, expected = await process(body, SOURCE, **ASKED), here(body)
    assert isinstance(there.found, Unread)
    assert there.found == expected.found
    assert not there.parcels


async def test_when_the_process_dies_the_message_is_read_by_another(
    process: ReadingProcess,
) -> None:
    # Those of tests before this one may still be ending.
    others = {one.pid for one in readers()}
    await process(BURST, SOURCE, **ASKED)
    [first] = [one for one in readers() if one.pid not in others]
    reading = asyncio.create_task(process(BURST * 1, SOURCE, **ASKED))
    first.kill()
    assert len((await reading).parcels) == 300
    assert first.pid not in {one.pid for one in readers()}


async def test_a_reading_that_hangs_is_given_up_and_the_next_message_is_read_by_another() -> None:
    others = {one.pid for one in readers()}
    with closing(ReadingProcess(5.0, read_or_hang)) as process:
        await process(BURST, SOURCE, **ASKED)
        [first] = [one for one in readers() if one.pid not in others]
        hanging = asyncio.create_task(process("HANG", SOURCE, **ASKED))
        behind = asyncio.create_task(process(BURST, SOURCE, **ASKED))
        found = (await hanging).found
        assert isinstance(found, Unread)
        assert found.complaint.reason == "READING_TOO_LONG"
        assert found.complaint.detail == "not read within 5 s"
        assert len((await behind).parcels) == 300
    gone, _ = await asyncio.to_thread(partial(psutil.wait_procs, [first], timeout=30))
    assert gone == [first]


async def test_a_reading_that_nobody_waits_for_any_more_holds_up_no_other() -> None:
    with closing(ReadingProcess(3600.0, read_or_hang)) as process:
        hanging = asyncio.create_task(process("HANG", SOURCE, **ASKED))
        behind = asyncio.create_task(process(BURST, SOURCE, **ASKED))
        await asyncio.sleep(0)
        hanging.cancel()
        assert len((await behind).parcels) == 300
    assert hanging.cancelled()


async def test_a_start_that_is_broken_off_leaves_no_process_behind() -> None:
    others = set(multiprocessing.active_children())
    with closing(ReadingProcess(60.0)) as process:
        reading = asyncio.create_task(process(BURST, SOURCE, **ASKED))
        await asyncio.sleep(0)
        [begun] = set(multiprocessing.active_children()) - others
        starting = psutil.Process(begun.pid)
        # It never gets so far as to answer.
        starting.suspend()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert reading.cancelled()
        gone, left = await asyncio.to_thread(partial(psutil.wait_procs, [starting], timeout=30))
        for one in left:
            one.kill()
        assert gone == [starting]
        assert len((await process(BURST, SOURCE, **ASKED)).parcels) == 300


async def test_a_process_that_does_not_start_in_time_counts_as_one_that_died() -> None:
    others = set(multiprocessing.active_children())
    with closing(ReadingProcess(60.0, start_seconds=0.0)) as process:
        with pytest.raises(BrokenProcessPool, match="did not start within 0 s"):
            await process(BURST, SOURCE, **ASKED)
        left = [psutil.Process(one.pid) for one in {*multiprocessing.active_children()} - others]
        _, alive = await asyncio.to_thread(partial(psutil.wait_procs, left, timeout=30))
    assert alive == []


async def test_only_large_messages_are_read_aside() -> None:
    aside: list[str | bytes] = []

    async def read_aside(body: str | bytes, source: Source, **asked: Any) -> Read:
        await asyncio.sleep(0)
        aside.append(body)
        return read_message(understand, to_parcel, body, source, **asked)

    reader = Reader(forwarder_to(FakeHub()), to_parcel, read_aside=read_aside)
    small = events(("LGZ0012345678", "3.26.0.85", NOON))
    for body in (small, BURST):
        reading = await reader.begin(body, SOURCE, **ASKED)
        assert {one.device_id for one in reading.named} == {"north/LGZ0012345678"}
    assert aside == [BURST]


_PARENT = """
import asyncio, sys
from tests.adapters.connector.reading.test_process import ASKED, BURST, SOURCE, ReadingProcess, readers

async def main():
    process = ReadingProcess(60.0)
    await process(BURST, SOURCE, **ASKED)
    print(*(one.pid for one in readers()), flush=True)
    await asyncio.Event().wait()

if __name__ == "__main__":
    asyncio.run(main())
"""


async def test_a_killed_connector_leaves_no_reader_behind(tmp_path: Any) -> None:
    program = tmp_path / "parent.py"
    program.write_text(_PARENT)
    parent = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, str(program)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.getcwd()},  # noqa: PTH109
    )
    assert parent.stdout is not None
    [pid] = map(int, (await asyncio.to_thread(parent.stdout.readline)).split())
    reader = psutil.Process(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    gone, left = await asyncio.to_thread(partial(psutil.wait_procs, [reader], timeout=30))
    assert (len(gone), left) == (1, [])
