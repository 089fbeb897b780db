"""Exports that were ordered: whose they are, how far each is; a bounded number, in memory."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from meterpark.smoc.v1.device_service_pb2 import ExportDevicesRequest

from bff.session.store import Session

AT_MOST: Final = 1_000
OF_ONE_SESSION_AT_MOST: Final = 5


class State(StrEnum):
    # Until the browser fetches the file.
    WAITING = "WAITING"
    RUNNING = "RUNNING"
    WHOLE = "WHOLE"
    # The file ends before its end; `detail` says why.
    CUT = "CUT"
    CANCELLED = "CANCELLED"


class TooManyExports(Exception):
    """The session has as many under way as it may; the text says so."""


@dataclass(slots=True, kw_only=True, eq=False)
class Export:
    """One file. ``request`` moves on with what was sent, so that a stream that broke goes on behind it."""

    export_id: str
    session: Session = field(repr=False)
    request: ExportDevicesRequest
    state: State = State.WAITING
    rows: int = 0
    total: int | None = None
    detail: str = ""
    # Ends what is under way; once it runs.
    stop: Callable[[], None] = lambda: None

    def end(self, state: State, detail: str = "") -> None:
        """Note how it ended; the first word counts."""
        if self.state in (State.WAITING, State.RUNNING):
            self.state, self.detail = state, detail
            self.stop()

    def close(self) -> None:
        """End with the session."""
        self.end(State.CUT, "the session ended")


class Desk:
    """Knows exports by numbers that nobody guesses; those of sessions that are over are forgotten."""

    def __init__(self) -> None:
        self._exports: OrderedDict[str, Export] = OrderedDict()

    def order(self, session: Session, request: ExportDevicesRequest) -> Export:
        """Raise ``TooManyExports`` when all that the session may have are under way."""
        self._forget(session)
        export = Export(export_id=secrets.token_urlsafe(24), session=session, request=request)
        self._exports[export.export_id] = export
        return export

    def find(self, session: Session, export_id: str) -> Export | None:
        """Return the session's own export of that number."""
        found = self._exports.get(export_id)
        return found if found is not None and found.session is session else None

    def _forget(self, session: Session) -> None:
        """Make room: of what is over, then of the session's own, then of the oldest; what runs stays."""
        for each in [one for one in self._exports.values() if one.session.over]:
            del self._exports[each.export_id]
        own = [one for one in self._exports.values() if one.session is session]
        at_rest = [one for one in own if one.state is not State.RUNNING]
        if len(own) >= OF_ONE_SESSION_AT_MOST:
            if not at_rest:
                raise TooManyExports(f"{len(own)} exports are under way, wait for one of them")
            del self._exports[at_rest[0].export_id]
        while len(self._exports) >= AT_MOST:
            oldest = next(
                (one for one in self._exports.values() if one.state is not State.RUNNING), None
            )
            if oldest is None:
                raise TooManyExports("too many exports are under way, try again later")
            del self._exports[oldest.export_id]
