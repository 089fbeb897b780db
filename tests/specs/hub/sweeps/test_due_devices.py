"""A sweep asks some devices at once: one that answers late holds up no other, and one that fails spoils none."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from device_hub.actors.turns_client import DeviceUnreachable
from device_hub.sweeps.due_devices import Pace, ask_each_due


async def due(count: int) -> AsyncIterator[str]:
    for number in range(count):
        yield f"north/{number}"


async def swept(count: int, ask: Callable[[str], Awaitable[object]], at_once: int) -> int:
    async with asyncio.timeout(20):
        return await ask_each_due("plans", due(count), ask, Pace(1_000_000, at_once))


async def test_a_device_that_answers_late_holds_up_no_other() -> None:
    others_are_done = asyncio.Event()
    done: list[str] = []

    async def ask(device_id: str) -> None:
        if device_id == "north/0":
            await others_are_done.wait()
        done.append(device_id)
        if len(done) == 99:
            others_are_done.set()

    assert await swept(100, ask, at_once=4) == 100
    assert done[-1] == "north/0"


@pytest.mark.parametrize("at_once", [1, 7])
async def test_not_more_than_the_setting_says_are_asked_at_once(at_once: int) -> None:
    under_way, most = 0, 0

    async def ask(device_id: str) -> None:
        nonlocal under_way, most
        del device_id
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        under_way -= 1

    await swept(100, ask, at_once)
    assert most <= at_once


async def test_devices_that_cannot_be_reached_are_counted_and_a_few_of_them_named() -> None:
    async def ask(device_id: str) -> None:
        raise DeviceUnreachable(f"UNAVAILABLE {device_id}")

    with capture_logs() as lines:
        assert await swept(200, ask, at_once=8) == 200
    assert [line["event"] for line in lines].count("turn of a sweep postponed") == 10
    assert lines[-1]["postponed"] == 200


async def test_a_defect_in_one_turn_is_said_and_ends_that_turn_alone() -> None:
    asked: list[str] = []

    async def ask(device_id: str) -> None:
        asked.append(device_id)
        if device_id == "north/3":
            raise LookupError(device_id)

    with capture_logs() as lines:
        assert await swept(100, ask, at_once=8) == 100
    assert len(asked) == 100
    assert "a turn of a sweep ended in a defect" in {line["event"] for line in lines}


async def test_a_defect_in_each_turn_is_counted_and_the_first_few_are_told_whole() -> None:
    async def ask(device_id: str) -> None:
        raise LookupError(device_id)

    with capture_logs() as lines:
        assert await swept(200, ask, at_once=8) == 200
    whole = [line for line in lines if line["event"] == "a turn of a sweep ended in a defect"]
    assert len(whole) == 10
    assert all(isinstance(line["exc_info"], LookupError) for line in whole)
    assert lines[-1]["defects"] == 200


async def test_a_sweep_ends_when_its_cursor_swallowed_that_it_was_told_to_end() -> None:
    reading = asyncio.Event()
    asked: list[str] = []

    async def ask(device_id: str) -> None:
        asked.append(device_id)

    async def swallowing() -> AsyncIterator[str]:
        try:
            reading.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            async for device_id in due(1_000):
                yield device_id

    sweep = asyncio.create_task(ask_each_due("plans", swallowing(), ask, Pace(1_000_000, 4)))
    await reading.wait()
    sweep.cancel()
    await asyncio.gather(sweep, return_exceptions=True)
    assert sweep.cancelled()
    assert asked == []
