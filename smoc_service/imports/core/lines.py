"""From the bytes of a file, as they come, to its records: the fields of each, and the line on which it begins.

CSV by RFC 4180, as spreadsheets write it: UTF-8 with or without a byte order mark, lines that end in LF, CRLF or CR,
fields in quotes that may hold separators, line ends and doubled quotes. Nothing but the record at hand is kept.
"""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SEPARATORS: Final = (",", ";")
# No row of a shipment comes near; a quote that is never closed would swallow the rest of the file.
_RECORD_AT_MOST: Final = 16 * 1024
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Unreadable(Exception):
    """The file as a whole cannot be read; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Record:
    """``fault``: the line is not CSV; then there are no fields."""

    line: int
    fields: tuple[str, ...]
    fault: str = ""


class Lines:
    """Feed it the file, then ``end`` it."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._line = 1
        self._is_open = False
        self._separator = ""
        self._fed = False
        self._after_return = False

    def feed(self, content: bytes) -> Iterator[Record]:
        """Return the records that end within ``content``. Raises Unreadable."""
        if not self._fed and content.startswith(_UTF_16):
            raise Unreadable(
                'line 1: the file is UTF-16 ("Unicode text"); save it as "CSV UTF-8" instead'
            )
        text = self._decode(content, final=False)
        if not self._fed:
            text = text.removeprefix("\ufeff")
            self._fed = bool(text)
        return self._records(text)

    def end(self) -> Iterator[Record]:
        """Return the last record, if the file does not end with a line end. Raises Unreadable."""
        yield from self._records(self._decode(b"", final=True))
        if self._text:
            if self._is_open:
                raise self._never_closed()
            yield self._record(self._text)
            self._text = ""

    def _decode(self, content: bytes, *, final: bool) -> str:
        # What the decoder holds back of the last piece belongs to this one.
        held = self._decoder.getstate()[0]
        try:
            return self._decoder.decode(content, final)
        except UnicodeDecodeError as error:
            whole = held + content
            good = whole[: error.start].decode("utf-8")
            if self._after_return:
                good = good.removeprefix("\n")
            line = self._line + _line_ends(self._text + good)
            raise Unreadable(
                f"line {line}: byte 0x{whole[error.start]:02X} is not UTF-8; "
                'save the file as "CSV UTF-8"'
            ) from None

    def _records(self, text: str) -> Iterator[Record]:
        if self._after_return and text:
            text = text.removeprefix("\n")
            self._after_return = False
        # A return may be the first half of a line end whose second comes with the next piece.
        self._after_return = self._after_return or text.endswith("\r")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        *whole, rest = text.split("\n")
        for part in whole:
            self._hold(part)
            if self._is_open:
                self._text += "\n"
                continue
            yield self._record(self._text)
            self._line += self._text.count("\n") + 1
            self._text = ""
        self._hold(rest)

    def _hold(self, text: str) -> None:
        """Add to the record that is not complete yet."""
        self._text += text
        # Within quotes; a doubled quote counts as none.
        self._is_open ^= text.count('"') % 2 == 1
        if len(self._text) > _RECORD_AT_MOST:
            if self._is_open:
                raise self._never_closed()
            raise Unreadable(f"line {self._line}: longer than {_RECORD_AT_MOST} characters")

    def _record(self, text: str) -> Record:
        if not self._separator:
            self._separator = max(SEPARATORS, key=text.count)
        try:
            # The text has its own line ends within; strict, so that a stray quote is no part of a value.
            [fields] = csv.reader([text], delimiter=self._separator, strict=True)
        except csv.Error as error:
            return Record(self._line, (), f"not CSV: {error}")
        return Record(self._line, tuple(field.strip() for field in fields))

    def _never_closed(self) -> Unreadable:
        return Unreadable(f"line {self._line}: a quote is opened and never closed")


def _line_ends(text: str) -> int:
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n")
