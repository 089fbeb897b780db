"""``meterpark import check|run``: a shipment file from the disk into the park.

The request id is made from the file's name and content. So the same command again finds the import that it began, and
continues it: the upload where it was interrupted, the check, or the run.
"""

import asyncio
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID, uuid5

import typer
from meterpark.smoc.v1 import import_service_pb2 as contract

from contract_limits import IMPORT_FILE_BYTES
from meterpark_cli.failures import ExitCode, Failure, Refused, Unreachable, WrongUsage
from meterpark_cli.imports.tables import counts_told, row_table, state_word
from meterpark_cli.imports.tasks import answer_import, row_page
from meterpark_cli.options import Asking
from meterpark_cli.services.connection import Park, open_park
from meterpark_cli.showing.rendering import console, note, show

Shipment = contract.ShipmentImport
S = contract.ImportState

_PIECE: Final = 512 * 1024
_LOOK_AGAIN_SECONDS: Final = 0.5
# How often a call is retried before the command gives up.
_PATIENCE: Final = 20
_REFUSED_SHOWN: Final = 20
_ATTEMPTS_KNOWN: Final = 100
_NAMESPACE: Final = UUID("7c0f3b54-6a55-4b0e-9a1e-6d1c1e7f2a10")
_GIVEN_UP: Final = {S.IMPORT_STATE_CANCELLED, S.IMPORT_STATE_UNREADABLE}


async def check_file(asking: Asking, file: Path, *, again: bool) -> ExitCode:
    """Upload and check; ANSWER_IS_NO when the file, or a row of it, cannot be imported."""
    content = _read(file)
    async with open_park(asking) as park:
        shipment = await _checked(park, file.name, content, again=again)
        if asking.as_json:
            answer_import(asking, shipment)
        else:
            await _tell(park, shipment)
            if shipment.state == S.IMPORT_STATE_CHECKED:
                note(f"nothing is imported yet: meterpark import run {file}")
    return _exit_code(shipment)


async def run_file(asking: Asking, file: Path, *, again: bool, without_asking: bool) -> ExitCode:
    """Upload, check, ask and run; ANSWER_IS_NO when the file, or a row of it, was not imported."""
    if not without_asking and (asking.as_json or not sys.stdin.isatty()):
        raise WrongUsage("no terminal to confirm after the check: --yes imports the good rows")
    content = _read(file)
    async with open_park(asking) as park:
        shipment = await _checked(park, file.name, content, again=again)
        if shipment.state in {S.IMPORT_STATE_CHECKED, S.IMPORT_STATE_PAUSED}:
            if not without_asking:
                await _tell(park, shipment)
                if not typer.confirm(f"Import {shipment.ready_count:,} meters?", err=True):
                    note(f"left as it is: meterpark import cancel {shipment.import_id}")
                    return ExitCode.ANSWER_IS_NO
            shipment = await _let_run(park, shipment)
        shipment = await _until_still(park, shipment)
        if asking.as_json:
            answer_import(asking, shipment)
        else:
            await _tell(park, shipment)
    return _exit_code(shipment)


