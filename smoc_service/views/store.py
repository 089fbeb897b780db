"""Saved views, of devices or of alarms: a filter, an order and columns under a name.

Each reader gets the present result.

A view is one document, ``_id`` made of its owner and the id of the request that made it: the same request again meets
itself. The filter lies there in the contract's words.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

from pymongo import ASCENDING, AsyncMongoClient, IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from service_chassis.scope import Scope
from smoc_service.errors import RequestReused, TooMany, ViewChanged, ViewNameTaken, ViewUnknown
from smoc_service.mongodb import Document
from smoc_service.who import Who

VIEWS: Final = "views"
OF_ONE_AT_MOST: Final = 200
SHARED_AT_MOST: Final = 1_000

VIEW_INDEXES: Final = [
    IndexModel([("owner", ASCENDING), ("name", ASCENDING)], name="by_name", unique=True),
    IndexModel([("name", ASCENDING)], name="shared", partialFilterExpression={"shared": True}),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What its owner says of a view."""

    name: str
    conditions: Mapping[str, Any]
    # The networks that the conditions name.
    networks: tuple[str, ...]
    order_by: str
    columns: tuple[str, ...]
    shared: bool
    # Ages that count from when the view is opened, in seconds.
    lasting: Mapping[str, int] = field(default_factory=dict)
    silent_for: int | None = None
    # A view of alarms: what it says of them, in the contract's words; nothing of devices then.
    alarms: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    view_id: str
    owner: Who
    content: Content
    updated_at: datetime
    # How often it was changed.
    version: int = 0

    @property
    def etag(self) -> str:
        return f"v{self.version}"


@dataclass(frozen=True, slots=True)
class Seen:
    """A view as its caller saw it; without an etag it may have changed since."""

    view_id: str
    etag: str = ""

    def still(self, view: View) -> Document:
        """Return the condition that nobody changes ``view`` meanwhile; one that was never changed has no version."""
        return {"version": view.version or None} if self.etag else {}


