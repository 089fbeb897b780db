"""Deeds in MongoDB. They are added and ended, never changed or deleted: they are kept as long as the register is.

An id begins with the time in milliseconds, so a span of time is a range of ids, and every index ends with the id.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError

from service_chassis.pages import Page, resumed, seal
from service_chassis.scope import Scope
from service_deeds.deed import Deed, Outcome, first_id

Document = dict[str, Any]

DEEDS: Final = "deeds"
_TIME_LIMIT_MS: Final = 10_000
# A caller of gRPC takes four MiB; a deed with the longest ids and words has less than one.
_PAGE_BYTES: Final = 2 * 1024 * 1024
_READ_AT_ONCE: Final = 50
_TEXTS: Final = ("subject", "username", "client", "kind", "about", "summary", "detail")

_INDEXES: Final = [
    IndexModel(
        [("request", ASCENDING)],
        name="once",
        unique=True,
        partialFilterExpression={"request": {"$exists": True}},
    ),
    *(
        IndexModel([(name, ASCENDING), ("_id", DESCENDING)], name=f"by_{name}")
        for name in ("device_ids", "about", "username", "kind")
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeedFilter:
    """Conditions combined with "and", values within one with "or"; what is empty is no condition."""

    usernames: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    device_id: str = ""
    about: str = ""
    start: datetime | None = None
    end: datetime | None = None
    outcomes: tuple[Outcome, ...] = ()

    def query(self) -> Document:
        query: Document = {}
        if self.device_id:
            query["device_ids"] = self.device_id
        if self.about:
            query["about"] = self.about
        for name, values in (
            ("username", self.usernames),
            ("kind", self.kinds),
            ("outcome", self.outcomes),
        ):
            if values:
                query[name] = {"$in": [str(value) for value in values]}
        ids = {
            word: first_id(at)
            for word, at in (("$gte", self.start), ("$lt", self.end))
            if at is not None
        }
        return query | ({"_id": ids} if ids else {})

    def index(self) -> str:
        """Return the index that leads to the fewest."""
        narrowing = {
            "by_device_ids": self.device_id,
            "by_about": self.about,
            "by_username": self.usernames,
            "by_kind": self.kinds,
        }
        # Several values of one index are not in order of the id; then the order of time leads.
        return next(
            (
                name
                for name, asked in narrowing.items()
                if asked and (isinstance(asked, str) or len(asked) == 1)
            ),
            "_id_",
        )


class DeedStore:
    """MongoDB in trouble is a ``PyMongoError``: then what was to be noted must not be done.

    What ``deeds`` acknowledges must be stored by a majority, on disk.
    """

    def __init__(self, deeds: AsyncCollection[Document]) -> None:
        self._deeds = deeds

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        await self._deeds.create_indexes(_INDEXES)

    async def note(self, deed: Deed) -> Deed:
        """Store a deed that is about to be done, once however often it is asked; return it with the id it has.

        One that was done before says that it was asked again, and when: it may be done once more.
        """
        document = _document(deed)
        try:
            await self._deeds.insert_one(document)
        except DuplicateKeyError:
            same = {"request": document.get("request")}
            known = await self._deeds.find_one(same, {"outcome": True})
            if known is None:
                raise
            if known["outcome"] == Outcome.DONE.value:
                again = f"the same request came again at {deed.at.isoformat()}"
                await self._deeds.update_one({"_id": known["_id"]}, {"$set": {"detail": again}})
            return replace(deed, same_as=known["_id"])
        return deed

    async def end(self, deed: Deed, ended: Mapping[str, Any]) -> None:
        """Store how a deed ended. What was done is never called refused because it was asked again.

        When it had been done before, and another thing was made now, it is a deed of its own.
        """
        deed_id = deed.same_as or deed.deed_id
        stored = await self._deeds.update_one(
            {"_id": deed_id, "outcome": {"$ne": Outcome.DONE.value}}, {"$set": dict(ended)}
        )
        if stored.matched_count or ended["outcome"] != Outcome.DONE.value:
            return
        before = await self._deeds.find_one({"_id": deed_id}, {"made": True})
        if before is not None and before.get("made", "") != ended["made"]:
            document = _document(deed)
            # Asked a third time, it is answered with the second one.
            document["request"] += f" {ended['made']}"
            with suppress(DuplicateKeyError):
                await self._deeds.insert_one({**document, **ended})

    async def page(
        self, wanted: DeedFilter, scope: Scope, size: int, token: str, before: str = ""
    ) -> Page[Deed]:
        """Return up to ``size`` deeds that fit, newest first, fewer where they are long; raise ``PageTokenInvalid``.

        They are older than the one with the id ``before``; a token goes before that.
        """
        query = {**wanted.query(), **_seen_in(scope)}
        question = f"deeds {blake2b(repr(query).encode(), digest_size=12).hexdigest()}"
        if before := resumed(question, token) or before:
            ids = query.get("_id", {})
            query["_id"] = {**ids, "$lt": min(before, ids.get("$lt", before))}
        found = (
            self._deeds.find(query, hint=wanted.index())
            .sort("_id", DESCENDING)
            .limit(size + 1)
            .batch_size(min(size + 1, _READ_AT_ONCE))
            .max_time_ms(_TIME_LIMIT_MS)
        )
        shown: list[Deed] = []
        room, more = _PAGE_BYTES, False
        async with found:
            async for document in found:
                room -= _bytes(document)
                more = len(shown) == size or (room < 0 and bool(shown))
                if more:
                    break
                shown.append(_deed(document))
        return Page(items=shown, next_token=seal(question, shown[-1].deed_id) if more else "")


def _seen_in(scope: Scope) -> Document:
    """Return the condition for deeds that lie within ``scope``: of who has no network at all, none is known to."""
    if scope.networks is None:
        return {}
    beyond = {"$elemMatch": {"$nin": sorted(scope.networks)}}
    # None: any network.
    return {"networks": {"$nin": [None, []], "$not": beyond}}


def _bytes(document: Document) -> int:
    """Return about how long the deed is in an answer, and not less."""
    texts = (
        *(text for said in document["said"] for text in said),
        *document["device_ids"],
        *document.get("cut", ()),
        *(document[name] for name in _TEXTS),
    )
    # Tag and length of each, and the times and words between them.
    return 200 + sum(len(text.encode()) + 8 for text in texts)


def _document(deed: Deed) -> Document:
    document: Document = {
        "_id": deed.deed_id,
        "at": deed.at,
        "subject": deed.subject,
        "username": deed.username,
        "client": deed.client,
        "kind": deed.kind,
        "networks": None if deed.networks is None else sorted(deed.networks),
        "about": deed.about,
        "device_ids": list(deed.device_ids),
        "summary": deed.summary,
        "said": [[name, text] for name, text in deed.said.items()],
        "cut": list(deed.cut),
        "outcome": deed.outcome.value,
        "detail": deed.detail,
        "refusal_reason": deed.refusal_reason,
    }
    # What is not there is in no partial index.
    if deed.request_id:
        document["request"] = f"{deed.subject} {deed.kind} {deed.request_id} {deed.content}"
    return document


def _deed(document: Mapping[str, Any]) -> Deed:
    networks = document["networks"]
    return Deed(
        deed_id=document["_id"],
        at=document["at"],
        subject=document["subject"],
        username=document["username"],
        client=document["client"],
        kind=document["kind"],
        networks=None if networks is None else frozenset(networks),
        about=document["about"],
        device_ids=tuple(document["device_ids"]),
        summary=document["summary"],
        said=dict(document["said"]),
        # Those of earlier versions do not say it; a text that is cut ends with "…".
        cut=tuple(document.get("cut", ())),
        outcome=Outcome(document["outcome"]),
        detail=document["detail"],
        # Those of earlier versions do not say it.
        refusal_reason=document.get("refusal_reason", ""),
    )
