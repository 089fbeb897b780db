"""Lines of CSV (RFC 4180) that no spreadsheet takes for more than text."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

# A program that opens files by a double click takes this for UTF-8 (RFC 3629, 6), and others pass over it.
BYTE_ORDER_MARK: Final = "\ufeff".encode()
# What makes a cell a formula where it stands first (OWASP, CSV injection).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def lines(rows: Iterable[Sequence[str]]) -> bytes:
    """Return ``rows`` as lines; a cell that would be a formula gets an apostrophe before it."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerows(
        [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row] for row in rows
    )
    return written.getvalue().encode()


def last_line(count: int, columns: int) -> bytes:
    """Return the line that says that the file is whole: a file without it was cut."""
    return lines([(f"# whole: {count} devices", *[""] * (columns - 1))])
