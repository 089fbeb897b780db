"""ViewService through gRPC: whose a view is, what a bad one is told, and that its ages stay ages."""

import asyncio
from typing import Any

import grpc.aio
import pytest
from google.protobuf.duration_pb2 import Duration
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import view_service_pb2, view_service_pb2_grpc
from meterpark.smoc.v1.alarm_service_pb2 import (
    ALARM_SEVERITY_CRITICAL,
    ALARM_STATE_WAITING,
    AlarmFilter,
)
from meterpark.smoc.v1.device_service_pb2 import DeviceFilter, FacetAge, TimeRange

from service_chassis.refusals import reason_of
from smoc_service.views.store import OF_ONE_AT_MOST
from tests.neighbours.smoc.kept_alarms import reason, request_id
from tests.neighbours.smoc.running import Smoc, running

View = view_service_pb2.View
AlarmView = view_service_pb2.AlarmView


def asked_by(smoc: Smoc, name: str, **about: Any) -> Any:
    return smoc.asked_by(view_service_pb2_grpc.ViewServiceStub, name, **about)


def lasting(facet: str, seconds: int) -> view_service_pb2.FacetLasting:
    return view_service_pb2.FacetLasting(facet=facet, at_least=Duration(seconds=seconds))


def new(view: View, asked: str = "") -> view_service_pb2.CreateViewRequest:
    return view_service_pb2.CreateViewRequest(request_id=asked or request_id(), view=view)


async def names(views: Any) -> list[str]:
    answer = await views.ListViews(view_service_pb2.ListViewsRequest())
    return [f"{each.name} of {each.owner}{' (own)' * each.own}" for each in answer.views]


async def test_a_bad_view_is_told_what_is_wrong_and_where(mongod_url: str) -> None:
    bad: list[tuple[View, str]] = [
        (View(name=" "), "view.name"),
        (View(name="x" * 101), "view.name"),
        (View(name="x", columns=["a"] * 41), "view.columns"),
        (View(name="x", columns=["a", ""]), "view.columns[1]"),
        (View(name="x", order_by="colour"), "view.order_by"),
        (View(name="x", filter=DeviceFilter(powers=["off"])), "view.filter.powers"),
        (View(name="x", filter=DeviceFilter(areas=["A" * 250] * 50)), "view"),
        (View(name="x", lasting=[lasting("colour", 60)]), "view.lasting[0].facet"),
        (View(name="x", lasting=[lasting("power", 60)] * 2), "view.lasting[1].facet"),
        (View(name="x", lasting=[lasting("power", 0)]), "view.lasting[0].at_least"),
        (
            View(
                name="x",
                filter=DeviceFilter(facet_ages=[FacetAge(facet="power")]),
                lasting=[lasting("power", 60)],
            ),
            "view.lasting[0].facet",
        ),
        (View(name="x", silent_for=Duration(seconds=1, nanos=1)), "view.silent_for"),
        (View(name="x", alarms=AlarmView(), columns=["area"]), "view.alarms"),
        (View(name="x", alarms=AlarmView(), filter=DeviceFilter()), "view.alarms"),
        (
            View(name="x", alarms=AlarmView(filter=AlarmFilter(states=[ALARM_STATE_WAITING]))),
            "view.alarms.filter.states",
        ),
        (
            View(name="x", alarms=AlarmView(filter=AlarmFilter(assignees=["anna"]), mine=True)),
            "view.alarms.mine",
        ),
        (
            View(
                name="x",
                filter=DeviceFilter(last_contact=TimeRange()),
                silent_for=Duration(seconds=60),
            ),
            "view.silent_for",
        ),
    ]
    async with running(mongod_url) as smoc:
        anna = asked_by(smoc, "anna")
        calls: list[tuple[Any, Any, str]] = [
            (anna.CreateView, new(view), field) for view, field in bad
        ]
        calls.append((anna.DeleteView, view_service_pb2.DeleteViewRequest(view_id="1"), "view_id"))
        for call, request, field in calls:
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await call(request)
            assert reason_of(raised.value) == ErrorReason.ERROR_REASON_ARGUMENT_INVALID, request
            assert (raised.value.details() or "").startswith(f"{field}: "), raised.value.details()


