"""Opens a change stream, reads it, and begins again after trouble."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Generic, NoReturn, TypeVar

import structlog
from bson.timestamp import Timestamp
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError

from service_chassis.cancellation import end_if_cancelled
from service_chassis.retries import Retries, Trouble

log = structlog.get_logger()

DocumentT = TypeVar("DocumentT", bound=Mapping[str, Any])
Position = Mapping[str, Any]
Event = Mapping[str, Any]

# CappedPositionLost, InvalidResumeToken, ChangeStreamFatalError, ChangeStreamHistoryLost.
_POSITION_LOST: Final = frozenset({136, 260, 280, 286})


class PositionLost(Exception):
    """The database cannot go on from here: its log begins later, or what was followed was made again."""


class Changes(Generic[DocumentT]):
    """A change stream that is open."""

    def __init__(self, stream: AsyncChangeStream[DocumentT]) -> None:
        self._stream = stream

    @property
    def has_position(self) -> bool:
        """Return False while nothing was read of a stream whose opening brought changes already.

        Changes that are made while a stream without a position is opened may come with the opening. The driver knows
        no position in front of them.
        """
        return self._stream.resume_token is not None

    @property
    def position(self) -> Position:
        """Up to where it was read; see ``has_position``."""
        token = self._stream.resume_token
        if token is None:
            raise TypeError("a change stream has no position before the first change is read")
        return token

    async def next(self) -> Event | None:
        """Return the next change; None when there is none within the stream's patience."""
        end_if_cancelled()
        event = await self._stream.try_next()
        if event is None and not self._stream.alive:
            raise PositionLost("the stream of changes ended")
        return event

    async def some(self, at_most: int, within_seconds: float) -> tuple[list[Event], bool]:
        """Return what comes within a moment, and whether nothing more is there: changes in a group cost less."""
        clock = asyncio.get_running_loop().time
        ends_at = clock() + within_seconds
        events: list[Event] = []
        while len(events) < at_most and (not events or clock() < ends_at):
            event = await self.next()
            if event is None:
                return events, True
            events.append(event)
        return events, False


@asynccontextmanager
async def changes(
    of: AsyncCollection[DocumentT] | AsyncDatabase[DocumentT],
    pipeline: Sequence[Mapping[str, Any]],
    *,
    after: Position | None = None,
    since: Timestamp | None = None,
    patience_seconds: float,
    at_once: int | None = None,
) -> AsyncIterator[Changes[DocumentT]]:
    """Open the stream of changes after a position, or since a point of time, that position coming first.

    Raises PositionLost when there is no way on, from the opening or while it is read.
    """
    try:
        async with await of.watch(
            pipeline,
            resume_after=after,
            start_at_operation_time=None if after else since,
            max_await_time_ms=round(patience_seconds * 1000),
            batch_size=at_once,
        ) as stream:
            yield Changes(stream)
    except OperationFailure as error:
        if error.code in _POSITION_LOST:
            raise PositionLost(str(error)) from error
        raise


async def follow(
    work: Callable[[], Awaitable[None]],
    retries: Retries,
    *,
    anew: Callable[[], Awaitable[None]] | None = None,
    on: Trouble = PyMongoError,
) -> NoReturn:
    """Run ``work``, which reads a stream, and start it again after each failure: trouble costs delay.

    ``anew`` forgets a lost position, so that the work can begin without it. Callers that keep no position omit it.
    """

    async def once() -> None:
        try:
            await work()
        except PositionLost as lost:
            log.warning("position is lost, starting again", why=str(lost)[:300])
            if anew is not None:
                await anew()

    await retries.for_ever(once, on)


async def point_of_time(collection: AsyncCollection[Any]) -> Timestamp:
    """Return the latest point of the database's time up to which everything can be read now.

    The time in the answer to ``hello`` may be ahead of what a majority holds. A change between the two would be
    missing from both the reading of the collection and the stream.
    """
    # Any read at a point of time serves. A member that has just become primary refuses it; then try again.
    answer = await collection.database.command(
        {
            "find": collection.name,
            "limit": 1,
            "projection": {"_id": True},
            "readConcern": {"level": "snapshot"},
        }
    )
    if "atClusterTime" not in answer["cursor"]:
        raise AutoReconnect(f"the collection {collection.name} is not there yet")
    point: Timestamp = answer["cursor"]["atClusterTime"]
    return point
