"""Watching devices change: one change stream of the database for each watcher, read no faster than he reads.

Nothing is queued here. While a watcher does not take an answer, the next change is not fetched; it waits in the
database's log. Who stays away longer than the log reaches back is told so, and lists again.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pymongo.asynchronous.change_stream import AsyncCollectionChangeStream
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

from service_chassis.cancellation import end_if_cancelled
from service_chassis.scope import Scope
from smoc_service.device import Device
from smoc_service.device_filter import DeviceFilter, ScopedFilter
from smoc_service.documents import DEVICES, INTERNAL, Document, device_from
from smoc_service.errors import PositionInvalid, PositionTooOld, TooManyWatchers, WatchClosed
from smoc_service.opaque import seal, unseal

SIGN_OF_LIFE_SECONDS: Final = 3.0

_FETCHED_AHEAD = 50
_PURPOSE = "watch"
# The database's log begins after the position; or it holds no such position: another register's, or one restored.
_HISTORY_LOST = 286
_POSITION_NOT_FOUND = 280


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchAnswer:
    # None in the first answer and in signs of life.
    device: Device | None
    position: str


class DeviceWatch:
    """Follows changes for up to ``watchers_at_most`` watchers at once."""

    def __init__(
        self,
        database: AsyncDatabase[Document],
        watchers_at_most: int,
        sign_of_life_seconds: float = SIGN_OF_LIFE_SECONDS,
    ) -> None:
        self._database = database
        self._watchers_at_most = watchers_at_most
        self._sign_of_life_ms = round(sign_of_life_seconds * 1000)
        self._watchers = 0
        self._closed = False

    def close(self) -> None:
        """Let every watcher go, at his next sign of life at the latest; he resumes with another process."""
        self._closed = True

    async def follow(
        self, wanted: DeviceFilter, scope: Scope, position: str
    ) -> AsyncGenerator[WatchAnswer]:
        """Yield a position, then each device that changes and fits, from ``position`` or from now on, for ever.

        What lies outside of ``scope`` does not leave the database, and no position tells of it.

        A device is shown as it was at the change. Without changes the position is repeated now and then; it moves on
        with the database's log, so that one who waits long for a rare change can still resume.

        Raises:
            NetworkDenied: at once; ``wanted`` names a network outside of ``scope``.
            TooManyWatchers: at once; try again later.
            PositionInvalid: at once; not a position of ours.
            PositionTooOld: at once or later; list again, then watch without position.
        """
        visible = wanted.within(scope)
        token = _resume_token(position)
        if self._watchers >= self._watchers_at_most:
            raise TooManyWatchers(f"{self._watchers} watchers already, no more are served")
        self._watchers += 1
        try:
            async with await self._open(visible, token) as stream:
                yield WatchAnswer(device=None, position=_position(stream.resume_token))
                while True:
                    event = await stream.try_next()
                    end_if_cancelled()
                    if self._closed:
                        raise WatchClosed("this process is stopping, resume from the last position")
                    yield WatchAnswer(
                        device=None if event is None else _device(event),
                        position=_position(stream.resume_token),
                    )
        except OperationFailure as error:
            if error.code in {_HISTORY_LOST, _POSITION_NOT_FOUND}:
                raise PositionTooOld("position: older than what is kept, list again") from error
            raise
        finally:
            self._watchers -= 1

    async def _open(
        self, visible: ScopedFilter, token: Mapping[str, Any] | None
    ) -> AsyncCollectionChangeStream[Document]:
        return await self._database[DEVICES].watch(
            [
                {
                    "$match": {
                        "operationType": {"$in": ["insert", "replace", "invalidate"]},
                        **visible.query("fullDocument."),
                    }
                },
                {"$project": {f"fullDocument.{name}": False for name in INTERNAL}},
            ],
            resume_after=token,
            max_await_time_ms=self._sign_of_life_ms,
            # What is fetched ahead of a slow reader, and all that this process ever holds for him.
            batch_size=_FETCHED_AHEAD,
        )


def _device(event: Mapping[str, Any]) -> Device:
    if "fullDocument" not in event:
        raise PositionTooOld("position: the register was made anew, list again")
    return device_from(event["fullDocument"])


def _position(token: Mapping[str, Any] | None) -> str:
    if token is None:
        raise TypeError("a change stream without resume token: this database is too old")
    return seal(_PURPOSE, str(token["_data"]))


def _resume_token(position: str) -> dict[str, str] | None:
    if not position:
        return None
    data = unseal(_PURPOSE, position)
    if not data:
        raise PositionInvalid("not a position that WatchDevices gave")
    return {"_data": data}
