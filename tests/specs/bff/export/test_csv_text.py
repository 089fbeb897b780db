"""Lines of CSV: RFC 4180, and no formulas."""

import csv
import io
import re

from hypothesis import given
from hypothesis import strategies as st

from bff.export.csv_text import last_line
from service_chassis.csv_text import lines

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=4), min_size=1, max_size=5))
def test_whatever_is_in_a_cell_comes_back_and_never_begins_as_a_formula(
    rows: list[list[str]],
) -> None:
    written = lines(rows).decode()
    assert written.endswith("\r\n")
    read = list(csv.reader(io.StringIO(written, newline="")))
    assert len(read) == len(rows)
    for given_row, row in zip(rows, read, strict=True):
        for text, cell in zip(given_row, row, strict=True):
            assert cell.replace("'", "") == text.replace("'", "")
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(st.lists(st.text(";\t\r\n\"' ,=+-@a", max_size=12), min_size=1, max_size=4))
def test_no_formula_begins_where_another_separator_would_split_the_line(row: list[str]) -> None:
    # To such a program a quote within its own cell protects nothing.
    for cell in re.split(r"[;\t\r\n]", lines([row]).decode()):
        assert not cell.lstrip(' "').startswith(("=", "+", "-", "@"))


def test_a_formula_behind_a_semicolon_becomes_a_text_too() -> None:
    assert lines([["x;=cmd|' /C calc'!A0", 'a,b;"=1', "5; -3", "a -3, +41; b"]]) == (
        b"""x;'=cmd|' /C calc'!A0,"a,b;""'=1",5; '-3,"a -3, +41; b"\r\n"""
    )


def test_a_formula_becomes_a_text_and_other_texts_stay_as_they_are() -> None:
    assert lines([['=HYPERLINK("http://x")', "-1", "+41 44", "@a", "3-4", 'a"b', "a,b", ""]]) == (
        b'"\'=HYPERLINK(""http://x"")",\'-1,\'+41 44,\'@a,3-4,"a""b","a,b",\r\n'
    )


def test_the_last_line_has_as_many_cells_as_the_others() -> None:
    assert last_line(1204, 3) == b"# whole: 1204 devices,,\r\n"
