"""A user's own messages: files as they are, to a destination.

Text goes out as a TextMessage, decoded as the file itself says (byte order mark, then XML declaration, then
UTF-8); bytes go out unread. Nothing is checked or fixed, so that a user can send broken messages on purpose.
"""

from __future__ import annotations

import asyncio
import codecs
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jms_transport import OutgoingMessage, TransportError, TransportLost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jms_transport import Connection, Destination

STANDARD_INPUT: Final = "-"
ANSWER_SECONDS: Final = 30.0
# Longest first: the mark of UTF-32 LE begins with the mark of UTF-16 LE.
BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]*?\bencoding\s*=\s*["']([A-Za-z][\w.:-]*)["']""")


class NotText(ValueError):  # it names the state of the file
    """The bytes are no text in the encoding that they claim, or that is assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """What became of one file.

    `detail` says it in one line; `size` is in bytes as read, 0 when it was not read.
    """

    name: str
    accepted: bool
    detail: str
    size: int = 0


def decode(raw: bytes) -> str:
    """Return the text of an XML file; NotText says which encoding did not fit."""
    encoding = "utf-8"
    for mark, name in BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            encoding = name
            break
    else:
        declared = DECLARED.match(raw)
        if declared:
            encoding = declared[1].decode("ascii")
    try:
        return raw.decode(encoding)
    except LookupError as error:
        raise NotText(f"nobody knows the encoding {encoding!r} that it declares") from error
    except UnicodeDecodeError as error:
        raise NotText(f"byte {error.start} is not {encoding}") from error


async def send_files(
    paths: Sequence[Path | str], *, connection: Connection, destination: Destination, as_bytes: bool
) -> list[SendResult]:
    """Send each file as one message, in order; return one result per file, in that order.

    `-` is standard input. A file that cannot be read, or that the broker refuses, does not keep the others
    back; when the connection is lost, the rest is not sent, and says so.
    """
    results: list[SendResult] = []
    lost: TransportLost | None = None
    for path in paths:
        if lost:
            results.append(_failed(path, f"not sent: {lost}"))
            continue
        try:
            raw = _read(path)
        except OSError as error:
            results.append(_failed(path, f"cannot be read: {error.strerror or error}"))
            continue
        try:
            body = raw if as_bytes else decode(raw)
        except NotText as error:
            results.append(_failed(path, f"is not text ({error}): send it with --bytes", len(raw)))
            continue
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await connection.send(destination, OutgoingMessage(body=body))
        except TransportLost as error:
            lost = error
            results.append(_failed(path, f"fate unknown: {error}", len(raw)))
        except TransportError as error:
            results.append(_failed(path, f"refused: {error}", len(raw)))
        except TimeoutError:
            late = f"fate unknown: no answer from the broker in {ANSWER_SECONDS:.0f} s"
            results.append(_failed(path, late, len(raw)))
        else:
            kind = "bytes" if as_bytes else "text"
            detail = f"accepted by {destination.address} as {kind}, {len(raw)} bytes"
            results.append(SendResult(name=str(path), accepted=True, detail=detail, size=len(raw)))
    return results


def _read(path: Path | str) -> bytes:
    if str(path) == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    return Path(path).read_bytes()


def _failed(path: Path | str, why: str, size: int = 0) -> SendResult:
    return SendResult(name=str(path), accepted=False, detail=why, size=size)
