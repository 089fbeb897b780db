"""A register full of devices: written to its database, then taken in as after a restore."""

import asyncio
import time
from typing import Any, Final

from meterpark.smoc.v1.device_service_pb2 import GetParkSummaryRequest
from pymongo import AsyncMongoClient

from benchmarks.register.asking import Asking, asking
from benchmarks.register.filling import fill
from benchmarks.register.population import Document, Population, now_in_whole_seconds
from benchmarks.register.waiting import until
from benchmarks.stack.bench_stack import REGISTER, BenchStack
from benchmarks.telling import Tell
from benchmarks.trouble import BenchFailed
from smoc_service.alarms.documents import ALARMS, POSITIONS

DATABASE: Final = "smoc"


async def made(bench: BenchStack, devices: int, tell: Tell) -> tuple[float, float]:
    """Put a park into the register's database while the register is away; return when all was done.

    Gives the seconds that the making took, and the loading.
    """
    await asyncio.to_thread(bench.stop, REGISTER)
    began = last = time.perf_counter()

    def progress(count: int) -> None:
        nonlocal last
        if count == devices or time.perf_counter() - last > 10:  # noqa: PLR2004
            last = time.perf_counter()
            tell(f"  {count:,} of {devices:,} devices")

    tell(f"making a park of {devices:,} devices")
    population = Population(size=devices, at=now_in_whole_seconds())
    await asyncio.to_thread(fill, bench.mongodb_url, DATABASE, population, progress)
    made_in = time.perf_counter() - began
    async with AsyncMongoClient[Document](bench.mongodb_url) as client:
        # As after a restore: whoever follows the register begins with what is there.
        await client[DATABASE][POSITIONS].delete_many({})
        began = time.perf_counter()
        await asyncio.to_thread(bench.start, REGISTER)
        await asyncio.to_thread(bench.wait_until_ready, REGISTER)
        async with asking(bench) as asked:
            await until(
                lambda: _count(asked), lambda count: count >= devices, "loading the register"
            )
        loaded_in = time.perf_counter() - began
        tell(f"loaded {loaded_in:.0f} s after the start; waiting for the alarms of what is there")
        await until(lambda: _alarms_are_right(client), bool, "looking for alarms")
    return made_in, loaded_in


async def _count(asked: Asking) -> int:
    try:
        answer = await asked.call(asked.devices.GetParkSummary, GetParkSummaryRequest())
    except BenchFailed:
        return 0
    return int(answer.device_count)


async def _alarms_are_right(client: AsyncMongoClient[Document]) -> bool:
    database: Any = client[DATABASE]
    if await database[POSITIONS].find_one({"_id": ALARMS}) is None:
        return False
    due = {"unresolved": True, "look_at": {"$lte": now_in_whole_seconds()}}
    return await database[ALARMS].find_one(due, hint="due") is None
