"""How the parts of a service start, and how they end: together, and never in silence."""

import asyncio
import os
import signal

import pytest

from service_chassis.cancellation import CancelledByNobody
from service_chassis.tasks import (
    PartEnded,
    in_background,
    run_together,
    side_by_side,
    until_stopped,
)


class Part:
    """Runs until it is cancelled; then ``ended`` is set."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.ended = asyncio.Event()

    async def run(self) -> None:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()


async def failing(after: Part) -> None:
    await after.begun.wait()
    raise LookupError("the journal is gone")


async def ending(after: Part) -> None:
    await after.begun.wait()


async def test_a_part_that_fails_ends_its_siblings_and_is_raised() -> None:
    sibling = Part()
    with pytest.raises(ExceptionGroup) as caught:
        await run_together({"follower": failing(sibling), "sweep": sibling.run()})
    assert caught.group_contains(LookupError, match="journal is gone")
    assert sibling.ended.is_set()


async def test_a_part_that_ends_by_itself_is_an_error_with_its_name() -> None:
    sibling = Part()
    with pytest.raises(ExceptionGroup) as caught:
        await run_together({"follower": ending(sibling), "sweep": sibling.run()})
    assert caught.group_contains(PartEnded, match="follower ended")
    assert sibling.ended.is_set()


async def test_a_part_that_cancels_itself_does_not_end_in_silence() -> None:
    async def cancelled_by_nobody() -> None:
        raise asyncio.CancelledError

    with pytest.raises(ExceptionGroup) as caught:
        await run_together({"follower": cancelled_by_nobody(), "sweep": Part().run()})
    assert caught.group_contains(PartEnded, match="follower ended")


async def test_works_side_by_side_are_all_done_at_the_end() -> None:
    done = []

    async def work(name: str) -> None:
        await asyncio.sleep(0)
        done.append(name)

    await side_by_side(work("read"), work("deliver"))
    assert sorted(done) == ["deliver", "read"]


async def test_the_first_error_of_works_side_by_side_ends_the_others_and_is_raised_as_it_is() -> (
    None
):
    reading = Part()
    with pytest.raises(LookupError, match="journal is gone"):
        await side_by_side(reading.run(), failing(reading))
    assert reading.ended.is_set()
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling(), "whoever goes on after the error is not cancelled"


async def test_a_work_that_cancels_itself_ends_the_works_beside_it_with_an_error() -> None:
    reading = Part()

    async def cancelled_by_nobody() -> None:
        await reading.begun.wait()
        raise asyncio.CancelledError

    async with asyncio.timeout(20):
        with pytest.raises(CancelledByNobody):
            await side_by_side(reading.run(), cancelled_by_nobody())
    assert reading.ended.is_set()


async def test_works_side_by_side_that_are_cancelled_end_as_cancelled() -> None:
    reading, delivering = Part(), Part()
    both = asyncio.create_task(side_by_side(reading.run(), delivering.run()))
    await reading.begun.wait()
    await delivering.begun.wait()
    both.cancel()
    await asyncio.gather(both, return_exceptions=True)
    assert both.cancelled()
    assert reading.ended.is_set()
    assert delivering.ended.is_set()


async def test_what_runs_in_the_background_ends_with_the_block() -> None:
    part = Part()
    async with in_background({"follower": part.run()}):
        await part.begun.wait()
        assert not part.ended.is_set()
    assert part.ended.is_set()


async def test_a_part_that_fails_in_the_background_ends_the_block() -> None:
    part, block = Part(), Part()
    with pytest.raises(ExceptionGroup) as caught:
        async with in_background({"follower": failing(block), "sweep": part.run()}):
            await block.run()
    assert caught.group_contains(LookupError)
    assert part.ended.is_set()
    assert block.ended.is_set()


async def test_an_error_of_the_block_is_raised_as_it_is() -> None:
    part = Part()
    with pytest.raises(LookupError):
        async with in_background({"report": part.run()}):
            await failing(part)
    assert part.ended.is_set()


async def test_the_inner_block_ends_while_the_parts_outside_of_it_still_run() -> None:
    forwarder, intake = Part(), Part()
    order = []

    async def settle() -> None:
        try:
            await intake.run()
        finally:
            order.append(("intake ended, forwarder runs", not forwarder.ended.is_set()))

    async with in_background({"forwarder": forwarder.run()}):
        async with in_background({"intake": settle()}):
            await forwarder.begun.wait()
            await intake.begun.wait()
        order.append(("block ended", intake.ended.is_set()))
    assert order == [("intake ended, forwarder runs", True), ("block ended", True)]
    assert forwarder.ended.is_set()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_service_that_is_told_to_stop_is_cancelled_and_ends_without_an_error(
    number: signal.Signals,
) -> None:
    service = Part()

    async def served() -> None:
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), number)
        await service.run()

    try:
        await until_stopped(served())
    finally:
        asyncio.get_running_loop().remove_signal_handler(number)
    assert service.ended.is_set()


async def test_a_service_that_fails_is_an_error() -> None:
    begun = Part()
    begun.begun.set()
    with pytest.raises(ExceptionGroup) as caught:
        await until_stopped(failing(begun))
    assert caught.group_contains(LookupError)
