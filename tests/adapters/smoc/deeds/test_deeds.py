"""Deeds through gRPC and a real database: nothing is changed without a trace, and auditors find who did what."""

from datetime import UTC, datetime
from typing import Any

import pytest
from meterpark.smoc.v1 import audit_service_pb2 as contract
from meterpark.smoc.v1 import (
    audit_service_pb2_grpc,
    job_service_pb2,
    job_service_pb2_grpc,
    view_service_pb2,
    view_service_pb2_grpc,
)
from meterpark.smoc.v1.alarm_service_pb2 import (
    AcknowledgeAlarmRequest,
    CommentAlarmRequest,
    ResolveAlarmRequest,
    SnoozeAlarmRequest,
)

from contract_limits import COMMENT_CHARACTERS
from service_deeds.store import DEEDS
from tests.neighbours.smoc.kept_alarms import Watched, reason, request_id, watched
from tests.neighbours.smoc.running import Smoc, running
from tests.specs.smoc.messages import device, provision

Outcome = contract.DeedOutcome
TAG = job_service_pb2.JobAction(tag=job_service_pb2.TagAction(add=["yard-7"]))


async def deeds(
    smoc: Smoc, *, networks: tuple[str, ...] = ("*",), size: int = 0, **wanted: Any
) -> list[contract.Deed]:
    """Return the deeds that an auditor finds, newest first, page by page."""
    audrey = smoc.asked_by(audit_service_pb2_grpc.AuditServiceStub, "audrey", "auditor", networks)
    found: list[contract.Deed] = []
    token = ""
    while True:
        request = contract.ListDeedsRequest(
            filter=contract.DeedFilter(**wanted), page_size=size, page_token=token
        )
        page = await audrey.ListDeeds(request)
        found += page.deeds
        token = page.next_page_token
        if not token:
            return found


async def an_alarm(park: Watched) -> str:
    await park.change("north/1", tamper="DETECTED")
    [alarm] = await park.until(lambda found: len(found) == 1)
    return alarm.alarm_id


