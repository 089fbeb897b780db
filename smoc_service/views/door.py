"""ViewService: saved views and preferences. Whose they are is what the caller's token says."""

# ruff: noqa: N802, ARG002 - names and arguments of the methods are the contract's

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import grpc.aio
from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration
from meterpark.smoc.v1 import view_service_pb2 as contract
from meterpark.smoc.v1 import view_service_pb2_grpc

from service_chassis.caller import Caller, current_caller
from service_chassis.refusals import argument_invalid
from service_chassis.times import write_time
from smoc_service.alarms.wire import read_alarm_filter
from smoc_service.door.caller import who_calls
from smoc_service.door.reading import read_request_id, under
from smoc_service.mongodb import as_stored
from smoc_service.park.questions import filter_document, read_filter, read_order
from smoc_service.register.device import FACETS, network_of
from smoc_service.views.preferences import PreferenceStore
from smoc_service.views.store import Content, Seen, View, ViewStore

NAME_AT_MOST: Final = 100
COLUMNS_AT_MOST: Final = 40
# All views that a user sees fit into one answer.
BYTES_AT_MOST: Final = 8 * 1024
_COLUMN_AT_MOST = 60
_AGE_AT_MOST = timedelta(days=3_650)
PREFERENCE_AT_MOST: Final = 1_000
_PREFERENCE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_VIEW_ID = re.compile(r"[0-9a-f]{32}")

Context = grpc.aio.ServicerContext[Any, Any]


