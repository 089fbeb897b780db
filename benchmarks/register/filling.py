"""Writing a population into the register's database, by as many processes as there are cores."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Final

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from benchmarks.register.population import Document, Population
from benchmarks.trouble import BenchFailed
from smoc_service.register.documents import DEVICES, TIMELINE

_CHUNK: Final = 5_000
_AT_ONCE: Final = 1_000


def fill(url: str, database: str, population: Population, tell: Callable[[int], None]) -> None:
    """Write all devices and their timelines; `tell` is called with how many are there. Raises BenchFailed."""
    begins = range(0, population.size, _CHUNK)
    # Not forked: this process has threads and connections of its own.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as writers:
        under_way = [writers.submit(write, url, database, population, begin) for begin in begins]
        done = 0
        try:
            for each in as_completed(under_way):
                done += each.result()
                tell(done)
        except PyMongoError as error:
            writers.shutdown(cancel_futures=True)
            raise BenchFailed(f"the park cannot be written: {error}") from error


def write(url: str, database: str, population: Population, begin: int) -> int:
    """Write one chunk of the devices; return how many it holds."""
    # Made for every chunk: a connection costs nothing beside 5,000 documents.
    with MongoClient[Document](url, w=1, journal=False) as client:
        devices, timeline = client[database][DEVICES], client[database][TIMELINE]
        end = min(begin + _CHUNK, population.size)
        for first in range(begin, end, _AT_ONCE):
            made = list(population.documents(first, min(first + _AT_ONCE, end)))
            timeline.insert_many([entry for _, entries in made for entry in entries], ordered=False)
            devices.insert_many([device for device, _ in made], ordered=False)
        return end - begin
