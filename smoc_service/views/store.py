"""Saved views: a filter, an order and columns under a name. Each reader gets the present result.

A view is one document, ``_id`` made of its owner and the id of the request that made it: the same request again meets
itself. The filter lies there in the contract's words.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

from pymongo import ASCENDING, AsyncMongoClient, IndexModel
from pymongo.errors import DuplicateKeyError

from service_chassis.scope import Scope
from smoc_service.errors import RequestReused, TooMany, ViewNameTaken, ViewUnknown
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


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    view_id: str
    owner: Who
    content: Content
    updated_at: datetime


class ViewStore:
    """Keeps views. MongoDB in trouble is a ``PyMongoError``."""

    def __init__(self, client: AsyncMongoClient[Document], database: str) -> None:
        self._views = client[database][VIEWS]
        # Counting and adding one must not be done by two at once.
        self._adding = asyncio.Lock()

    async def seen_by(self, who: Who, scope: Scope) -> list[View]:
        """Return the user's own views and those that are shared and name no network outside of ``scope``, by name."""
        own = await (
            self._views.find({"owner": who.subject}, hint="by_name")
            .sort("name", ASCENDING)
            .limit(OF_ONE_AT_MOST)
            .to_list()
        )
        shared: Document = {"shared": True, "owner": {"$ne": who.subject}}
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
        self, who: Who, scope: Scope, view_id: str, content: Content, now: datetime
    ) -> View:
        """Replace the content of the user's own view; raise as ``create`` does, or ``ViewUnknown``."""
        _require(content, scope)
        view = View(view_id=view_id, owner=who, content=content, updated_at=now)
        mine = {"_id": view_id, "owner": who.subject}
        async with self._adding:
            before = await self._views.find_one(mine)
            if before is None:
                raise ViewUnknown(view_id)
            if content.shared and not before["shared"]:
                await self._require_room_to_share()
            try:
                await self._views.update_one(mine, {"$set": _view_document(view)})
            except DuplicateKeyError:
                raise ViewNameTaken(content.name) from None
        return view

    async def delete(self, who: Who, view_id: str) -> None:
        """Delete the user's own view; one that is not there is no error. Raise ``ViewUnknown`` for another user's."""
        deleted = await self._views.delete_one({"_id": view_id, "owner": who.subject})
        if not deleted.deleted_count and await self._views.find_one({"_id": view_id}):
            raise ViewUnknown(view_id)

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
        ),
        updated_at=document["updated_at"],
    )
