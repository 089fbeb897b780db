"""Which event codes and life-cycle words of message files have a meaning: what ``codes FILE...`` prints.

In come files: messages as a head-end system sends them, or lists with one code a line (or in the first column).
Out goes a table for the engineer, and rows ready to be filled in for what has none.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from iec_connector.understanding import (
    Configuration,
    DeviceEvent,
    Meaning,
    Source,
    Unreadable,
    understand,
)

NO_ROW = "no row"
_LONGEST_LISTED = 256


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """One code or word as it is used; ``meaning`` is ``no row`` when no table knows it."""

    kind: str
    text: str
    meaning: str
    name: str = ""


@dataclass(slots=True)
class CodeReport:
    """What has been found so far: how often each is used, and which files could not be read."""

    source: Source
    uses: Counter[Use] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)

    @property
    def unknown(self) -> list[Use]:
        """What has no row, most used first."""
        return [use for use, _ in self._sorted() if use.meaning == NO_ROW]

    def add_file(self, path: Path, *, destination: str = "") -> None:
        """Take in a message, or a list of codes; raises OSError."""
        body = path.read_bytes()
        if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            self.uses.update(self._listed(body))
            return
        try:
            found = understand(
                body, self.source, received_at=datetime.now(UTC), destination=destination
            )
        except Unreadable as error:
            self.unreadable.append(f"{path}: {error}")
            return
        self.unreadable += [
            f"{path}: {problem.reason}: {problem.detail} ({problem.place})"
            for problem in found.problems
        ]
        for report in found.reports:
            match report.content:
                case DeviceEvent() as event:
                    self.uses[_of_event(event)] += 1
                case Configuration(status=status) if status:
                    self.uses[self._of_status(status)] += 1
                case _:
                    pass

    def lines(self) -> Iterator[str]:
        """The table, the rows to fill in, and what could not be read."""
        rows = [
            (str(count), use.kind, use.text, use.meaning, use.name) for use, count in self._sorted()
        ]
        if rows:
            yield from _table([("times", "kind", "as written", "meaning", "name"), *rows])
        else:
            yield "no event code and no status in these files"
        codes = [use.text for use in self.unknown if use.kind == "code"]
        words = [use.text for use in self.unknown if use.kind == "status"]
        if codes:
            yield ""
            yield "Without a row. Put in a meaning, and add these to the file that extra_code_table names:"
            yield "source,code,meaning,note"
            yield from (_row(self.source.name, _condition(text)) for text in codes)
        if words:
            yield ""
            yield "Without a row. Put in a lifecycle, and add these to the file that extra_lifecycle_table names:"
            yield "source,word,lifecycle,note"
            yield from (_row(self.source.name, text) for text in words)
        for line in self.unreadable:
            yield f"not read: {line}"

    def _sorted(self) -> list[tuple[Use, int]]:
        return sorted(
            self.uses.items(), key=lambda item: (item[0].meaning != NO_ROW, -item[1], item[0])
        )

    def _listed(self, body: bytes) -> Iterable[Use]:
        """Codes of a list: one a line, or in the first column; empty lines and ``#`` are left out."""
        for line in body.decode("utf-8", "replace").splitlines():
            text = line.split(",")[0].split(";")[0].split("\t")[0].strip().strip('"')
            if text and not text.startswith("#"):
                code = text[:_LONGEST_LISTED]
                meaning = self.source.codes.meaning(self.source.name, code)
                yield Use("code", code, meaning.value or NO_ROW, self.source.codes.name(code))

    def _of_status(self, status: str) -> Use:
        said = self.source.words.lifecycle(self.source.name, status)
        meaning = NO_ROW if said is None else said.value or "nothing"
        return Use("status", status, meaning)


def _of_event(event: DeviceEvent) -> Use:
    meaning = NO_ROW if event.meaning is Meaning.UNSPECIFIED else event.meaning.value
    return Use("code", event.code, meaning, event.code_name)


def _condition(code: str) -> str:
    """How the code column says this code."""
    parts = code.split(".")
    plain = len(parts) == 4 and all(part.isascii() and part.isdecimal() for part in parts)  # noqa: PLR2004 - a code has four
    return code if plain else f"text:{code}"


def _row(source: str, text: str) -> str:
    quoted = '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"') else text
    return f"{source},{quoted},,"


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
