"""One meter says thousands of things at once: all of it is settled, in order, and the other meters go on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from benchmarks.burst.messages import REPLY_TO, Burst
from jms_transport import Destination, OutgoingMessage
from tests.system.messages import NOON, events
from tests.system.park import DESTINATION, Park, connect_as_hes, until

# What is waited for at most; how long it takes is measured by `make bench-burst`.
SETTLED_SECONDS = 120

BURSTS = {
    "B500": Burst(messages=1, events=500),
    "B2000": Burst(messages=1, events=2_000),
    "B10000": Burst(messages=1, events=10_000),
    "M1100": Burst(messages=1_100, events=1),
    "I3000": Burst(messages=3_000, events=1, identical=True),
}


@asynccontextmanager
async def answer_to_the_last(park: Park) -> AsyncIterator["asyncio.Task[str]"]:
    """Give what the connector answers to the first message that wants an acknowledgement: it is settled then."""
    connection = await connect_as_hes(park.stack)
    try:
        replies = await connection.subscribe(
            Destination.to_subscribe(f"queue://{REPLY_TO}"), credit=1
        )

        async def first() -> str:
            delivery = await replies.receive()
            await delivery.accept()
            return str(delivery.message.body)

        answer = asyncio.create_task(first())
        yield answer
        answer.cancel()
        await asyncio.gather(answer, return_exceptions=True)
    finally:
        await connection.close()


async def publish(park: Park, bodies: list[str]) -> None:
    """Give the broker the messages in their order, many at once."""
    destination = Destination.parse(DESTINATION)
    for start in range(0, len(bodies), 100):
        async with asyncio.TaskGroup() as sending:
            for body in bodies[start : start + 100]:
                sending.create_task(park.hes.send(destination, OutgoingMessage(body=body)))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("serial", "burst"), BURSTS.items(), ids=list(BURSTS))
async def test_a_burst_of_one_meter_is_settled_and_others_pass(
    park: Park, serial: str, burst: Burst
) -> None:
    other = f"{serial}-other"
    *before, last = burst.bodies(serial, NOON)
    async with answer_to_the_last(park) as answer:
        await publish(park, before)
        await park.publish(last)
        for number in range(5):
            code = "3.26.0.216" if number % 2 else "3.26.0.85"
            await park.publish(events((other, code, NOON + timedelta(minutes=number))))
            revision = number + 1
            await until(
                lambda: park.device(f"north/{other}"),
                lambda seen, wanted=revision: seen.revision == wanted,  # type: ignore[misc]
            )
        async with asyncio.timeout(SETTLED_SECONDS):
            assert "<Result>OK</Result>" in await answer
    device = await until(
        lambda: park.device(f"north/{serial}"), lambda seen: seen.revision == burst.commits
    )
    assert device.power.value in {"ON", "OFF"}
    history = await park.journal(f"north/{serial}")
    assert [commit.revision for commit in history] == list(range(1, burst.commits + 1))
    assert len({commit.report_id for commit in history}) == burst.commits


@pytest.mark.timeout(300)
@pytest.mark.parametrize("process", ["device-hub", "iec-connector"])
async def test_a_crash_in_the_middle_of_a_burst_leaves_no_hole_and_doubles_nothing(
    park: Park, process: str
) -> None:
    serial = f"K{process}"
    burst = Burst(messages=1, events=5_000)
    async with answer_to_the_last(park) as answer:
        await publish(park, list(burst.bodies(serial, NOON)))
        await until(lambda: park.device(f"north/{serial}"), lambda seen: seen.revision > 100)
        pid = await asyncio.to_thread(park.stack.kill, process)
        await asyncio.to_thread(park.stack.wait_for_another_pid, process, pid)
        async with asyncio.timeout(SETTLED_SECONDS):
            assert "<Result>OK</Result>" in await answer
    await until(lambda: park.device(f"north/{serial}"), lambda seen: seen.revision == burst.commits)
    history = await park.journal(f"north/{serial}")
    assert [commit.revision for commit in history] == list(range(1, burst.commits + 1))
    assert len({commit.report_id for commit in history}) == burst.commits
