"""Lines of CSV (RFC 4180) that no spreadsheet takes for more than text."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

# A program that opens files by a double click takes this for UTF-8 (RFC 3629, 6), and others pass over it.
BYTE_ORDER_MARK: Final = "\ufeff".encode()
# What makes a cell a formula where it stands first (OWASP, CSV injection). A cell is also what begins within one of
# ours for a program with another separator (Excel in German: the semicolon), to which our quotes are no quotes.
_FORMULA: Final = re.compile(r"""(?:\A|[;\t\r\n])[\s"]*+(?=[=+\-@])""")
# Most cells have none of these, and to see that takes a fifth of the time.
_LOOKED_INTO: Final = re.compile(r"""\A[\s"=+\-@]|[;\t\r\n]""")
_CONTROLS: Final = ("\t", "\r", "\n")


def lines(rows: Iterable[Sequence[str]]) -> bytes:
    """Return ``rows`` as lines; what would be a formula gets an apostrophe before it."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return written.getvalue().encode()


def _harmless(cell: str) -> str:
    if not _LOOKED_INTO.search(cell):
        return cell
    text = _FORMULA.sub(r"\g<0>'", cell)
    return f"'{text}" if text.startswith(_CONTROLS) else text
