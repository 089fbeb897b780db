"""The table of life-cycle words: what a status text of a source says about the life of a device.

The table is data (``iec_connector/lifecycle_words.csv``). Of a text such as ``dlc.default.inStock`` what stands
behind the last dot counts; case, blanks and signs do not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from iec_connector.understanding.report import Lifecycle
from iec_connector.understanding.tables.code_condition import ANY, pattern_of
from iec_connector.understanding.tables.csv_rows import TableInvalid, rows_of, source_of

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGED_WORDS = Path(__file__).parent.parent.parent / "lifecycle_words.csv"
NOTHING: Final = "NOTHING"

_COLUMNS = ["source", "word", "lifecycle", "note"]
_NOT_OF_A_WORD = re.compile(r"[^a-z0-9*]")
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")
_LONGEST = 256


@dataclass(frozen=True, slots=True)
class LifecycleWords:
    """Looks words up. Build it with ``load_lifecycle_words``."""

    _meanings: Mapping[tuple[str, str], Lifecycle]
    _patterns: tuple[tuple[str, re.Pattern[str], Lifecycle], ...]

    @classmethod
    def of(cls, meanings: Mapping[tuple[str, str], Lifecycle]) -> LifecycleWords:
        """The look-up of these rows, by source and word."""
        longest_first = sorted(meanings.items(), key=lambda row: len(row[0][1]), reverse=True)
        patterns = tuple(
            (source, pattern_of(word), meaning)
            for (source, word), meaning in longest_first
            if ANY in word
        )
        return cls(meanings, patterns)

    def lifecycle(self, source: str, status: str) -> Lifecycle | None:
        """What a status text of ``source`` says.

        ``UNSPECIFIED`` for a word of which the table says that it says nothing, ``None`` for one without a row.
        A row of this source wins over one of ``*``, an exact word over one with ``*``, then the longer one.
        """
        last = status[-_LONGEST:].rstrip(". ").rpartition(".")[2]
        plain = _NOT_ALPHANUMERIC.sub("", last.lower())
        if not plain:
            return None
        for each in (source, ANY):
            known = self._meanings.get((each, plain))
            if known is not None:
                return known
            for of, pattern, meaning in self._patterns:
                if of == each and pattern.fullmatch(plain):
                    return meaning
        return None

    def with_rows_of(self, other: LifecycleWords) -> LifecycleWords:
        """These rows and those of ``other``, which win where both have the same."""
        return LifecycleWords.of({**self._meanings, **other._meanings})


def load_lifecycle_words(path: Path = PACKAGED_WORDS) -> LifecycleWords:
    """Read and check the table at ``path``.

    Raises:
        TableInvalid: the file is missing or a row is wrong; says which and why.
    """
    meanings: dict[tuple[str, str], Lifecycle] = {}
    first_seen: dict[tuple[str, str], int] = {}
    for line, row in rows_of(path, _COLUMNS):
        where = f"{path}, line {line}"
        word = _NOT_OF_A_WORD.sub("", row["word"].lower())
        if not word.strip(ANY):
            raise TableInvalid(f"{where}: {row['word']!r} is no word: it needs letters or digits")
        key = (source_of(where, row), word)
        if key in meanings:
            raise TableInvalid(
                f"{where}: {row['word']} of source {row['source']} is already in line {first_seen[key]}"
            )
        meanings[key] = _lifecycle(where, row["lifecycle"])
        first_seen[key] = line
    return LifecycleWords.of(meanings)


@cache
def packaged_lifecycle_words() -> LifecycleWords:
    """The table that comes with the connector, read once."""
    return load_lifecycle_words()


def _lifecycle(where: str, text: str) -> Lifecycle:
    if text.upper() == NOTHING:
        return Lifecycle.UNSPECIFIED
    known = [each.value for each in Lifecycle if each.value]
    if text.upper() not in known:
        raise TableInvalid(
            f"{where}: {text!r} is no lifecycle; known are {', '.join(known)} and {NOTHING}"
        )
    return Lifecycle(text.upper())
