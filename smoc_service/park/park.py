"""The park's index for the service: one thread for everything that reads or changes it, and the counts beside it.

A caller passes a function that runs in the index's thread, between two changes, so what it reads is consistent. The
event loop goes on meanwhile. Counts of the whole park are kept apart after every change and need no thread.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Final, TypeVar

from bson import Timestamp

from smoc_service.errors import ParkNotLoaded, TooManyQuestions
from smoc_service.park.index import ParkIndex, Rows, Totals

# Each takes milliseconds; so many would be answered within seconds, and others had better ask again.
QUESTIONS_AT_MOST: Final = 200
_PATIENCE_SECONDS = 5.0
_NEVER = datetime.min.replace(tzinfo=UTC)

AnswerT = TypeVar("AnswerT")


class Park:
    """The park that ``ParkFollower`` keeps, for all callers. Call every method from the event loop."""

    def __init__(self, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="park-index")
        self._patience_seconds = patience_seconds
        self._index: ParkIndex | None = None
        self._totals: Totals | None = None
        self._loading = "not begun"
        self._loaded = asyncio.Event()
        self._questions = 0
        self._version = 0
        self._changed = asyncio.Event()
        self._as_of = _NEVER
        self._awaited: list[tuple[Timestamp, asyncio.Event]] = []

    @property
    def version(self) -> int:
        """Rises with every change of any device, in this process."""
        return self._version

    @property
    def as_of(self) -> datetime:
        """Every change that was stored until then is in the index."""
        return self._as_of

    @property
    def is_loaded(self) -> bool:
        return self._loaded.is_set()

    @property
    def loading(self) -> str:
        """The progress of the loading, as a text."""
        return self._loading

    async def ask(self, question: Callable[[ParkIndex], AnswerT]) -> AnswerT:
        """Return what ``question`` finds; it must not keep the index, nor what it selected.

        Raises:
            ParkNotLoaded: the service has just started.
            TooManyQuestions: more are waiting than will be answered soon.
        """
        await self._until_loaded()
        if self._questions >= QUESTIONS_AT_MOST:
            raise TooManyQuestions(f"{self._questions} questions wait already, ask again")
        self._questions += 1
        try:
            return await self._in_thread(lambda: question(self._held()))
        finally:
            self._questions -= 1

    async def totals(self) -> Totals:
        """Return the counts of the whole park; raise ``ParkNotLoaded``."""
        await self._until_loaded()
        if self._totals is None:
            raise TypeError("loaded without counts")
        return self._totals

    async def changed_since(self, version: int) -> int:
        """Return the version as soon as it is another one than ``version``."""
        while self._version == version:
            await self._changed.wait()
        return self._version

    async def caught_up_with(self, point: Timestamp) -> None:
        """Return when every change up to ``point`` of the database's time is in the index."""
        seen = asyncio.Event()
        waiting = (point, seen)
        self._awaited.append(waiting)
        try:
            await seen.wait()
        finally:
            self._awaited.remove(waiting)

    # What follows is for ParkFollower alone.

    def tell_loading(self, told: str) -> None:
        self._loading = told

    async def fill(self, index: ParkIndex, rows: Callable[[], Rows]) -> None:
        """Have ``index`` take in ``rows``, which are made in its thread, too."""
        await self._in_thread(lambda: index.take(rows()))

    def shows(self, index: ParkIndex) -> bool:
        return self._index is index

    async def count(self, index: ParkIndex) -> Totals:
        return await self._in_thread(index.totals)

    async def show(self, index: ParkIndex) -> None:
        """Answer from ``index`` from now on, as it is now."""
        self._totals = await self.count(index)
        self._index = index
        self._loaded.set()
        self._version += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def awaited(self) -> list[tuple[Timestamp, asyncio.Event]]:
        """Return the waiting callers and the points that they wait for."""
        return list(self._awaited)

    def note_seen(self, as_of: datetime) -> None:
        self._as_of = max(self._as_of, as_of)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _held(self) -> ParkIndex:
        if self._index is None:
            raise TypeError("loaded without an index")
        return self._index

    async def _until_loaded(self) -> None:
        if self._loaded.is_set():
            return
        try:
            async with asyncio.timeout(self._patience_seconds):
                await self._loaded.wait()
        except TimeoutError:
            raise ParkNotLoaded(
                f"the register's search is being loaded after a start ({self._loading}), ask again"
            ) from None

    async def _in_thread(self, work: Callable[[], AnswerT]) -> AnswerT:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
