"""A separate process that reads large messages.

Reading ten thousand events takes seconds of processor time. A thread would take them from the event loop, which then
answers no call (measured: docs/decisions/0031); a process uses another processor.

The process starts with the first large message, stays, and ends when this one ends, for any reason.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from multiprocessing.connection import wait

import psutil
import structlog
from meterpark.device_hub.v1.device_hub_service_pb2 import RecordReportsRequest

from iec_connector.hub.hub import to_parcel, wire_parcel
from iec_connector.quarantine import READING_TOO_LONG, Complaint
from iec_connector.reading.reading import Named, Read, Unread, read_message
from iec_connector.understanding import Source, Understood, understand

log = structlog.get_logger()

Travelling = tuple[Understood | Unread, bytes]
ReadThere = Callable[[str | bytes, Source, datetime, str, str], Travelling]

_AT_A_TIME = 500
_ATTEMPTS = 2
_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Process:
    pool: ProcessPoolExecutor
    # Knows by the time of its start whether the number is another's by now.
    process: psutil.Process

    def end(self) -> None:
        """End it at once, whatever it is doing."""
        with suppress(psutil.NoSuchProcess):
            self.process.kill()
        self.pool.shutdown(wait=False, cancel_futures=True)


class ReadingProcess:
    """Implements ``iec_connector.reading.reading.ReadAside``. One message at a time is read; more wait.

    A reading that takes longer than ``limit_seconds`` is given up: the message goes to the quarantine, and the next
    one is read by another process. A process that does not start within ``start_seconds`` counts as one that died.
    """

    def __init__(
        self,
        limit_seconds: float,
        read: ReadThere | None = None,
        *,
        start_seconds: float = _START_SECONDS,
    ) -> None:
        self._limit_seconds = limit_seconds
        self._start_seconds = start_seconds
        self._read = read or read_to_travel
        self._process: _Process | None = None
        self._alone = asyncio.Lock()

    async def __call__(
        self,
        body: str | bytes,
        source: Source,
        *,
        received_at: datetime,
        broker_message_id: str,
        destination: str,
    ) -> Read:
        """Read a message. Raises BrokenProcessPool when the process died of it twice."""
        read = partial(self._read, body, source, received_at, broker_message_id, destination)
        async with self._alone:
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    found, reports = await self._there(read)
                except BrokenProcessPool:
                    log.warning("the reading process died", message_id=broker_message_id)
                    if attempt == _ATTEMPTS:
                        raise
                except TimeoutError:
                    detail = f"not read within {self._limit_seconds:g} s"
                    log.warning(
                        "a reading took too long and was stopped",
                        message_id=broker_message_id,
                        why=detail,
                    )
                    complaint = Complaint(reason=READING_TOO_LONG, detail=detail)
                    return Read(found=Unread(complaint=complaint))
                else:
                    break
        return await _unpacked(found, reports)

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    async def _there(self, read: Callable[[], Travelling]) -> Travelling:
        is_whole = False
        try:
            if self._process is None:
                self._process, started = _begun()
                # What the start takes is not counted.
                await self._until_started(started)
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(self._limit_seconds):
                travelling = await loop.run_in_executor(self._process.pool, read)
            is_whole = True
        finally:
            # A process that died, hangs, or reads a message that is no longer wanted would delay the next message.
            if not is_whole:
                self.close()
        return travelling

    async def _until_started(self, started: Future[int]) -> None:
        try:
            async with asyncio.timeout(self._start_seconds):
                await asyncio.wrap_future(started)
        except TimeoutError:
            why = f"the reading process did not start within {self._start_seconds:g} s"
            raise BrokenProcessPool(why) from None


async def _unpacked(found: Understood | Unread, reports: bytes) -> Read:
    messages = RecordReportsRequest.FromString(reports).reports
    parcels, named = [], []
    for place, message in enumerate(messages):
        if place % _AT_A_TIME == _AT_A_TIME - 1:
            await asyncio.sleep(0)
        parcel = wire_parcel(message)
        parcels.append(parcel)
        named.append(Named(device_id=parcel.device_id, index=message.origin.index))
    return Read(found=found, parcels=parcels, named=named)


def _begun() -> tuple[_Process, Future[int]]:
    """Begin a process, and know it before it answers: a start that is broken off must leave none behind."""
    others = set(multiprocessing.active_children())
    pool = _new_pool()
    started = pool.submit(os.getpid)
    [begun] = set(multiprocessing.active_children()) - others
    return _Process(pool, psutil.Process(begun.pid)), started


def _new_pool() -> ProcessPoolExecutor:
    # Forked, it would inherit the threads' locks of gRPC and of the JVM.
    return ProcessPoolExecutor(
        max_workers=1, mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_parent
    )


def _end_with_parent() -> None:
    """A killed parent does not end its children, so watch it. The parent handles Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="end with parent", daemon=True).start()


def read_to_travel(
    body: str | bytes,
    source: Source,
    received_at: datetime,
    broker_message_id: str,
    destination: str,
) -> Travelling:
    """In the other process. The reports come back as they travel: that is the cheapest form to hand over."""
    read = read_message(
        understand,
        to_parcel,
        body,
        source,
        received_at=received_at,
        broker_message_id=broker_message_id,
        destination=destination,
    )
    if isinstance(read.found, Unread):
        return read.found, b""
    request = RecordReportsRequest(reports=[parcel.content for parcel in read.parcels])
    return replace(read.found, reports=()), request.SerializeToString()
