"""The register's stream of devices as lines of CSV; a stream that breaks goes on where it stopped."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, Final

import grpc
import grpc.aio
import structlog
from meterpark.smoc.v1.device_service_pb2 import ExportDevicesResponse

from bff.export.csv_text import last_line
from bff.export.desk import Export, State
from bff.failures import Code, Failure
from bff.graph.asking.register import Register
from service_chassis.csv_text import BYTE_ORDER_MARK, lines
from service_chassis.retries import Backoff

log = structlog.get_logger()

AccessToken = Callable[[], Awaitable[str]]

# So long may the register give nothing: a restart and the loading of its search.
PATIENCE_SECONDS: Final = 120.0
_BACKOFF: Final = Backoff(first_seconds=0.25, ceiling_seconds=5.0)


class ExportCut(Exception):
    """The file ends before its end; the text says why, as a person reads it."""


class _Broke(Exception):
    """The stream ended before its end, and another one may go on behind the last device; the text says why."""


async def csv_of(
    export: Export, register: Register, access_token: AccessToken
) -> AsyncGenerator[bytes]:
    """Yield the file in pieces: the names of the columns once the register has answered, the last line in the end.

    Raises:
        Failure: the register refuses it, or cannot be asked; nothing was yielded yet.
        ExportCut: it did not go on, for longer than a restart takes.
    """
    failures, heard_at = 0, time.monotonic()
    while True:
        try:
            async with aclosing(_answers(export, register, await access_token())) as answers:
                async for answer in answers:
                    failures, heard_at = 0, time.monotonic()
                    yield _text(export, answer)
                    if answer.complete:
                        export.end(State.WHOLE)
                        return
        except _Broke as broke:
            if time.monotonic() - heard_at > PATIENCE_SECONDS:
                raise ExportCut(str(broke)) from None
            log.info("export goes on", rows=export.rows, total=export.total, why=str(broke))
        await asyncio.sleep(_BACKOFF.seconds(failures))
        failures += 1
        if export.state is not State.RUNNING:
            raise ExportCut(export.detail)


def _text(export: Export, answer: ExportDevicesResponse) -> bytes:
    """Return what ``answer`` adds to the file, and note in ``export`` where to go on."""
    columns = export.request.columns
    written = b""
    if export.total is None:
        export.total = answer.total_size
        written = BYTE_ORDER_MARK + lines([list(columns)])
    if answer.devices:
        export.request.after_device_id = answer.devices[-1].device_id
        export.rows += len(answer.devices)
        written += lines([each.values for each in answer.devices])
    return written + (last_line(export.rows, len(columns)) if answer.complete else b"")


async def _answers(
    export: Export, register: Register, token: str
) -> AsyncGenerator[ExportDevicesResponse]:
    sent = (*register.peer.stream_metadata, ("authorization", f"Bearer {token}"))
    call: Any = register.devices.ExportDevices(export.request, metadata=sent)
    export.stop = call.cancel
    try:
        async for answer in call:
            yield answer
    except grpc.aio.AioRpcError as error:
        raise _told(error, export, register) from None
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        # Nobody cancelled this task: somebody stopped the export.
        raise ExportCut(export.detail) from None
    finally:
        call.cancel()
    raise _Broke("the operations centre ended the stream")


def _told(error: grpc.aio.AioRpcError, export: Export, register: Register) -> Exception:
    """Return what a stream's end means for the file."""
    begun = export.total is not None
    if error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED and not begun:
        return Failure(Code.UNAVAILABLE, error.details() or "too many exports")
    failure = register.peer.failure_of(error, export.request)
    if not begun:
        return failure
    passes = failure.code is Code.UNAVAILABLE or failure.reason == "TOKEN_EXPIRED"
    return _Broke(failure.message) if passes else ExportCut(failure.message)