async def test_an_auditor_finds_who_acknowledged_an_alarm_and_with_what_words(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park, park.following():
        alarm_id = await an_alarm(park)
        asked = AcknowledgeAlarmRequest(
            alarm_id=alarm_id, request_id=request_id(), comment="somebody goes there"
        )
        await park.anna.AcknowledgeAlarm(asked)
        await park.anna.AcknowledgeAlarm(asked)
        [deed] = await deeds(park.smoc, device_id="north/1")
        assert (deed.username, deed.kind, deed.about) == ("anna", "acknowledge-alarm", alarm_id)
        assert dict(deed.said) == {"comment": "somebody goes there"}
        assert (deed.outcome, list(deed.device_ids)) == (Outcome.DEED_OUTCOME_DONE, ["north/1"])
        assert deed.summary
        assert await deeds(park.smoc, about=alarm_id) == [deed]
        assert await deeds(park.smoc, usernames=["otto"]) == []


async def test_one_request_id_used_for_two_alarms_is_two_deeds(mongod_url: str) -> None:
    async with watched(mongod_url) as park, park.following():
        first = await an_alarm(park)
        await park.change("north/2", tamper="DETECTED")
        found = await park.until(lambda found: len(found) == 2)
        [second] = {each.alarm_id for each in found} - {first}
        used_twice = request_id()
        for alarm_id in (first, second):
            await park.anna.ResolveAlarm(
                ResolveAlarmRequest(alarm_id=alarm_id, request_id=used_twice, comment="a fault")
            )
        done = await deeds(park.smoc, outcomes=[Outcome.DEED_OUTCOME_DONE])
        assert [each.about for each in done] == [second, first]


async def test_what_is_made_again_by_the_same_request_is_a_deed_of_its_own(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        views = smoc.asked_by(view_service_pb2_grpc.ViewServiceStub, "anna", "asset-viewer")
        asked = view_service_pb2.CreateViewRequest(
            request_id=request_id(), view=view_service_pb2.View(name="dark ones")
        )
        made = await views.CreateView(asked)
        for _ in range(2):
            assert await views.CreateView(asked) == made
        [first] = await deeds(smoc)
        assert "the same request came again at" in first.detail
        await views.DeleteView(view_service_pb2.DeleteViewRequest(view_id=made.view.view_id))
        for _ in range(2):
            await views.CreateView(asked)
        found = await deeds(smoc, about=made.view.view_id)
        assert [(each.kind, each.outcome) for each in found] == [
            (kind, Outcome.DEED_OUTCOME_DONE)
            for kind in ("create-view", "delete-view", "create-view")
        ]


async def test_a_job_asked_for_twice_is_one_deed(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device("north/1", 1), []))
        jobs = smoc.asked_by(job_service_pb2_grpc.JobServiceStub, "anna")
        asked = job_service_pb2.CreateJobRequest(
            request_id=request_id(),
            selection=job_service_pb2.DeviceSelection(device_ids=["north/1"]),
            action=TAG,
        )
        job_id = (await jobs.CreateJob(asked)).job.job_id
        assert (await jobs.CreateJob(asked)).job.job_id == job_id
        [deed] = await deeds(smoc)
        assert deed.about == job_id
        # It is as if its time to be kept had passed.
        await smoc.database["jobs"].delete_one({"_id": job_id})
        other = (await jobs.CreateJob(asked)).job.job_id
        assert [each.about for each in await deeds(smoc)] == [other, job_id]


async def test_what_was_refused_is_found_with_the_reason(mongod_url: str) -> None:
    async with watched(mongod_url) as park, park.following():
        alarm_id = await an_alarm(park)
        ahead = SnoozeAlarmRequest(alarm_id=alarm_id, request_id=request_id())
        ahead.until_time.FromDatetime(datetime(2020, 1, 1, tzinfo=UTC))
        assert await reason(park.anna.SnoozeAlarm(ahead)) == "ARGUMENT_INVALID"
        [deed] = await deeds(park.smoc, outcomes=[Outcome.DEED_OUTCOME_REFUSED])
        assert (deed.kind, deed.about) == ("snooze-alarm", alarm_id)
        assert "until_time" in deed.detail
        assert deed.refusal_reason == "ARGUMENT_INVALID"


async def test_deeds_come_page_by_page_by_person_kind_and_time_newest_first(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        before = datetime.now(UTC)
        for name in ("anna", "otto", "anna", "anna"):
            views = smoc.asked_by(view_service_pb2_grpc.ViewServiceStub, name, "asset-viewer")
            view = view_service_pb2.View(name=f"{name} {request_id()}")
            made = await views.CreateView(
                view_service_pb2.CreateViewRequest(request_id=request_id(), view=view)
            )
        await views.DeleteView(view_service_pb2.DeleteViewRequest(view_id=made.view.view_id))
        found = await deeds(smoc, size=2)
        assert [(each.username, each.kind) for each in found] == [
            ("anna", "delete-view"),
            ("anna", "create-view"),
            ("anna", "create-view"),
            ("otto", "create-view"),
            ("anna", "create-view"),
        ]
        assert len(await deeds(smoc, size=1, usernames=["anna"], kinds=["create-view"])) == 3
        assert len(await deeds(smoc, usernames=["anna", "otto"])) == 5
        window = contract.DeedFilter().time
        window.end_time.FromDatetime(before)
        assert await deeds(smoc, time=window) == []
        assert len(await deeds(smoc, about=made.view.view_id)) == 2


async def test_an_auditor_of_one_network_sees_no_deed_that_reaches_further(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(
            provision(device("north/1", 1), []), provision(device("south/1", 1), [])
        )
        for name, network in (("anna", "north"), ("otto", "south")):
            jobs = smoc.asked_by(job_service_pb2_grpc.JobServiceStub, name, networks=(network,))
            selection = job_service_pb2.DeviceSelection(device_ids=[f"{network}/1"])
            await jobs.CreateJob(
                job_service_pb2.CreateJobRequest(
                    request_id=request_id(), selection=selection, action=TAG
                )
            )
        assert len(await deeds(smoc)) == 2
        [deed] = await deeds(smoc, networks=("north",))
        assert (deed.username, list(deed.device_ids)) == ("anna", ["north/1"])
        assert deed.summary == "Tag 1 device with yard-7"


async def test_what_somebody_writes_where_an_id_belongs_hides_no_deed_from_auditors(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        otto = smoc.asked_by(
            view_service_pb2_grpc.ViewServiceStub, "otto", "asset-viewer", ("south",)
        )
        delete = view_service_pb2.DeleteViewRequest(view_id="north/x")
        assert await reason(otto.DeleteView(delete)) == "ARGUMENT_INVALID"
        assert await deeds(smoc, networks=("north",)) == []
        [deed] = await deeds(smoc, networks=("south",))
        assert (deed.username, deed.about) == ("otto", "north/x")


async def test_a_deed_of_who_has_no_network_is_shown_to_auditors_of_all_networks_only(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        nemo = smoc.asked_by(view_service_pb2_grpc.ViewServiceStub, "nemo", "asset-viewer", ())
        view = view_service_pb2.View(name="nothing")
        await nemo.CreateView(
            view_service_pb2.CreateViewRequest(request_id=request_id(), view=view)
        )
        assert await deeds(smoc, networks=("north",)) == []
        [deed] = await deeds(smoc)
        assert deed.username == "nemo"


async def test_long_ids_blind_no_auditor(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        views = smoc.asked_by(view_service_pb2_grpc.ViewServiceStub, "victor", "asset-viewer")
        for _ in range(5):
            delete = view_service_pb2.DeleteViewRequest(view_id="v" * 1_000_000)
            assert await reason(views.DeleteView(delete)) == "ARGUMENT_INVALID"
        jobs = smoc.asked_by(job_service_pb2_grpc.JobServiceStub, "anna")
        # Four bytes each, and as many devices as a deed names: more together than one answer may hold.
        ids = [f"north/{n:03d}{'😀' * 600}" for n in range(500)]
        for _ in range(9):
            create = job_service_pb2.CreateJobRequest(
                request_id=request_id(),
                selection=job_service_pb2.DeviceSelection(device_ids=ids),
                action=TAG,
            )
            assert await reason(jobs.CreateJob(create)) == "ARGUMENT_INVALID"
        found = await deeds(smoc, size=500)
        assert [each.kind for each in found] == ["create-job"] * 9 + ["delete-view"] * 5
        assert {len(each.about) for each in found[9:]} == {300}
        assert {len(id_) for each in found for id_ in each.device_ids} == {300}


async def test_a_long_comment_is_kept_whole_and_a_list_that_is_longer_says_that_it_is_cut(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park, park.following():
        comment = "é" * COMMENT_CHARACTERS
        await park.anna.CommentAlarm(
            CommentAlarmRequest(
                alarm_id=await an_alarm(park), request_id=request_id(), comment=comment
            )
        )
        jobs = park.smoc.asked_by(job_service_pb2_grpc.JobServiceStub, "anna")
        ids = [f"north/{number:0100d}" for number in range(500)]
        create = job_service_pb2.CreateJobRequest(
            request_id=request_id(),
            selection=job_service_pb2.DeviceSelection(device_ids=ids),
            action=TAG,
        )
        await jobs.CreateJob(create)
        ordered, commented = await deeds(park.smoc)
        assert (dict(commented.said), list(commented.cut)) == ({"comment": comment}, [])
        assert (list(ordered.device_ids), list(ordered.cut)) == (ids, ["selection"])


async def test_deeds_before_one_are_older_whatever_the_page_ends_with(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        views = smoc.asked_by(view_service_pb2_grpc.ViewServiceStub, "anna", "asset-viewer")
        for number in range(4):
            await views.CreateView(
                view_service_pb2.CreateViewRequest(
                    request_id=request_id(), view=view_service_pb2.View(name=f"dark {number}")
                )
            )
        found = await deeds(smoc)
        audrey = smoc.asked_by(audit_service_pb2_grpc.AuditServiceStub, "audrey", "auditor")
        for place, each in enumerate(found):
            request = contract.ListDeedsRequest(page_size=2, before_deed_id=each.deed_id)
            page = await audrey.ListDeeds(request)
            assert list(page.deeds) == found[place + 1 :][:2]
            # The token goes before the id.
            request.page_token = page.next_page_token
            if page.next_page_token:
                assert list((await audrey.ListDeeds(request)).deeds) == found[place + 3 :][:2]
        # What ends earlier than the id does so all the same.
        request = contract.ListDeedsRequest(before_deed_id="f" * 20)
        request.filter.time.end_time.CopyFrom(found[2].time)
        older = (await audrey.ListDeeds(request)).deeds
        assert {each.deed_id for each in older} <= {each.deed_id for each in found[2:]}
        assert found[3].deed_id in {each.deed_id for each in older}


async def test_only_auditors_may_ask_and_a_bad_question_is_refused(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        anna = smoc.asked_by(audit_service_pb2_grpc.AuditServiceStub, "anna")
        assert await reason(anna.ListDeeds(contract.ListDeedsRequest())) == "ROLE_MISSING"
        audrey = smoc.asked_by(audit_service_pb2_grpc.AuditServiceStub, "audrey", "auditor")
        for wrong in (
            contract.DeedFilter(device_id="no-slash"),
            contract.DeedFilter(about="x" * 201),
            contract.DeedFilter(outcomes=[77]),  # type: ignore[list-item]
        ):
            assert (
                await reason(audrey.ListDeeds(contract.ListDeedsRequest(filter=wrong)))
                == "ARGUMENT_INVALID"
            )
        odd = contract.ListDeedsRequest(before_deed_id="the first one")
        assert await reason(audrey.ListDeeds(odd)) == "ARGUMENT_INVALID"


async def test_what_cannot_be_noted_is_not_done(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        # A collection that takes nothing, as a full or failing disk would.
        await smoc.database.command({"collMod": DEEDS, "validator": {"never": {"$exists": True}}})
        views = smoc.asked_by(view_service_pb2_grpc.ViewServiceStub, "anna", "asset-viewer")
        view = view_service_pb2.View(name="dark ones")
        request = view_service_pb2.CreateViewRequest(request_id=request_id(), view=view)
        with pytest.raises(Exception, match="database in trouble"):
            await views.CreateView(request)
        assert (await views.ListViews(view_service_pb2.ListViewsRequest())).views == []


async def test_a_deed_whose_end_is_not_stored_says_that_nobody_knows(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        # It may be noted, and not be changed any more.
        await smoc.database.command({"collMod": DEEDS, "validator": {"outcome": "ASKED"}})
        views = smoc.asked_by(view_service_pb2_grpc.ViewServiceStub, "anna", "asset-viewer")
        view = view_service_pb2.View(name="dark ones")
        await views.CreateView(
            view_service_pb2.CreateViewRequest(request_id=request_id(), view=view)
        )
        [deed] = await deeds(smoc)
        assert deed.outcome == Outcome.DEED_OUTCOME_ASKED


async def test_no_question_scans_all_deeds_or_sorts_in_the_database(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        await smoc.profiling()
        await deeds(smoc)
        for wanted in (
            {"usernames": ["anna"]},
            {"usernames": ["anna", "otto"], "kinds": ["create-view"]},
            {"device_id": "north/1"},
            {"about": "a" * 20},
            {"outcomes": [Outcome.DEED_OUTCOME_DONE]},
        ):
            await deeds(smoc, **wanted)
        asked = [
            each["planSummary"]
            for each in await smoc.profiled()
            if each["ns"].endswith(f".{DEEDS}") and each["op"] == "query"
        ]
        assert len(asked) == 6
        assert all(plan.startswith("IXSCAN") for plan in asked), asked
        assert not [each for each in await smoc.profiled() if each.get("hasSortStage")]
