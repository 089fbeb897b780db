"""``meterpark views ...``: conditions under a name."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import partial
from uuid import uuid4

from meterpark.smoc.v1 import view_service_pb2 as contract
from meterpark.smoc.v1.device_service_pb2 import DeviceFilter

from meterpark_cli.devices.conditions import Conditions
from meterpark_cli.devices.devices import devices_page
from meterpark_cli.devices.tables import device_table
from meterpark_cli.failures import ExitCode, Failure
from meterpark_cli.jobs.tables import view_table
from meterpark_cli.options import Asking
from meterpark_cli.services.connection import Park, open_park
from meterpark_cli.showing.documents import document_of, print_document
from meterpark_cli.showing.listing import answer_list, pages
from meterpark_cli.showing.rendering import console, now_here, show


async def list_views(asking: Asking) -> ExitCode:
    async with open_park(asking) as park:
        found = await _views(park)

    async def only_page() -> AsyncIterator[tuple[Sequence[contract.View], str]]:
        yield found, ""

    draw = partial(view_table, now_here())
    await answer_list(only_page(), draw, name="views", as_json=asking.as_json)
    return ExitCode.FINE


async def save_view(
    asking: Asking,
    name: str,
    conditions: Conditions,
    *,
    order_by: str,
    columns: Sequence[str],
    shared: bool,
) -> ExitCode:
    """Make a view, or give the caller's own view of this name another content."""
    view = contract.View(
        name=name,
        filter=conditions.filter(now_here()),
        order_by=order_by,
        columns=columns,
        shared=shared,
    )
    async with open_park(asking) as park:
        known = [each for each in await _views(park) if each.own and each.name == name.strip()]
        if known:
            view.view_id = known[0].view_id
            update = contract.UpdateViewRequest(view=view)
            kept = (await park.views.ask(park.views.calls.UpdateView, update)).view
        else:
            create = contract.CreateViewRequest(request_id=str(uuid4()), view=view)
            kept = (await park.views.ask(park.views.calls.CreateView, create)).view
    if asking.as_json:
        print_document(document_of(kept))
    else:
        show(console(), view_table(now_here(), [kept], width=0, header=False))
    return ExitCode.FINE


async def open_view(asking: Asking, name: str, *, limit: int) -> ExitCode:
    """List the devices of a view's filter that the caller may see."""
    async with open_park(asking) as park:
        view = await _find(park, name)
        wanted = opened(view, now_here())
        found = pages(partial(devices_page, park, wanted, view.order_by), limit=limit)
        draw = partial(device_table, now_here())
        await answer_list(found, draw, name="devices", as_json=asking.as_json)
    return ExitCode.FINE


def opened(view: contract.View, now: datetime) -> DeviceFilter:
    """Return the conditions of a view that is opened now: its ages, too."""
    wanted = DeviceFilter()
    wanted.CopyFrom(view.filter)
    for each in view.lasting:
        age = wanted.facet_ages.add(facet=each.facet)
        age.since.end_time.FromDatetime(now - each.at_least.ToTimedelta())
    if view.HasField("silent_for"):
        wanted.last_contact.end_time.FromDatetime(now - view.silent_for.ToTimedelta())
    return wanted


async def delete_view(asking: Asking, name: str) -> ExitCode:
    async with open_park(asking) as park:
        view = await _find(park, name)
        request = contract.DeleteViewRequest(view_id=view.view_id)
        await park.views.ask(park.views.calls.DeleteView, request)
    if asking.as_json:
        print_document({"view_id": view.view_id})
    return ExitCode.FINE


async def _views(park: Park) -> Sequence[contract.View]:
    return (await park.views.ask(park.views.calls.ListViews, contract.ListViewsRequest())).views


async def _find(park: Park, name: str) -> contract.View:
    """Return the view of this id or name; the caller's own before others'."""
    views = await _views(park)
    found = [view for view in views if name in {view.view_id, view.name}]
    own = [view for view in found if view.own] or found
    if not own:
        raise Failure(f"no view {name!r}: meterpark views list shows them")
    if len(own) > 1:
        ids = ", ".join(f"{view.view_id} ({view.owner})" for view in own)
        raise Failure(f"{len(own)} views are called {name!r}: name one by its id: {ids}")
    return own[0]
