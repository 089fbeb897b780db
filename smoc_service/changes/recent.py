"""The newest changes of one collection, read once for all watchers of this process.

One change stream of the database delivers them, for any number of watchers. They are kept as received, in a ring that
is bounded in number and bytes, and are decoded when the first watcher needs them. Tokens are those of the
database: they rise with its log and are compared as texts (MongoDB manual, "Resume Tokens: hex-encoded"). A watcher
with a token older than the ring reads from the database's own log, a piece at a time, until it reaches the ring.

An event's token names its document, which not everybody may know of. Its beginning is a point of time (``point_of``),
which names nothing and lies, as a text, before all tokens of that time: it serves as a token, too, and brings that
time's changes again.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

import bson
import structlog
from bson import Timestamp
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

from change_streams import Changes, PositionLost, changes, follow
from service_chassis.retries import Retries
from smoc_service.errors import PositionInvalid, PositionTooOld
from smoc_service.mongodb import Document

log = structlog.get_logger()

# A piece is what is held for a slow watcher, and what is read from the log at once.
PIECE: Final = 50
_CHANGES_AT_MOST = 5_000
_BYTES_AT_MOST = 16 * 2**20
# Reads of the log at the same time, e.g. when this process was started again and everybody comes back.
_LOG_READS_AT_ONCE = 10
_PATIENCE_SECONDS = 0.5
# BadValue, FailedToParse, TypeMismatch, Overflow; and assertions without a name, none of which passes by itself.
_TOKEN_UNREADABLE = frozenset({2, 9, 14, 15})
_ASSERTIONS_FROM = 40_000
# A time as the database writes it first in every token: its type, seconds since 1970, and a number within the second.
_POINT: Final = re.compile(r"82([0-9A-F]{8})([0-9A-F]{8})")
_RAW = CodecOptions(document_class=RawBSONDocument, tz_aware=True)
_READ: CodecOptions[Mapping[str, Any]] = CodecOptions(tz_aware=True)

ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed(Generic[ItemT]):
    """What is followed: whole documents of a collection, and how they are decoded."""

    collection: str
    # Which of them, as conditions on "fullDocument...".
    that: Mapping[str, Any] = field(default_factory=dict)
    # Fields that no reader needs.
    without: Sequence[str] = ()
    read: Callable[[Mapping[str, Any]], ItemT]

    @property
    def pipeline(self) -> list[dict[str, Any]]:
        whole = {"operationType": {"$in": ["insert", "replace"]}, **self.that}
        stages: list[dict[str, Any]] = [
            {"$match": {"$or": [whole, {"operationType": "invalidate"}]}}
        ]
        if self.without:
            stages.append({"$project": {f"fullDocument.{name}": False for name in self.without}})
        return stages


class Change(Generic[ItemT]):
    """One document as it was after a change; decoded when it is first needed."""

    __slots__ = ("_item", "_raw", "_read", "size", "token", "traceparent")

    def __init__(self, token: str, raw: bytes, read: Callable[[Mapping[str, Any]], ItemT]) -> None:
        self.token = token
        self.size = len(raw)
        self._raw = raw
        self._read = read
        self._item: ItemT | None = None
        # Of the trace that the change belongs to, if that is recorded; known with the item.
        self.traceparent = ""

    @property
    def item(self) -> ItemT:
        if self._item is None:
            document = bson.decode(self._raw, _READ)
            self._item = self._read(document)
            self.traceparent = document.get("traceparent", "")
            self._raw = b""
        return self._item


class RecentChanges(Generic[ItemT]):
    """Holds the newest changes while ``run`` runs."""

    def __init__(
        self,
        database: AsyncDatabase[Document],
        followed: Followed[ItemT],
        changes_at_most: int = _CHANGES_AT_MOST,
        bytes_at_most: int = _BYTES_AT_MOST,
    ) -> None:
        self._collection = database[followed.collection].with_options(codec_options=_RAW)
        self._followed = followed
        self._changes_at_most = changes_at_most
        self._bytes_at_most = bytes_at_most
        self._ring: deque[Change[ItemT]] = deque()
        self._bytes = 0
        # Of the ring's first change; changes are numbered as they come.
        self._first = 0
        # Every change after this token is held, or was read on to ``_head``.
        self._floor = ""
        self._head = ""
        self._following = False
        self._moved = asyncio.Event()
        self._log_reads = asyncio.Semaphore(_LOG_READS_AT_ONCE)

    @property
    def head(self) -> str:
        """Return the token up to which the database's log was read; empty before the first time."""
        return self._head

    @property
    def is_following(self) -> bool:
        """Return False while the database is in trouble: then silence does not mean that nothing happens."""
        return self._following

    def place_after(self, token: str) -> int | None:
        """Return the number of the first change after ``token``; None when the token is older than the ring."""
        if not self._floor or token < self._floor:
            return None
        for back, change in enumerate(reversed(self._ring)):
            if change.token <= token:
                return self._first + len(self._ring) - back
        return self._first

    def piece(self, place: int) -> Sequence[Change[ItemT]] | None:
        """Return up to ``PIECE`` changes from number ``place`` on; None when they are not held any more."""
        begin = place - self._first
        if begin < 0:
            return None
        return [self._ring[at] for at in range(begin, min(begin + PIECE, len(self._ring)))]

    def __len__(self) -> int:
        """Return how many changes are held."""
        return len(self._ring)

    async def moved(self, seconds: float) -> None:
        """Return when something changed, but after ``seconds`` at the latest."""
        moved = self._moved
        try:
            async with asyncio.timeout(seconds):
                await moved.wait()
        except TimeoutError:
            return

    def wake(self) -> None:
        """Wake all waiting watchers."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def from_log(self, token: str) -> tuple[Sequence[Change[ItemT]], str]:
        """Return the next piece of the database's own log after ``token``, and the position where it ends.

        Raises:
            PositionTooOld: the log begins later, or never held such a token, or the collection was made again.
            PositionInvalid: the database cannot read the token; it may be forged.
        """
        async with self._log_reads:
            try:
                async with self._open(token, patience_seconds=0.001) as stream:
                    found: list[Change[ItemT]] = []
                    while len(found) < PIECE and (event := await stream.next()) is not None:
                        if event["operationType"] == "invalidate":
                            raise PositionTooOld("position: the register was made anew, list again")
                        found.append(self._change(event))
                    return found, _token(stream)
            except PositionLost as error:
                raise PositionTooOld("position: older than the kept changes; list again") from error
            except OperationFailure as error:
                if _is_token_at_fault(error):
                    raise PositionInvalid("not a position that this watch gave") from error
                raise

    async def run(self) -> None:
        """Follow for ever. Trouble with the database causes delay."""
        retries = Retries(f"follow {self._followed.collection} for watchers")

        async def followed() -> None:
            try:
                await self._follow(retries)
            finally:
                self._following = False

        await follow(followed, retries, anew=self._begin_anew)

    async def _follow(self, retries: Retries) -> None:
        async with self._open(self._head, patience_seconds=_PATIENCE_SECONDS) as stream:
            # What changed while the stream was opened may come with it, before there is a position.
            event = None if stream.has_position else await stream.next()
            if not self._head:
                self._begin(_token(stream) if event is None else point_of(event["_id"]["_data"]))
            self._following = True
            self.wake()
            retries.got_on()
            while True:
                if event is None:
                    self._head = _token(stream)
                else:
                    self._take(event)
                event = await stream.next()

    def _take(self, event: Mapping[str, Any]) -> None:
        if event["operationType"] == "invalidate":
            raise PositionLost("the collection was made again")
        change = self._change(event)
        self._add(change)
        # The stream's own is the same one or later, and a deep copy: 27 µs for each event.
        self._head = change.token
        self.wake()

    async def _begin_anew(self) -> None:
        self._begin("")

    def _open(
        self, token: str, *, patience_seconds: float
    ) -> AbstractAsyncContextManager[Changes[RawBSONDocument]]:
        at = _POINT.fullmatch(token)
        return changes(
            self._collection,
            self._followed.pipeline,
            after={"_data": token} if token and at is None else None,
            since=None if at is None else Timestamp(int(at[1], 16), int(at[2], 16)),
            patience_seconds=patience_seconds,
            at_once=PIECE,
        )

    def _change(self, event: Mapping[str, Any]) -> Change[ItemT]:
        return Change(event["_id"]["_data"], event["fullDocument"].raw, self._followed.read)

    def _begin(self, token: str) -> None:
        """Hold nothing, and what comes after ``token`` from now on."""
        # Skip one number: no watcher's next place is held any more.
        self._first += len(self._ring) + 1
        self._ring.clear()
        self._bytes = 0
        self._floor = self._head = token
        self.wake()

    def _add(self, change: Change[ItemT]) -> None:
        self._ring.append(change)
        self._bytes += change.size
        while len(self._ring) > self._changes_at_most or self._bytes > self._bytes_at_most:
            gone = self._ring.popleft()
            self._first += 1
            self._bytes -= gone.size
            self._floor = gone.token


def point_of(token: str) -> str:
    """Return the time of ``token``, as a token that names no document; raise ``ValueError`` for a malformed one."""
    at = _POINT.match(token)
    if at is None:
        raise ValueError("a token that does not begin with a time")
    return at[0]


def _is_token_at_fault(error: OperationFailure) -> bool:
    """Whether the database could not read a token: bad hexadecimal, or what it asserts of the rest, by number."""
    code = error.code or 0
    return code in _TOKEN_UNREADABLE or code >= _ASSERTIONS_FROM


def _token(stream: Changes[RawBSONDocument]) -> str:
    return str(stream.position["_data"])
