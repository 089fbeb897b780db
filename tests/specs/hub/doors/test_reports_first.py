"""Reports go first: whoever can wait rests, while any are under way, as long as he has worked."""

import asyncio

import pytest

from device_hub.doors.reports_first import ReportsFirst


@pytest.fixture
def way() -> ReportsFirst:
    return ReportsFirst()


async def test_nobody_rests_while_no_report_is_under_way(way: ReportsFirst) -> None:
    with way.under_way():
        pass
    async with asyncio.timeout(10):
        await way.let_pass(3600)


async def test_who_has_worked_rests_while_reports_are_under_way(way: ReportsFirst) -> None:
    with way.under_way(), way.under_way():
        resting = asyncio.create_task(way.let_pass(3600))
        reports = [asyncio.create_task(asyncio.sleep(0)) for _ in range(100)]
        await asyncio.gather(*reports)
        assert not resting.done()
        resting.cancel()


async def test_reports_that_fail_are_not_under_way_any_more(way: ReportsFirst) -> None:
    with pytest.raises(ValueError, match="broken"), way.under_way():
        raise ValueError("broken")
    async with asyncio.timeout(10):
        await way.let_pass(3600)