class ViewDoor(view_service_pb2_grpc.ViewServiceServicer):
    def __init__(
        self, store: ViewStore, preferences: PreferenceStore, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._preferences = preferences
        self._now = now

    async def ListViews(
        self, request: contract.ListViewsRequest, context: Context
    ) -> contract.ListViewsResponse:
        caller = current_caller()
        views = await self._store.seen_by(
            who_calls(), caller.scope, with_alarms=request.with_alarms
        )
        return contract.ListViewsResponse(views=[_write_view(each, caller) for each in views])

    async def CreateView(
        self, request: contract.CreateViewRequest, context: Context
    ) -> contract.CreateViewResponse:
        caller = current_caller()
        view = await self._store.create(
            who_calls(),
            caller.scope,
            read_request_id(request.request_id),
            _read_content(request.view),
            as_stored(self._now()),
        )
        return contract.CreateViewResponse(view=_write_view(view, caller))

    async def UpdateView(
        self, request: contract.UpdateViewRequest, context: Context
    ) -> contract.UpdateViewResponse:
        caller = current_caller()
        view = await self._store.update(
            who_calls(),
            caller.scope,
            Seen(_read_view_id(request.view.view_id, "view.view_id"), request.view.etag),
            _read_content(request.view),
            as_stored(self._now()),
        )
        return contract.UpdateViewResponse(view=_write_view(view, caller))

    async def DeleteView(
        self, request: contract.DeleteViewRequest, context: Context
    ) -> contract.DeleteViewResponse:
        view_id = _read_view_id(request.view_id, "view_id")
        await self._store.delete(who_calls(), Seen(view_id, request.etag))
        return contract.DeleteViewResponse()

    async def GetPreferences(
        self, request: contract.GetPreferencesRequest, context: Context
    ) -> contract.GetPreferencesResponse:
        chosen = await self._preferences.of(who_calls())
        return contract.GetPreferencesResponse(
            preferences=[
                contract.Preference(name=name, value=value) for name, value in chosen.items()
            ]
        )

    async def SetPreference(
        self, request: contract.SetPreferenceRequest, context: Context
    ) -> contract.SetPreferenceResponse:
        name, value = request.preference.name, request.preference.value
        if not _PREFERENCE.fullmatch(name):
            raise argument_invalid(
                "preference.name", "not 1 to 40 of a-z, 0-9 and -, a letter first"
            )
        if len(value) > PREFERENCE_AT_MOST or not value.isprintable():
            raise argument_invalid(
                "preference.value", f"not up to {PREFERENCE_AT_MOST} printable characters"
            )
        await self._preferences.set(who_calls(), name, value)
        return contract.SetPreferenceResponse(preference=request.preference)


def _read_view_id(text: str, field: str) -> str:
    if not _VIEW_ID.fullmatch(text):
        raise argument_invalid(field, f"{text[:60]!r} is not a view's number")
    return text


def _read_content(view: contract.View) -> Content:
    name = view.name.strip()
    if not 1 <= len(name) <= NAME_AT_MOST or not name.isprintable():
        raise argument_invalid("view.name", f"not 1 to {NAME_AT_MOST} printable characters")
    if len(view.columns) > COLUMNS_AT_MOST:
        raise argument_invalid("view.columns", f"more than {COLUMNS_AT_MOST}")
    for index, column in enumerate(view.columns):
        if not 1 <= len(column) <= _COLUMN_AT_MOST or not column.isprintable():
            raise argument_invalid(
                f"view.columns[{index}]", f"not 1 to {_COLUMN_AT_MOST} printable characters"
            )
    if view.ByteSize() > BYTES_AT_MOST:
        raise argument_invalid("view", f"larger than {BYTES_AT_MOST} bytes")
    if view.HasField("silent_for") and view.filter.HasField("last_contact"):
        raise argument_invalid("view.silent_for", "the filter has last_contact already")
    if view.HasField("alarms"):
        return _read_alarms(view, name)
    with under("view"):
        read_filter(view.filter)
        read_order(view.order_by)
    return Content(
        name=name,
        conditions=filter_document(view.filter),
        networks=tuple(sorted(set(view.filter.networks))),
        order_by=view.order_by,
        columns=tuple(view.columns),
        shared=view.shared,
        lasting=_read_lasting(view),
        silent_for=_read_age(view.silent_for, "view.silent_for")
        if view.HasField("silent_for")
        else None,
    )


def _read_alarms(view: contract.View, name: str) -> Content:
    of_devices = view.HasField("filter") or view.lasting or view.HasField("silent_for")
    if of_devices or view.order_by or view.columns:
        raise argument_invalid("view.alarms", "a view of alarms says nothing of devices")
    wanted = view.alarms.filter
    with under("view.alarms"):
        read_alarm_filter(wanted)
    if view.alarms.mine and wanted.assignees:
        raise argument_invalid("view.alarms.mine", "the filter has assignees already")
    networks = {*wanted.networks, *([network_of(wanted.device_id)] if wanted.device_id else [])}
    return Content(
        name=name,
        conditions={},
        networks=tuple(sorted(networks)),
        order_by="",
        columns=(),
        shared=view.shared,
        alarms=filter_document(view.alarms),
    )


def _read_lasting(view: contract.View) -> dict[str, int]:
    ages: dict[str, int] = {}
    moments = {age.facet for age in view.filter.facet_ages}
    for index, each in enumerate(view.lasting):
        field = f"view.lasting[{index}]"
        if each.facet not in FACETS:
            raise argument_invalid(
                f"{field}.facet", f"{each.facet[:60]!r} is not one of {', '.join(FACETS)}"
            )
        if each.facet in ages or each.facet in moments:
            raise argument_invalid(f"{field}.facet", f"{each.facet!r} is given twice")
        ages[each.facet] = _read_age(each.at_least, f"{field}.at_least")
    return ages


def _read_age(age: Duration, field: str) -> int:
    if age.nanos or not 1 <= age.seconds <= _AGE_AT_MOST.total_seconds():
        raise argument_invalid(field, f"not whole seconds, 1 to {_AGE_AT_MOST.days} days of them")
    return age.seconds


def _write_view(view: View, caller: Caller) -> contract.View:
    content = view.content
    written = contract.View(
        view_id=view.view_id,
        name=content.name,
        order_by=content.order_by,
        columns=content.columns,
        shared=content.shared,
        owner=view.owner.username,
        own=view.owner.subject == caller.subject,
        etag=view.etag,
        update_time=write_time(view.updated_at),
        lasting=[
            contract.FacetLasting(facet=facet, at_least=Duration(seconds=seconds))
            for facet, seconds in content.lasting.items()
        ],
        silent_for=None if content.silent_for is None else Duration(seconds=content.silent_for),
    )
    if content.alarms is None:
        json_format.ParseDict(dict(content.conditions), written.filter)
    else:
        json_format.ParseDict(dict(content.alarms), written.alarms)
        # Also when it says nothing: all alarms that need attention.
        written.alarms.SetInParent()
    return written
