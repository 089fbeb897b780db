"""Saved views, of devices or of alarms: a filter, an order and columns under a name."""

from datetime import datetime
from typing import Annotated

import strawberry
from google.protobuf.duration_pb2 import Duration
from meterpark.smoc.v1 import view_service_pb2 as wire

from bff.graph.alarms.alarm import AlarmFilter, AlarmFilterInput, alarm_filter_of
from bff.graph.asking.context import Info
from bff.graph.devices.filter import (
    DeviceFilterInput,
    DeviceOrder,
    FacetName,
    filter_to_wire,
    order_to_wire,
)
from bff.graph.devices.shown_filter import (
    DeviceFilter,
    DeviceOrdering,
    facet_of,
    filter_of,
    ordering_of,
)
from bff.graph.fields import RequestId, time_of
from bff.graph.refusals import (
    ArgumentInvalid,
    NotAllowed,
    RequestIdReused,
    TooMany,
    ViewChangedMeanwhile,
    ViewNameTaken,
    ViewUnknown,
)


@strawberry.type(description="What the viewer may do with this view: a hint for pages.")
class ViewViewerCan:
    update: bool
    delete: bool


@strawberry.type(description="A facet has its value for at least so long when the view is opened.")
class FacetLasting:
    facet: FacetName | None
    seconds: int


_MINE = "Those that are assigned to who opens the view: the filter has no assignees then."


@strawberry.type(description="The alarms that a view shows.")
class AlarmView:
    filter: AlarmFilter
    mine: bool = strawberry.field(description=_MINE)


@strawberry.type(description="A filter, an order and columns, kept under a name.")
class View:
    view_id: strawberry.ID
    name: str
    filter: DeviceFilter
    order_by: list[DeviceOrdering]
    columns: list[str] = strawberry.field(description="As the page knows them.")
    shared: bool
    owner: str
    own: bool = strawberry.field(description="The viewer is its owner.")
    updated_at: datetime | None
    lasting: list[FacetLasting] = strawberry.field(
        description="Conditions beside the filter: who opens the view counts them back from then."
    )
    silent_seconds: int | None = strawberry.field(
        description="Not heard of for at least so long when the view is opened."
    )
    alarms: AlarmView | None = strawberry.field(
        description="A view of alarms; null: of devices. It says nothing of devices then."
    )
    etag: str = strawberry.field(
        description="Another one after every change: a change that names it is made to this view alone."
    )
    viewer_can: ViewViewerCan


def view_of(told: wire.View) -> View:
    return View(
        view_id=strawberry.ID(told.view_id),
        name=told.name,
        filter=filter_of(told.filter),
        order_by=ordering_of(told.order_by),
        columns=list(told.columns),
        shared=told.shared,
        owner=told.owner,
        own=told.own,
        updated_at=time_of(told, "update_time"),
        lasting=[
            FacetLasting(facet=facet_of(each.facet), seconds=each.at_least.seconds)
            for each in told.lasting
        ],
        silent_seconds=told.silent_for.seconds if told.HasField("silent_for") else None,
        alarms=AlarmView(filter=alarm_filter_of(told.alarms.filter), mine=told.alarms.mine)
        if told.HasField("alarms")
        else None,
        etag=told.etag,
        viewer_can=ViewViewerCan(update=told.own, delete=told.own),
    )


@strawberry.input
class FacetLastingInput:
    facet: FacetName
    seconds: int


@strawberry.input
class AlarmViewInput:
    filter: AlarmFilterInput | None = None
    mine: bool = strawberry.field(default=False, description=_MINE)

    def to_wire(self) -> wire.AlarmView:
        return wire.AlarmView(filter=self.filter.to_wire() if self.filter else None, mine=self.mine)


@strawberry.input
class ViewInput:
    name: str = strawberry.field(description="1 to 100 characters, one of the owner's at most.")
    filter: DeviceFilterInput | None = None
    order_by: list[DeviceOrder] | None = None
    columns: list[str] | None = strawberry.field(default=None, description="Up to 40.")
    shared: bool = False
    lasting: list[FacetLastingInput] | None = strawberry.field(
        default=None,
        description="Ages that count from when the view is opened; at most one of each facet.",
    )
    silent_seconds: int | None = None
    alarms: AlarmViewInput | None = strawberry.field(
        default=None, description="A view of alarms, and then without anything about devices."
    )

    def to_wire(self, view_id: str = "", etag: str = "") -> wire.View:
        return wire.View(
            view_id=view_id,
            etag=etag,
            name=self.name,
            filter=filter_to_wire(self.filter, "view.filter"),
            order_by=order_to_wire(self.order_by, "view.orderBy"),
            columns=self.columns,
            shared=self.shared,
            lasting=[
                wire.FacetLasting(facet=each.facet.value, at_least=Duration(seconds=each.seconds))
                for each in self.lasting or ()
            ],
            silent_for=None
            if self.silent_seconds is None
            else Duration(seconds=self.silent_seconds),
            alarms=self.alarms.to_wire() if self.alarms else None,
        )


@strawberry.type
class ViewChanged:
    view: View


@strawberry.type(description="The view is deleted, now or before.")
class ViewDeleted:
    view_id: strawberry.ID


CreateViewResult = Annotated[
    ViewChanged | ViewNameTaken | RequestIdReused | TooMany | NotAllowed | ArgumentInvalid,
    strawberry.union("CreateViewResult"),
]
UpdateViewResult = Annotated[
    ViewChanged
    | ViewUnknown
    | ViewChangedMeanwhile
    | ViewNameTaken
    | TooMany
    | NotAllowed
    | ArgumentInvalid,
    strawberry.union("UpdateViewResult"),
]
DeleteViewResult = Annotated[
    ViewDeleted | ViewUnknown | ViewChangedMeanwhile | NotAllowed | ArgumentInvalid,
    strawberry.union("DeleteViewResult"),
]


async def views(info: Info, *, with_alarms: bool = False) -> list[View]:
    """The viewer's own views and those that are shared, by name; those of alarms only when asked for."""
    asking = info.context.asking
    answer = await asking.ask(
        asking.register.views.ListViews, wire.ListViewsRequest(with_alarms=with_alarms)
    )
    return [view_of(told) for told in answer.views]


async def create_view(info: Info, view: ViewInput, request_id: RequestId) -> CreateViewResult:
    """Keeps a view."""
    asking = info.context.asking
    answer = await asking.ask(
        asking.register.views.CreateView,
        wire.CreateViewRequest(request_id=request_id, view=view.to_wire()),
    )
    return ViewChanged(view=view_of(answer.view))


async def update_view(
    info: Info, view_id: strawberry.ID, view: ViewInput, etag: str | None = None
) -> UpdateViewResult:
    """Replaces a view's content, with an etag only if nobody changed it since. Only its owner may."""
    asking = info.context.asking
    answer = await asking.ask(
        asking.register.views.UpdateView,
        wire.UpdateViewRequest(view=view.to_wire(view_id, etag or "")),
    )
    return ViewChanged(view=view_of(answer.view))


async def delete_view(
    info: Info, view_id: strawberry.ID, etag: str | None = None
) -> DeleteViewResult:
    """Deletes a view, with an etag as in a change; deleting it again changes nothing. Only its owner may."""
    asking = info.context.asking
    await asking.ask(
        asking.register.views.DeleteView,
        wire.DeleteViewRequest(view_id=view_id, etag=etag or ""),
    )
    return ViewDeleted(view_id=view_id)
