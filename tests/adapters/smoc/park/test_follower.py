"""The park's index beside a real MongoDB: loaded, followed, counted again."""

import asyncio

import pytest
from structlog.testing import capture_logs

from smoc_service.errors import ParkNotLoaded, TooManyQuestions
from smoc_service.park.index import ParkIndex
from smoc_service.park.park import QUESTIONS_AT_MOST, Park
from smoc_service.park.rows import GROUPS, WORD_ORDER, rows_from
from smoc_service.register.documents import device_document
from smoc_service.register.wire import read_device
from tests.neighbours.smoc.running import DeviceFilter, running
from tests.specs.smoc.messages import device, provision


async def test_who_asks_before_all_is_loaded_is_told_so() -> None:
    park = Park(patience_seconds=0.01)
    park.tell_loading("7 of about 9 devices")
    with pytest.raises(ParkNotLoaded, match="7 of about 9 devices"):
        await park.ask(lambda index: index.device_count)
    with pytest.raises(ParkNotLoaded):
        await park.totals()
    park.close()


async def test_more_questions_than_are_answered_soon_are_not_kept_waiting() -> None:
    park = Park()
    await park.show(ParkIndex(GROUPS, WORD_ORDER))
    asked = [
        asyncio.create_task(park.ask(lambda index: index.device_count))
        for _ in range(QUESTIONS_AT_MOST + 1)
    ]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert answers.count(0) == QUESTIONS_AT_MOST
    assert isinstance(answers[-1], TooManyQuestions)
    park.close()


async def test_a_version_rises_with_every_change_and_can_be_waited_for(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        await smoc.caught_up()
        version = smoc.park.version
        waiting = asyncio.create_task(smoc.park.changed_since(version))
        await smoc.provision(provision(device("north/1")))
        assert await waiting > version


async def test_what_the_index_holds_and_the_register_does_not_is_found_out_and_mended(
    mongod_url: str,
) -> None:
    letters = [provision(device(f"north/{number}", power="ON")) for number in range(3)]
    async with running(mongod_url, before=letters, recount_seconds=0.2) as smoc:
        ghost = read_device(device("north/ghost", power="ON"), "device")
        with capture_logs() as logs:
            await smoc.park.ask(lambda index: index.take(rows_from([device_document(ghost, None)])))
            version = smoc.park.version
            while await smoc.park.ask(lambda index: index.device_count) != 3:
                version = await smoc.park.changed_since(version)
        [error] = [each for each in logs if each["log_level"] == "error"]
        assert "power 'ON' in north: 4 held, 3 stored" in error["differences"]
        assert await smoc.ids(DeviceFilter(powers=["ON"])) == ["north/0", "north/1", "north/2"]


async def test_changes_that_come_while_it_counts_do_not_look_like_differences(
    mongod_url: str,
) -> None:
    async with running(mongod_url, recount_seconds=0.01) as smoc:
        with capture_logs() as logs:
            for revision in range(1, 30):
                values = ["ON", "OFF", "UNKNOWN"]
                await smoc.hand_in(
                    *(
                        provision(
                            device(
                                f"north/{number}",
                                revision,
                                power=values[(number + revision) % 3],
                                area=f"area {revision % 5}",
                                firmware_version=str(revision % 7),
                            ),
                            [],
                        )
                        for number in range(20)
                    )
                )
            await smoc.caught_up()
        assert [each for each in logs if each["log_level"] == "error"] == []