async def test_views_are_their_owner_s_and_shown_to_who_may_see_what_they_name(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        anna = asked_by(smoc, "anna")
        victor = asked_by(smoc, "victor", role="asset-viewer", networks=("north",))
        content = View(
            name="dark",
            filter=DeviceFilter(powers=["OFF"], networks=["north"]),
            order_by="area, power.as_of_time desc",
            columns=["serial_number", "area"],
        )
        asked = request_id()
        mine = (await anna.CreateView(new(content, asked))).view
        assert (await anna.CreateView(new(content, asked))).view == mine
        assert (mine.filter, mine.order_by, list(mine.columns)) == (
            content.filter,
            content.order_by,
            ["serial_number", "area"],
        )
        assert await reason(anna.CreateView(new(content))) == "VIEW_NAME_TAKEN"
        changed = View(name="other")
        assert await reason(anna.CreateView(new(changed, asked))) == "REQUEST_ID_REUSED"
        assert await names(victor) == []
        mine.shared = True
        update = view_service_pb2.UpdateViewRequest(view=mine)
        await anna.UpdateView(update)
        await anna.CreateView(
            new(View(name="south", filter=DeviceFilter(networks=["south"]), shared=True))
        )
        await anna.CreateView(new(View(name="private")))
        await victor.CreateView(new(View(name="dark")))
        assert await names(victor) == ["dark of anna", "dark of victor (own)"]
        assert await names(anna) == [
            "dark of anna (own)",
            "private of anna (own)",
            "south of anna (own)",
        ]
        # Somebody else's is not changed, and not deleted.
        delete = view_service_pb2.DeleteViewRequest(view_id=mine.view_id)
        assert await reason(victor.UpdateView(update)) == "VIEW_UNKNOWN"
        assert await reason(victor.DeleteView(delete)) == "VIEW_UNKNOWN"
        far = View(name="far", filter=DeviceFilter(networks=["south"]))
        assert await reason(victor.CreateView(new(far))) == "NETWORK_DENIED"
        taken = view_service_pb2.UpdateViewRequest(view=View(view_id=mine.view_id, name="private"))
        assert await reason(anna.UpdateView(taken)) == "VIEW_NAME_TAKEN"
        await anna.DeleteView(delete)
        await anna.DeleteView(delete)
        assert await names(victor) == ["dark of victor (own)"]


async def test_a_change_of_a_view_that_somebody_changed_meanwhile_is_refused(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        anna = asked_by(smoc, "anna")
        victor = asked_by(smoc, "victor")
        seen = (await anna.CreateView(new(View(name="dark", shared=True)))).view

        def named(name: str, etag: str) -> view_service_pb2.UpdateViewRequest:
            return view_service_pb2.UpdateViewRequest(
                view=View(view_id=seen.view_id, name=name, etag=etag)
            )

        first = (await anna.UpdateView(named("first", seen.etag))).view
        assert first.etag != seen.etag
        # The other tab has not seen it: neither changed nor deleted.
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await anna.UpdateView(named("second", seen.etag))
        assert raised.value.code() is grpc.StatusCode.ABORTED
        assert reason_of(raised.value) == ErrorReason.ERROR_REASON_VIEW_CHANGED
        delete = view_service_pb2.DeleteViewRequest(view_id=seen.view_id, etag=seen.etag)
        assert await reason(anna.DeleteView(delete)) == "VIEW_CHANGED"
        assert await reason(victor.DeleteView(delete)) == "VIEW_UNKNOWN"
        assert await names(anna) == ["first of anna (own)"]
        # The same change again, as its answer was lost: made once.
        assert (await anna.UpdateView(named("first", seen.etag))).view == first
        # A program of before says no etag.
        last = (await anna.UpdateView(named("last", ""))).view
        delete.etag = last.etag
        await anna.DeleteView(delete)
        await anna.DeleteView(delete)
        assert await names(anna) == []


async def test_of_changes_at_once_that_saw_the_same_view_one_is_made(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        anna = asked_by(smoc, "anna")
        seen = (await anna.CreateView(new(View(name="dark")))).view
        changes = [
            view_service_pb2.UpdateViewRequest(
                view=View(view_id=seen.view_id, name=f"tab {n}", etag=seen.etag)
            )
            for n in range(5)
        ]
        answers = await asyncio.gather(*map(anna.UpdateView, changes), return_exceptions=True)
        refused = [each for each in answers if isinstance(each, grpc.aio.AioRpcError)]
        assert [reason_of(each) for each in refused] == [ErrorReason.ERROR_REASON_VIEW_CHANGED] * 4


async def test_views_of_alarms_are_told_to_who_asks_for_them(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        anna = asked_by(smoc, "anna")
        victor = asked_by(smoc, "victor", role="asset-viewer", networks=("north",))
        content = AlarmView(
            filter=AlarmFilter(areas=["Nord"], severities=[ALARM_SEVERITY_CRITICAL]), mine=True
        )
        made = (await anna.CreateView(new(View(name="mine", alarms=content, shared=True)))).view
        assert made.alarms == content
        everything = View(name="all", alarms=AlarmView(), shared=True)
        assert (await anna.CreateView(new(everything))).view.HasField("alarms")
        await anna.CreateView(new(View(name="of devices")))
        # A name is one view's, whatever it shows.
        assert await reason(anna.CreateView(new(View(name="mine")))) == "VIEW_NAME_TAKEN"
        south = AlarmFilter(device_id="south/1")
        hidden = View(name="south", alarms=AlarmView(filter=south), shared=True)
        await anna.CreateView(new(hidden))
        # Who does not ask for them would take them for views of all devices.
        assert await names(anna) == ["of devices of anna (own)"]
        asked = view_service_pb2.ListViewsRequest(with_alarms=True)
        assert [each.name for each in (await victor.ListViews(asked)).views] == ["all", "mine"]
        changed = View(view_id=made.view_id, name="devices now", filter=DeviceFilter(areas=["X"]))
        await anna.UpdateView(view_service_pb2.UpdateViewRequest(view=changed))
        assert await names(anna) == ["devices now of anna (own)", "of devices of anna (own)"]


async def test_ages_of_a_view_are_kept_as_ages_until_an_update_says_none(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        anna = asked_by(smoc, "anna")
        content = View(
            name="stuck",
            lasting=[lasting("lifecycle", 86_400), lasting("power", 3_600)],
            silent_for=Duration(seconds=93_600),
        )
        made = (await anna.CreateView(new(content))).view
        [listed] = (await anna.ListViews(view_service_pb2.ListViewsRequest())).views
        assert listed == made
        assert list(listed.lasting) == list(content.lasting)
        assert listed.silent_for == content.silent_for
        plain = View(view_id=made.view_id, name="stuck")
        await anna.UpdateView(view_service_pb2.UpdateViewRequest(view=plain))
        [listed] = (await anna.ListViews(view_service_pb2.ListViewsRequest())).views
        assert not listed.lasting
        assert not listed.HasField("silent_for")


async def test_one_person_keeps_a_bounded_number_of_views_and_lists_follow_indexes(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        anna = asked_by(smoc, "anna")
        otto = asked_by(smoc, "otto", networks=("north",))
        made = await asyncio.gather(
            *(
                anna.CreateView(new(View(name=f"{n}", shared=n % 2 == 0)))
                for n in range(OF_ONE_AT_MOST + 2)
            ),
            return_exceptions=True,
        )
        refused = [each for each in made if isinstance(each, grpc.aio.AioRpcError)]
        assert [reason_of(each) for each in refused] == [ErrorReason.ERROR_REASON_TOO_MANY] * 2
        await smoc.profiling()
        assert len(await names(anna)) == OF_ONE_AT_MOST
        assert len(await names(otto)) in range(98, 103)
        for each in await smoc.profiled():
            if each["ns"].endswith(".views"):
                assert "IXSCAN" in each["planSummary"]
                assert not each.get("hasSortStage")
