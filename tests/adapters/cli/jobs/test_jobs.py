"""`meterpark jobs`, `views` and `tags` against a real gRPC server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from meterpark.smoc.v1 import device_pb2
from meterpark.smoc.v1 import job_service_pb2 as contract
from meterpark.smoc.v1.view_service_pb2 import View

from tests.specs.cli.command import Command
from tests.specs.cli.jobs_in_memory import JOB
from tests.specs.cli.services_in_memory import Services, sidecar_before


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
async def meterpark(services: Services, tmp_path: Path) -> AsyncIterator[Command]:
    async with sidecar_before(services) as port:
        yield Command.asking(port, tmp_path)


async def test_a_preview_says_what_would_be_done_and_orders_nothing(
    meterpark: Command, services: Services
) -> None:
    ended = await meterpark("jobs", "preview", "tag", "--add", "yard-7", "--area", "A7")
    assert (ended.code, ended.text.splitlines()) == (
        0,
        ["tag 3 devices", "  north/1", "  north/2", "  ..."],
    )
    assert services.calls == ["smoc-service PreviewJob"]


async def test_a_job_is_ordered_with_the_conditions_of_a_list_and_waited_for(
    meterpark: Command, services: Services
) -> None:
    ended = await meterpark(
        *("jobs", "start", "tag", "--add", "yard-7", "--remove", "x", "--yes", "--wait", "--json"),
        *("--power", "off", "--lasting", "power=3d", "--tag", "old", "--not-marked"),
    )
    # One of them failed.
    assert ended.code == 1
    assert (ended.document["state"], ended.document["failed_count"]) == ("DONE", 1)
    job = services.jobs[JOB]
    wanted = job.selection.filter
    assert (list(wanted.powers), list(wanted.tags)) == (["OFF"], ["old"])
    assert (wanted.facet_ages[0].facet, wanted.marked_for_exchange) == ("power", False)
    assert wanted.facet_ages[0].since.HasField("end_time")
    assert (list(job.action.tag.add), list(job.action.tag.remove)) == (["yard-7"], ["x"])
    assert services.calls == ["smoc-service CreateJob", *["smoc-service GetJob"] * 3]


async def test_a_script_has_to_say_yes(meterpark: Command, services: Services) -> None:
    ended = await meterpark("jobs", "start", "unmark", "--area", "A7")
    assert ended.code == 2
    assert "--yes" in ended.complaint
    assert services.calls == []


@pytest.mark.parametrize(
    ("word", "state"), [("pause", "PAUSED"), ("resume", "RUNNING"), ("cancel", "CANCELLED")]
)
async def test_each_word_is_one_call_and_shows_the_job_as_it_is_then(
    meterpark: Command, services: Services, word: str, state: str
) -> None:
    services.jobs[JOB] = contract.Job(job_id=JOB, state=contract.JOB_STATE_RUNNING, total_count=3)
    ended = await meterpark("jobs", word, JOB, "--json")
    assert (ended.code, ended.document["state"]) == (0, state)
    assert services.calls == [f"smoc-service {word.capitalize()}Job"]


async def test_lists_of_jobs_and_items_are_for_people_and_for_programs(
    meterpark: Command, services: Services
) -> None:
    services.jobs[JOB] = contract.Job(
        job_id=JOB, state=contract.JOB_STATE_PAUSED, summary="Tag 3 devices", total_count=3
    )
    assert "Tag 3 devices" in (await meterpark("jobs", "list")).text
    assert (await meterpark("jobs", "list", "--state", "done", "--json")).document["jobs"] == []
    items = await meterpark("jobs", "items", JOB, "--outcome", "failed")
    assert items.text.count("FAILED") == 3
    assert "\\x1b[31m" in items.text
    assert (await meterpark("jobs", "show", JOB)).text.startswith(JOB)
    assert "JOB_UNKNOWN" in (await meterpark("jobs", "show", "2" * 20)).complaint


async def test_a_view_is_saved_opened_by_its_name_saved_again_and_deleted(
    meterpark: Command, services: Services
) -> None:
    services.devices["north/1"] = device_pb2.Device(
        device_id="north/1", power=device_pb2.Facet(value="OFF"), tags=["a"]
    )
    services.devices["north/2"] = device_pb2.Device(device_id="north/2")
    await meterpark("views", "save", "dark", "--power", "off", "--sort", "area")
    ended = await meterpark("views", "save", "dark", "--power", "off", "--shared")
    assert "dark  yours, shared" in ended.text
    assert len(services.views) == 1
    opened = await meterpark("views", "open", "dark", "--json")
    assert [each["device_id"] for each in opened.document["devices"]] == ["north/1"]
    services.views["f" * 32] = View(view_id="f" * 32, name="dark", owner="otto", shared=True)
    assert (await meterpark("views", "delete", "dark")).code == 0
    assert list(services.views) == ["f" * 32]
    assert "dark  otto, shared" in (await meterpark("views", "list")).text
    assert "no view 'light'" in (await meterpark("views", "open", "light")).complaint
    tags = await meterpark("tags", "--json")
    assert [(each["value"], each["device_count"]) for each in tags.document["counts"]] == [("a", 1)]
