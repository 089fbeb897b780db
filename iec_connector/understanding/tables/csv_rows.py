"""The rows of a table file, with their line numbers."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class TableInvalid(ValueError):
    """A table cannot be used; the text names file and line."""


class CodeTableInvalid(TableInvalid):
    """The code table or the list of names cannot be used; the text names file and line."""


def rows_of(
    path: Path, columns: Sequence[str], invalid: type[TableInvalid] = TableInvalid
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with their line numbers; empty lines and lines that begin with ``#`` are left out.

    Raises:
        TableInvalid: the file cannot be read, or is not of these columns. ``invalid`` is the class that is raised.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise invalid(f"{path}: cannot be read: {error}") from error
    reader = csv.reader(text.splitlines(), strict=True)
    seen_header = False
    try:
        for cells in reader:
            values = [cell.strip() for cell in cells]
            if not any(values) or values[0].startswith("#"):
                continue
            if not seen_header:
                if values != list(columns):
                    raise invalid(
                        f"{path}, line {reader.line_num}: the columns must be {','.join(columns)}"
                    )
                seen_header = True
                continue
            if len(values) != len(columns):
                raise invalid(
                    f"{path}, line {reader.line_num}: {len(values)} columns instead of {len(columns)}"
                    ' (a note with a comma needs "double quotes")'
                )
            yield reader.line_num, dict(zip(columns, values, strict=True))
    except csv.Error as error:
        raise invalid(f"{path}, line {reader.line_num}: {error}") from error
    if not seen_header:
        raise invalid(f"{path}: is empty; the columns must be {','.join(columns)}")


def source_of(where: str, row: dict[str, str], invalid: type[TableInvalid] = TableInvalid) -> str:
    """The source that a row is for; ``*`` means every source."""
    if not row["source"]:
        raise invalid(f"{where}: source is empty (* means every source)")
    return row["source"]
