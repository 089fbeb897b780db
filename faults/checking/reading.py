"""Reads what is stored, straight from MongoDB, by the names under which it lies there.

The names are told again here and shared with nobody: a service that forgets one of its own is found out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pymongo import MongoClient

from faults.checking.check import FACETS
from faults.checking.found import Commit, Event, Found, PutAside, Shown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pymongo.database import Database

Document = dict[str, Any]

HUB: Final = "device_hub"
REGISTER: Final = "smoc"
_UUID: Final = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_PATIENCE_MILLISECONDS: Final = 10_000


def open_client(url: str) -> MongoClient[Document]:
    """Return a client that sees what a majority holds."""
    return MongoClient(
        url,
        tz_aware=True,
        readConcernLevel="majority",
        serverSelectionTimeoutMS=_PATIENCE_MILLISECONDS,
        appName="faults",
    )


def read(
    client: MongoClient[Document], device_ids: Collection[str] | None, *, queued: int, dead: int
) -> Found:
    """Return all that is stored of these devices, of all devices without them.

    Raises PyMongoError.
    """
    hub, register = client[HUB], client[REGISTER]
    of = {} if device_ids is None else {"$in": sorted(device_ids)}
    return Found(
        commits=_commits(hub, of),
        heads={
            one["_id"]: int(one["revision"])
            for one in hub["heads"].find({"_id": of} if of else {}, {"revision": True})
        },
        shown=_shown(register, of),
        entries=_entries(register, device_ids),
        alarms=tuple(
            (one["device_id"], one["rule"])
            for one in register["alarms"].find(
                {"unresolved": True, "device_id": of or {"$gt": ""}},
                {"device_id": True, "rule": True},
            )
        ),
        put_aside=tuple(
            PutAside(quarantine_id=one["_id"], reason=one["reason"], names=_names(hub, one))
            for one in hub["quarantine"].find()
        ),
        queued=queued,
        dead=dead,
    )


def _commits(hub: Database[Document], of: Document) -> dict[str, list[Commit]]:
    found: dict[str, list[Commit]] = {}
    wanted = ("device_id", "revision", "report_id", "origin.message_id", "events", "after")
    for one in hub["commits"].find(
        {"device_id": of} if of else {}, dict.fromkeys(wanted, True), batch_size=5_000
    ):
        found.setdefault(one["device_id"], []).append(
            Commit(
                device_id=one["device_id"],
                revision=int(one["revision"]),
                report_id=one["report_id"],
                message_id=(one.get("origin") or {}).get("message_id", ""),
                events=tuple(_event(event, "at") for event in one["events"]),
                facets=_facets(one["after"]),
            )
        )
    return found


def _event(stored: Mapping[str, Any], time: str) -> Event:
    code = stored.get("code", "")
    return Event(code, stored[time] if code else None)


def _facets(stored: Mapping[str, Any]) -> dict[str, str]:
    return {name: stored[name]["value"] for name in FACETS if name in stored}


def _shown(register: Database[Document], of: Document) -> dict[str, Shown]:
    wanted = ("revision", *FACETS)
    return {
        one["_id"]: Shown(revision=int(one["revision"]), facets=_facets(one))
        for one in register["devices"].find(
            {"_id": of} if of else {}, dict.fromkeys(wanted, True), batch_size=5_000
        )
    }


def _entries(
    register: Database[Document], device_ids: Collection[str] | None
) -> dict[str, dict[tuple[int, int], Event]]:
    found: dict[str, dict[tuple[int, int], Event]] = {}
    wanted = {"code": True, "occurred_at": True}
    # By range of _id, whose first field is the device: there is no other index.
    ranges: list[Document] = [{}]
    if device_ids is not None:
        ranges = [
            {"_id": {"$gt": {"device_id": each}, "$lt": {"device_id": f"{each}\0"}}}
            for each in sorted(device_ids)
        ]
    for query in ranges:
        for one in register["timeline"].find(query, wanted, batch_size=5_000):
            key = one["_id"]
            of_device = found.setdefault(key["device_id"], {})
            of_device[int(key["revision"]), int(key["index"])] = _event(one, "occurred_at")
    return found


def _names(hub: Database[Document], message: Document) -> frozenset[str]:
    """Return every UUID in the message: one of them is its MessageID, be it readable or not."""
    body = bytes(message.get("body", b""))
    if message.get("body_id"):
        parts = hub["quarantine_bodies"].find({"body_id": message["body_id"]}).sort("offset", 1)
        body = b"".join(bytes(part["content"]) for part in parts)
    text = message.get("message_id", "").encode() + b" " + body
    return frozenset(name.decode() for name in _UUID.findall(text))