class ViewStore:
    """Keeps views. MongoDB in trouble is a ``PyMongoError``."""

    def __init__(self, client: AsyncMongoClient[Document], database: str) -> None:
        self._views = client[database][VIEWS]
        # Counting and adding one must not be done by two at once.
        self._adding = asyncio.Lock()

    async def seen_by(self, who: Who, scope: Scope, *, with_alarms: bool) -> list[View]:
        """Return the user's own views and those that are shared and name no network outside of ``scope``, by name."""
        about: Document = {} if with_alarms else {"alarms": None}
        own = await (
            self._views.find({"owner": who.subject, **about}, hint="by_name")
            .sort("name", ASCENDING)
            .limit(OF_ONE_AT_MOST)
            .to_list()
        )
        shared: Document = {"shared": True, "owner": {"$ne": who.subject}, **about}
        if scope.networks is not None:
            shared["networks"] = {"$not": {"$elemMatch": {"$nin": sorted(scope.networks)}}}
        others = await (
            self._views.find(shared, hint="shared")
            .sort("name", ASCENDING)
            .limit(SHARED_AT_MOST)
            .to_list()
        )
        found = sorted([*own, *others], key=lambda each: (each["name"], each["username"]))
        return [_view_from(document) for document in found]

    async def create(
        self, who: Who, scope: Scope, request_id: str, content: Content, now: datetime
    ) -> View:
        """Add a view, once, however often the request arrives.

        Raises:
            NetworkDenied: it names a network outside of the scope.
            ViewNameTaken: the user has another view of this name.
            TooMany: the limit of views is reached, for this user or in all.
            RequestReused: the request id was used with other content.
        """
        _require(content, scope)
        view_id = uuid5(NAMESPACE_OID, f"{who.subject} {request_id}").hex
        view = View(view_id=view_id, owner=who, content=content, updated_at=now)
        async with self._adding:
            made = await self._views.find_one({"_id": view_id})
            if made is not None:
                if made["made_as"] != _said(content):
                    raise RequestReused
                return _view_from(made)
            await self._require_room(who, shared=content.shared)
            try:
                document = {**_view_document(view), "made_as": _said(content)}
                await self._views.insert_one(document)
            except DuplicateKeyError:
                raise ViewNameTaken(content.name) from None
        return view

    async def update(
        self, who: Who, scope: Scope, seen: Seen, content: Content, now: datetime
    ) -> View:
        """Replace the content of the user's own view; raise as ``create`` does, or ``ViewUnknown``.

        Raises:
            ViewChanged: it has another etag, and other content: what is asked again because its answer was lost is
                answered, and changes nothing.
        """
        _require(content, scope)
        view = View(view_id=seen.view_id, owner=who, content=content, updated_at=now)
        mine = {"_id": seen.view_id, "owner": who.subject}
        async with self._adding:
            before = await self._views.find_one(mine)
            if before is None:
                raise ViewUnknown(seen.view_id)
            present = _view_from(before)
            if seen.etag not in {"", present.etag}:
                if present.content == content:
                    return present
                raise ViewChanged(seen.view_id)
            if content.shared and not before["shared"]:
                await self._require_room_to_share()
            try:
                # Another process may change it at the same time.
                after = await self._views.find_one_and_update(
                    {**mine, **seen.still(present)},
                    {"$set": _view_document(view), "$inc": {"version": 1}},
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError:
                raise ViewNameTaken(content.name) from None
        if after is None:
            raise ViewChanged(seen.view_id)
        return _view_from(after)

    async def delete(self, who: Who, seen: Seen) -> None:
        """Delete the user's own view; one that is not there is no error.

        Raises:
            ViewUnknown: it is another user's.
            ViewChanged: it has another etag.
        """
        document = await self._views.find_one({"_id": seen.view_id})
        if document is None:
            return
        view = _view_from(document)
        if view.owner.subject != who.subject:
            raise ViewUnknown(seen.view_id)
        mine = {"_id": seen.view_id, "owner": who.subject}
        if seen.etag in {"", view.etag}:
            deleted = await self._views.delete_one({**mine, **seen.still(view)})
            if deleted.deleted_count or not await self._views.find_one(mine):
                return
        raise ViewChanged(seen.view_id)

    async def _require_room(self, who: Who, *, shared: bool) -> None:
        count = await self._views.count_documents({"owner": who.subject}, hint="by_name")
        if count >= OF_ONE_AT_MOST:
            raise TooMany(f"you have {count} views, no more are kept: delete one")
        if shared:
            await self._require_room_to_share()

    async def _require_room_to_share(self) -> None:
        count = await self._views.count_documents({"shared": True}, hint="shared")
        if count >= SHARED_AT_MOST:
            raise TooMany(f"{count} views are shared, no more are: keep this one to yourself")


def _require(content: Content, scope: Scope) -> None:
    for network in content.networks:
        scope.require(network, f"network {network}")


def _view_document(view: View) -> Document:
    return {
        "_id": view.view_id,
        "owner": view.owner.subject,
        "username": view.owner.username,
        "updated_at": view.updated_at,
        **_said(view.content),
        # Always there: an update that says none takes away those of before.
        "lasting": dict(view.content.lasting),
        "silent_for": view.content.silent_for,
        "alarms": view.content.alarms,
    }


def _said(content: Content) -> Document:
    return {
        "name": content.name,
        "conditions": dict(content.conditions),
        "networks": list(content.networks),
        "order_by": content.order_by,
        "columns": list(content.columns),
        "shared": content.shared,
        # What was said before there were ages is what is said without any.
        **({"lasting": dict(content.lasting)} if content.lasting else {}),
        **({} if content.silent_for is None else {"silent_for": content.silent_for}),
        **({} if content.alarms is None else {"alarms": dict(content.alarms)}),
    }


def _view_from(document: Mapping[str, Any]) -> View:
    return View(
        view_id=document["_id"],
        owner=Who(subject=document["owner"], username=document["username"]),
        content=Content(
            name=document["name"],
            conditions=document["conditions"],
            networks=tuple(document["networks"]),
            order_by=document["order_by"],
            columns=tuple(document["columns"]),
            shared=document["shared"],
            lasting=document.get("lasting", {}),
            silent_for=document.get("silent_for"),
            alarms=document.get("alarms"),
        ),
        updated_at=document["updated_at"],
        version=document.get("version", 0),
    )
