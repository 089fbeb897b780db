"""Running an import: its rows travel to device_hub part by part, and each gets the hub's verdict.

Bounded: ``IN_HAND`` parts are under way at once. Trouble with the hub causes delay, and the import shows it.
A part is settled once, by any process: its verdicts are stored first, then the import counts them.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final, Protocol

import structlog
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict as HubVerdict
from meterpark.device_hub.v1.report_pb2 import Report
from pymongo import AsyncMongoClient

from service_chassis.cancellation import end_if_cancelled
from service_chassis.retries import Backoff, Retries
from smoc_service.imports.core.shipment_import import (
    Counts,
    Row,
    ShipmentImport,
    State,
    Verdict,
)
from smoc_service.imports.documents import (
    IMPORT_PARTS,
    part_document,
    part_key,
    rows_from,
)
from smoc_service.imports.hub_client import HubRefused, HubTrouble
from smoc_service.imports.reports import row_after, to_report
from smoc_service.mongodb import Document, as_stored
from smoc_service.work.documents import forget_at
from smoc_service.work.holding import Holding

log = structlog.get_logger()

_BACKOFF: Final = Backoff(first_seconds=0.25, ceiling_seconds=15.0)
# A refusal of the call itself ends with another version of a program, not by asking.
_REFUSED_BACKOFF: Final = Backoff(first_seconds=60.0, ceiling_seconds=60.0)
# How soon an import says that it is denied.
_LOOK_SECONDS: Final = 1.0


class Hub(Protocol):
    @property
    def denial(self) -> str:
        """What an operator has to fix while the hub denies the call; empty while it does not."""
        ...

    async def record_shipments(self, reports: Sequence[Report]) -> list[HubVerdict]:
        """Return one verdict per report (1 to 500), in order, as soon as it is not denied; raise ``HubTrouble``."""
        ...


class ImportRunning:
    def __init__(
        self,
        client: AsyncMongoClient[Document],
        database: str,
        hub: Hub,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._parts = client[database][IMPORT_PARTS]
        self._hub = hub
        self._now = now

    async def work(self, holding: Holding[ShipmentImport]) -> None:
        """Run the import that is held until it is done or stopped; raise ``HoldingLost`` or ``PyMongoError``."""
        in_hand: dict[int, asyncio.Task[tuple[Counts, Counts]]] = {}
        try:
            import_ = await holding.change(lambda each: each.sending(as_stored(self._now())))
            while import_.state is State.RUNNING:
                end_if_cancelled()
                for part in range(import_.next_part, import_.sent_until):
                    if part not in in_hand:
                        in_hand[part] = asyncio.create_task(self._settle(holding, import_, part))
                before, verdicts = await in_hand[import_.next_part]
                del in_hand[import_.next_part]
                import_ = await self._count(holding, before, verdicts)
        finally:
            for task in in_hand.values():
                task.cancel()
            await asyncio.gather(*in_hand.values(), return_exceptions=True)
        log.info(
            "import stopped",
            import_id=import_.import_id,
            state=import_.state,
            imported=import_.counts.imported,
            unchanged=import_.counts.unchanged,
            refused=import_.counts.refused,
        )

    async def _count(
        self, holding: Holding[ShipmentImport], before: Counts, verdicts: Counts
    ) -> ShipmentImport:
        now = as_stored(self._now())

        def settled(import_: ShipmentImport) -> ShipmentImport:
            after = import_.settled(before, verdicts, now)
            return after.sending(now) if after.state is State.RUNNING else after

        return await holding.change(settled)

    async def _settle(
        self, holding: Holding[ShipmentImport], import_: ShipmentImport, part: int
    ) -> tuple[Counts, Counts]:
        """Return how the part's rows counted after the check, and how they count now."""
        key = part_key(import_.list_id, part)
        # It ends: a further round only comes when another process, believed dead, settled the part.
        while True:
            found = await self._parts.find_one({"_id": key})
            if found is None:
                raise RuntimeError(f"part {part} of import {import_.import_id} is not there")
            rows = rows_from(found)
            if found["settled"]:
                return Counts(**found["before"]), Counts.of(rows)
            settled = await self._send(holding, import_, rows)
            before = Counts.of(rows)
            document = part_document(
                import_.list_id, part, settled, forget_at(import_.created_at), settled=True
            )
            document["before"] = asdict(before)
            stored = await self._parts.replace_one({"_id": key, "settled": False}, document)
            if stored.matched_count:
                return before, Counts.of(settled)

    async def _send(
        self, holding: Holding[ShipmentImport], import_: ShipmentImport, rows: Sequence[Row]
    ) -> list[Row]:
        """Return the rows with the hub's verdicts, however long that takes."""
        settled = {row.line: row for row in rows}
        waiting = [row for row in rows if row.verdict is Verdict.READY]
        retries = Retries("send rows to the hub", _BACKOFF)
        after_refusal = Retries("send rows that the hub refused", _REFUSED_BACKOFF)
        while waiting:
            end_if_cancelled()
            trouble, refused = "", False
            try:
                verdicts = await self._verdicts(
                    holding, [to_report(import_, row) for row in waiting]
                )
            except HubTrouble as error:
                trouble = f"device_hub does not take rows, trying again: {error}"
                refused = isinstance(error, HubRefused)
            else:
                for row, verdict in zip(waiting, verdicts, strict=True):
                    settled[row.line] = row_after(row, verdict)
                    if settled[row.line].verdict is Verdict.READY:
                        trouble = f"device_hub postpones rows, trying again: {verdict.detail}"
                before = len(waiting)
                waiting = [row for row in waiting if settled[row.line].verdict is Verdict.READY]
                if len(waiting) < before:
                    retries.got_on()
            if trouble:
                await self._tell(holding, trouble)
                await (after_refusal if refused else retries).pause(trouble)
        return list(settled.values())

    async def _verdicts(
        self, holding: Holding[ShipmentImport], reports: Sequence[Report]
    ) -> list[HubVerdict]:
        """Request verdicts. While the hub denies them, the import says what an operator has to fix."""
        asking = asyncio.create_task(self._hub.record_shipments(reports), name="rows at the hub")
        told = ""
        try:
            while not (await asyncio.wait({asking}, timeout=_LOOK_SECONDS))[0]:
                end_if_cancelled()
                denial = self._hub.denial
                if denial != told:
                    told = denial
                    await self._tell(holding, f"device_hub denies it: {denial}" if denial else "")
            return asking.result()
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    async def _tell(self, holding: Holding[ShipmentImport], trouble: str) -> None:
        log.warning("import waits", import_id=holding.work.import_id, detail=trouble)
        now = as_stored(self._now())
        await holding.change(lambda each: each.in_trouble(trouble[:300], now))
