"""Reports go first: whoever can wait rests, while any are under way, as long as he has worked."""

import asyncio

import pytest

from device_hub.doors.reports_first import RightOfWay


@pytest.fixture
def way() -> RightOfWay:
    return RightOfWay()


async def test_nobody_rests_while_no_report_is_under_way(way: RightOfWay) -> None:
    with way.taken():
        pass
    async with asyncio.timeout(10):
        await way.give(3600)


async def test_who_has_worked_rests_while_reports_are_under_way(way: RightOfWay) -> None:
    with way.taken(), way.taken():
        resting = asyncio.create_task(way.give(3600))
        reports = [asyncio.create_task(asyncio.sleep(0)) for _ in range(100)]
        await asyncio.gather(*reports)
        assert not resting.done()
        resting.cancel()


async def test_reports_that_fail_are_not_under_way_any_more(way: RightOfWay) -> None:
    with pytest.raises(ValueError, match="broken"), way.taken():
        raise ValueError("broken")
    async with asyncio.timeout(10):
        await way.give(3600)
