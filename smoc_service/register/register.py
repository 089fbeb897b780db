"""The write side of the register: newer revisions take the place of older ones, timelines only grow.

Theory of operation:

* A call writes the timeline entries first, then the devices. A process that dies in between leaves entries of a
  revision that its device does not show yet. The hub, unanswered, sends the same again: the entries are there already,
  the device is stored. The other way round the device would claim a revision of which the timeline knows nothing, and
  ``behind`` could not tell the hub's checker about it. So: what a device's revision says is complete.
* A device document is only ever replaced on the condition that it still is what this call read (its revision, the
  version of what people say of the device, and what was gathered of its past). Whoever comes second reads again and
  decides again. So an older revision never overwrites a newer one, what people said is carried over whole, and the
  facet values which a document says it took the place of are right, on which the park's counts rest.
* The state of a device (``known_states``) is written before the device that points to it. When a process dies in
  between, the state is true all the same: the hub said it at that revision.
* A device's past (``past``) is gathered from all that comes, also from an older revision and from late entries.
* Each collection takes one request per batch (devices: a read and a write), not one per device.
* All this is for the seldom case. A batch as a rule meets nothing that is there already, and is written as one
  (`joint_writes`), which costs the database half: entries, states and devices are then all there, or none is.
* "Already there" is answered from majority reads in the same causally consistent session as the writes: what another
  call wrote, and could still lose, is waited for.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pymongo import AsyncMongoClient, InsertOne, ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError

from joint_writes import JointWrites
from smoc_service.mongodb import Document
from smoc_service.register.device import Device, Provision, Provisioned
from smoc_service.register.documents import (
    DEVICES,
    OF_THE_CHANGE,
    TIMELINE,
    device_document,
    entry_document,
    facet_values,
    work_from,
)
from smoc_service.register.known_states import STATES, state_after
from smoc_service.register.milestones import merged, past_document, past_from, past_of

_DUPLICATE_KEY = 11000
_NO_REVISION = 0


class Register:
    """Stores what the hub says. Every method may be repeated; MongoDB in trouble is a ``PyMongoError``."""

    def __init__(self, client: AsyncMongoClient[Document], database: str) -> None:
        self._client = client
        self._joint = JointWrites(client)
        self._devices = client[database][DEVICES]
        self._timeline = client[database][TIMELINE]
        self._states = client[database][STATES]
        # How many devices were provisioned since the start: stored, or current already.
        self.provisioned: Counter[str] = Counter(stored=0, current=0)

    async def provision(self, provisions: Sequence[Provision]) -> list[Provisioned]:
        """Store devices, each at most once in ``provisions``, and their entries; answers in the same order.

        On return everything is stored by a majority of the database's members.
        """
        outcomes = await self._stored_as_one(provisions)
        if outcomes is None:
            async with self._client.start_session(causal_consistency=True) as session:
                await self._add_entries(provisions, session)
                outcomes = await self._store(provisions, session)
        self.provisioned.update("stored" if one.stored else "current" for one in outcomes.values())
        return [outcomes[each.device.device_id] for each in provisions]

    async def behind(self, revisions: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
        """Return those of (device id, revision) that the register does not hold, with the revision it holds or 0."""
        asked = [device_id for device_id, _ in revisions]
        found = self._devices.find({"_id": {"$in": asked}}, {"revision": True})
        held = {document["_id"]: document["revision"] async for document in found}
        return [
            (device_id, held.get(device_id, _NO_REVISION))
            for device_id, revision in revisions
            if held.get(device_id, _NO_REVISION) < revision
        ]

    async def _stored_as_one(
        self, provisions: Sequence[Provision]
    ) -> dict[str, Provisioned] | None:
        """Store all as one; None: something is there already, or in the way, and nothing was stored."""
        outcomes: dict[str, Provisioned] = {}

        async def store(session: AsyncClientSession) -> None:
            held = await self._held([each.device.device_id for each in provisions], session)
            entries: list[Document] = []
            states: list[Document] = []
            devices: list[ReplaceOne[Document]] = []
            for each in provisions:
                before = held.get(each.device.device_id)
                outcomes[each.device.device_id] = _outcome(before, each)
                entries += [entry_document(each.device, entry) for entry in each.entries]
                after, state = _after(before, each)
                if state is not None:
                    states.append(state)
                if after is not None:
                    # No condition: whoever changes the device meanwhile ends this transaction.
                    devices.append(ReplaceOne({"_id": after["_id"]}, after, upsert=True))
            if entries:
                await self._timeline.insert_many(entries, session=session)
            if states:
                await self._states.insert_many(states, session=session)
            if devices:
                await self._devices.bulk_write(devices, session=session)

        return outcomes if await self._joint.done(store, writes=len(provisions)) else None

    async def _add_entries(
        self, provisions: Sequence[Provision], session: AsyncClientSession
    ) -> None:
        added = [
            InsertOne(entry_document(each.device, entry))
            for each in provisions
            for entry in each.entries
        ]
        if added:
            await write_all_new(self._timeline, added, session)

    async def _store(
        self, provisions: Sequence[Provision], session: AsyncClientSession
    ) -> dict[str, Provisioned]:
        outcomes: dict[str, Provisioned] = {}
        still_open = list(provisions)
        # It ends: a device stays open only when another process raised its revision in between, at last beyond ours,
        # or when a user's note on it, or more of its past, came in between.
        while still_open:
            held = await self._held([each.device.device_id for each in still_open], session)
            writes: list[ReplaceOne[Document]] = []
            states: list[InsertOne[Document]] = []
            written: list[Provision] = []
            for each in still_open:
                before = held.get(each.device.device_id)
                outcomes[each.device.device_id] = _outcome(before, each)
                after, state = _after(before, each)
                if state is not None:
                    states.append(InsertOne(state))
                if after is not None:
                    writes.append(ReplaceOne(unchanged(each.device, before), after, upsert=True))
                    written.append(each)
            still_open = []
            if states:
                await write_all_new(self._states, states, session)
            if writes:
                moved = await write_all_new(self._devices, writes, session)
                still_open = [written[index] for index in moved]
        return outcomes

    async def _held(
        self, device_ids: list[str], session: AsyncClientSession
    ) -> dict[str, Document]:
        found = self._devices.find(
            {"_id": {"$in": device_ids}}, session=session, batch_size=len(device_ids) + 1
        )
        return {document["_id"]: document async for document in found}


def _outcome(before: Document | None, provision: Provision) -> Provisioned:
    revision = _revision(before)
    return Provisioned(
        device_id=provision.device.device_id,
        revision=max(revision, provision.device.revision),
        stored=revision < provision.device.revision,
    )


def _after(
    before: Document | None, provision: Provision
) -> tuple[Document | None, Document | None]:
    """Return the device's document after ``provision`` and the state to be kept; None for what stays as it is."""
    known = past_from(before)
    past = merged(known, past_of(provision.device, provision.entries))
    if _revision(before) < provision.device.revision:
        device = provision.device
        if before is not None and (work := work_from(before)) != device.work:
            device = replace(device, work=work)
        values = None if before is None else facet_values(before)
        state, mark = state_after(before, device)
        context = {"traceparent": provision.traceparent} if provision.traceparent else {}
        return device_document(device, values) | past_document(past) | mark | context, state
    if before is None or past == known:
        return None, None
    kept = {name: before[name] for name in before if name not in OF_THE_CHANGE}
    return kept | past_document(past), None


