"""The reported entries of a device, as a strand of its timeline: in order of ``_id``, without another index.

A filter is checked on the entries as they come. When few fit, a page reads at most ``LOOKED_THROUGH`` entries.
"""

from typing import Any, Final

from pymongo import DESCENDING
from pymongo.asynchronous.collection import AsyncCollection

from smoc_service.history.timeline_filter import TimelineFilter
from smoc_service.history.timeline_merge import NEVER, Found, Strand
from smoc_service.mongodb import Document
from smoc_service.register.device import TimelineEntry
from smoc_service.register.documents import entries_query, entry_from

LOOKED_THROUGH: Final = 10_000
_TIME_LIMIT_MS: Final = 10_000

# (revision, index within the revision's commit)
Position = tuple[int, int]


async def entries_strand(
    timeline: AsyncCollection[Document],
    device_id: str,
    wanted: TimelineFilter,
    position: Position | None,
    size: int,
) -> Strand:
    """Return the newest ``size`` entries before ``position`` and one more, as far as the next ones hold them."""
    query = entries_query(device_id, position)
    narrowed = wanted.query()
    pipeline: list[dict[str, Any]] = [{"$match": query}, {"$sort": {"_id": DESCENDING}}]
    if narrowed:
        pipeline += [{"$limit": LOOKED_THROUGH}, {"$match": narrowed}]
    cursor = await timeline.aggregate(
        [*pipeline, {"$limit": size + 1}],
        hint="_id_",
        batchSize=size + 1,
        maxTimeMS=_TIME_LIMIT_MS,
    )
    found = [_found(entry_from(document)) for document in await cursor.to_list()]
    begins = position or ((found[0].entry.revision, found[0].entry.index + 1) if found else (0, 0))
    if not narrowed or len(found) > size:
        return Strand(found=found, begins=begins, more=len(found) > size)
    last = await (
        timeline.find(query, {"_id": True, "recorded_at": True})
        .sort("_id", DESCENDING)
        .skip(LOOKED_THROUGH - 1)
        .limit(1)
        .hint("_id_")
        .max_time_ms(_TIME_LIMIT_MS)
        .to_list()
    )
    if not last:
        return Strand(found=found, begins=begins)
    horizon = last[0]["recorded_at"] or NEVER
    start = wanted.recorded_from
    if start is not None and horizon < start:
        return Strand(found=found, begins=begins)
    key = last[0]["_id"]
    return Strand(
        found=found,
        begins=begins,
        more=True,
        horizon=horizon,
        looked_to=(key["revision"], key["index"]),
    )


def _found(entry: TimelineEntry) -> Found:
    at = entry.recorded_at or entry.received_at or entry.occurred_at or NEVER
    return Found(entry=entry, at=at, position=(entry.revision, entry.index))