def _read(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if size > IMPORT_FILE_BYTES:
            raise WrongUsage(
                f"{file}: has {size:,} bytes, {IMPORT_FILE_BYTES:,} are allowed; split the file"
            )
        content = file.read_bytes()
    except OSError as error:
        raise WrongUsage(f"{file}: {error.strerror}") from None
    if not content:
        raise WrongUsage(f"{file}: is empty")
    return content


async def _checked(park: Park, name: str, content: bytes, *, again: bool) -> Shipment:
    """Return the import of this file once it is checked, or further than that."""
    shipment = await _found_or_begun(park, name, content, again=again)
    while shipment.state == S.IMPORT_STATE_UPLOADING:
        if shipment.received_bytes < len(content):
            shipment = await _append(park, shipment, content)
            continue
        request = contract.CheckImportRequest(import_id=shipment.import_id)
        answer = await park.imports.ask(park.imports.calls.CheckImport, request)
        shipment = answer.shipment_import
    return await _wait(
        park, shipment, lambda one: one.state != S.IMPORT_STATE_CHECKING, lambda _: "is checked"
    )


async def _found_or_begun(park: Park, name: str, content: bytes, *, again: bool) -> Shipment:
    digest = sha256(content).hexdigest()
    for attempt in range(_ATTEMPTS_KNOWN):
        request = contract.CreateImportRequest(
            request_id=str(uuid5(_NAMESPACE, f"{name}\0{digest}\0{attempt}")), file_name=name[-200:]
        )
        answer = await park.imports.ask(park.imports.calls.CreateImport, request)
        shipment = answer.shipment_import
        if shipment.state == S.IMPORT_STATE_DONE and not again:
            raise Failure(
                f"{name}: this very file was imported before, as {shipment.import_id}"
                f" ({counts_told(shipment)}); --again imports it once more"
            )
        if shipment.state not in {*_GIVEN_UP, S.IMPORT_STATE_DONE}:
            return shipment
    raise Failure(f"{name}: this very file was imported {_ATTEMPTS_KNOWN} times before")


async def _append(park: Park, shipment: Shipment, content: bytes) -> Shipment:
    offset = shipment.received_bytes
    request = contract.AppendImportChunkRequest(
        import_id=shipment.import_id, offset=offset, content=content[offset : offset + _PIECE]
    )
    try:
        answer = await park.imports.ask(park.imports.calls.AppendImportChunk, request)
    except Refused as refused:
        if refused.reason != "CHUNK_OFFSET_WRONG":
            raise
        # The same command runs twice: the other one has sent this part already.
        return await _get(park, shipment.import_id)
    return answer.shipment_import


async def _let_run(park: Park, shipment: Shipment) -> Shipment:
    calls, import_id = park.imports.calls, shipment.import_id
    if shipment.state == S.IMPORT_STATE_PAUSED:
        resume = contract.ResumeImportRequest(import_id=import_id)
        return (await park.imports.ask(calls.ResumeImport, resume)).shipment_import
    request = contract.RunImportRequest(import_id=import_id)
    return (await park.imports.ask(calls.RunImport, request)).shipment_import


async def _until_still(park: Park, shipment: Shipment) -> Shipment:
    try:
        return await _wait(
            park, shipment, lambda one: one.state != S.IMPORT_STATE_RUNNING, counts_told
        )
    except asyncio.CancelledError:
        note(f"it continues in the service: meterpark import show {shipment.import_id}")
        raise


async def _wait(
    park: Park,
    shipment: Shipment,
    is_over: Callable[[Shipment], bool],
    told: Callable[[Shipment], str],
) -> Shipment:
    """Look again until it is over; a service that restarts meanwhile is waited for."""
    misses, said = 0, ""
    while not is_over(shipment):
        line = "; ".join(text for text in (told(shipment), shipment.detail) if text)
        if sys.stderr.isatty() and line != said:
            said = line
            note(f"{shipment.import_id}: {line}")
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        try:
            shipment = await _get(park, shipment.import_id)
        except Unreachable:
            misses += 1
            if misses == _PATIENCE:
                raise
        else:
            misses = 0
    return shipment


async def _get(park: Park, import_id: str) -> Shipment:
    request = contract.GetImportRequest(import_id=import_id)
    return (await park.imports.ask(park.imports.calls.GetImport, request)).shipment_import


async def _tell(park: Park, shipment: Shipment) -> None:
    """Show the counts and the first rows that were refused."""
    target = console()
    if shipment.refused_count:
        refused = [contract.ImportVerdict.IMPORT_VERDICT_REFUSED]
        rows, more = await row_page(park, shipment.import_id, refused, _REFUSED_SHOWN, "")
        show(target, row_table(rows, width=target.width, header=True))
        if more:
            note(
                f"{len(rows)} of {shipment.refused_count:,} refused rows shown; all of them:"
                f" meterpark import rows {shipment.import_id} --verdict refused --all"
            )
    said = f"import {shipment.import_id}: {state_word(shipment).lower()}, {counts_told(shipment)}"
    show(target, f"{said}; {shipment.detail}" if shipment.detail else said)


def _exit_code(shipment: Shipment) -> ExitCode:
    not_good = shipment.refused_count or shipment.skipped_count or shipment.state in _GIVEN_UP
    return ExitCode.ANSWER_IS_NO if not_good else ExitCode.FINE