def unchanged(device: Device, before: Document | None) -> Document:
    """Return the query for the device as it was read.

    When it changed since, nothing matches, and the insert of the upsert hits the device's own _id.
    That error names the device; a plain replacement would only be missing in a total.
    """
    held = before or {}
    return {
        "_id": device.device_id,
        "revision": _revision(before),
        # None: there is no such field.
        "work.version": work_from(held).version or None,
        "milestones": held.get("milestones"),
        "contact_days": held.get("contact_days"),
    }


def _revision(document: Mapping[str, Any] | None) -> int:
    return _NO_REVISION if document is None else int(document["revision"])


async def write_all_new(
    collection: AsyncCollection[Document],
    writes: Sequence[InsertOne[Document] | ReplaceOne[Document]],
    session: AsyncClientSession,
) -> list[int]:
    """Write in one request; return which of ``writes`` were refused because their ``_id`` is taken."""
    try:
        await collection.bulk_write(writes, ordered=False, session=session)
    except BulkWriteError as error:
        details = error.details or {}
        refused = details.get("writeErrors", [])
        # "Taken" is only an answer when the majority has it; an unmet write concern outweighs it.
        if details.get("writeConcernErrors") or any(
            each["code"] != _DUPLICATE_KEY for each in refused
        ):
            raise
        return [each["index"] for each in refused]
    return []
