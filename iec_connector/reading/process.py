"""A process of its own in which large messages are read.

Reading ten thousand events takes seconds of a processor. In a thread they would be taken from the loop, which then
answers nobody (measured: docs/decisions/0031); here they are taken from another processor.

The process starts with the first large message, stays, and ends with this one, however this one ends.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from datetime import datetime
from functools import partial
from multiprocessing.connection import wait

import structlog
from meterpark.device_hub.v1.device_hub_service_pb2 import RecordReportsRequest

from iec_connector.hub.hub import to_parcel, wire_parcel
from iec_connector.reading.reading import Named, Read, Unread, read_message
from iec_connector.understanding import Source, Understood, understand

log = structlog.get_logger()

_AT_A_TIME = 500
_ATTEMPTS = 2


class ReadingProcess:
    """Implements ``iec_connector.reading.reading.ReadAside``. One message at a time is read; more wait."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

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
        read = partial(_read, body, source, received_at, broker_message_id, destination)
        for attempt in range(1, _ATTEMPTS + 1):
            pool = self._pool = self._pool or _new_pool()
            try:
                found, reports = await asyncio.get_running_loop().run_in_executor(pool, read)
            except BrokenProcessPool:
                log.warning("the reading process died", message_id=broker_message_id)
                if self._pool is pool:
                    self.close()
                if attempt == _ATTEMPTS:
                    raise
            else:
                return await _unpacked(found, reports)
        raise AssertionError("every attempt ends above")

    def close(self) -> None:
        """Let the process end, at the latest when it has read the message that it is at."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)


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


def _new_pool() -> ProcessPoolExecutor:
    # Forked, it would inherit the threads' locks of gRPC and of the JVM.
    return ProcessPoolExecutor(
        max_workers=1, mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_parent
    )


def _end_with_parent() -> None:
    """A parent that was killed ends nobody: watch it. Ctrl-C is the parent's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="end with parent", daemon=True).start()


def _read(
    body: str | bytes,
    source: Source,
    received_at: datetime,
    broker_message_id: str,
    destination: str,
) -> tuple[Understood | Unread, bytes]:
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
