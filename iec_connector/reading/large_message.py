"""A large message that is read in another process, and the messages that wait for it.

Reading thousands of events takes seconds. Meanwhile the messages after it go on, unless they may concern the same
device: then they wait, so that the reports of each device stay in order (docs/decisions/0031).
"""

import asyncio
from collections.abc import Iterable

from iec_connector.understanding import Report

_LARGE_BYTES = 32 * 1024
"""Some hundred events: reading them takes tens of milliseconds, which the loop can spare."""

_LARGE_COMPRESSED_BYTES = 2 * 1024
"""Of a body that is, or holds, something compressed: it may be thirty times as large in truth."""

_GZIP = b"\x1f\x8b"


def is_large(body: str | bytes) -> bool:
    """Whether the body is to be read aside."""
    if len(body) > _LARGE_BYTES:
        return True
    return len(body) > _LARGE_COMPRESSED_BYTES and _is_compressed(body)


class LargeMessage:
    """One message that is being read aside. ``respelled``: names in it are not taken as they are written."""

    def __init__(self, body: str | bytes, *, respelled: bool = False) -> None:
        self._body = "" if respelled else body
        self._text: str | None = None
        self._passed = asyncio.Event()

    @property
    def has_passed(self) -> bool:
        return self._passed.is_set()

    def let_pass(self) -> None:
        """Its reports are queued, or there are none: waiting messages may go on."""
        self._passed.set()
        # It is not needed any more, and may be many megabytes.
        self._body = self._text = ""

    async def passed(self) -> None:
        await self._passed.wait()

    def may_name(self, reports: Iterable[Report]) -> bool:
        """Return whether the message may concern a device of ``reports``; true when its text does not show it."""
        if self.has_passed:
            return False
        if self._text is None:
            self._text = _plain_text(self._body)
        text = self._text
        if not text:
            return True
        names = {
            name
            for report in reports
            for name in (report.device_identifier, *(each.value for each in report.identifiers))
        }
        return any(not _is_written_as_it_is(name) or name in text for name in names)


def _is_compressed(body: str | bytes) -> bool:
    if isinstance(body, str):
        return "Compressed" in body or "compressed" in body
    return body.startswith(_GZIP) or b"ompressed" in body or not body.lstrip().startswith(b"<")


def _plain_text(body: str | bytes) -> str:
    """Return the text in which names stand as they are; empty when they may be hidden in it."""
    if _is_compressed(body):
        return ""
    if isinstance(body, bytes):
        try:
            body = body.decode("utf-8")
        except UnicodeDecodeError:
            return ""
    return "" if "\0" in body or "&#" in body else body


def _is_written_as_it_is(name: str) -> bool:
    """Whether there is one way to write the name in XML, also where blanks are put in order."""
    return name.isascii() and not any(sign in "&<>\"'" or sign.isspace() for sign in name)
