"""Reading a shipment file: every row has its verdict, and a file that cannot be read says where and why."""

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_limits import IMPORT_ROWS
from smoc_service.imports.core.lines import Unreadable
from smoc_service.imports.core.rows import ShipmentReading
from smoc_service.imports.core.shipment_import import Row, Verdict

NAMES = "serial,model,network,lot,area\n"


def read(
    content: bytes | str, *, piece: int = 1 << 20, networks: set[str] | None = None
) -> list[Row]:
    raw = content.encode() if isinstance(content, str) else content
    reading = ShipmentReading(networks=None if networks is None else frozenset(networks))
    rows: list[Row] = []
    for start in range(0, len(raw), piece):
        rows += reading.feed(raw[start : start + piece])
    return [*rows, *reading.end()]


def refusal(row: str, *, networks: set[str] | None = None) -> str:
    [read_row] = read(NAMES + row + "\n", networks=networks)
    assert read_row.verdict is Verdict.REFUSED
    assert read_row.line == 2
    return read_row.detail


def test_a_row_says_what_the_hub_is_told() -> None:
    [row] = read(NAMES + "LGZ1,E450,north,L-7,North 4\n")
    assert row == Row(
        line=2,
        device_id="north/LGZ1",
        verdict=Verdict.READY,
        attributes={
            "serial_number": "LGZ1",
            "model": "E450",
            "lot_number": "L-7",
            "area": "North 4",
        },
    )


def test_columns_come_in_any_order_and_spelling_and_empty_ones_say_nothing() -> None:
    [row] = read("Network;Communication Technology;SERIAL;Model\nnorth;;LGZ1;E450\n")
    assert row.attributes == {"serial_number": "LGZ1", "model": "E450"}


PLACED = "serial,model,network,latitude,longitude\n"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("47.3769,8.5417", {"latitude": "47.3769", "longitude": "8.5417"}),
        ('"+47,3769","-8,5417"', {"latitude": "47.3769", "longitude": "-8.5417"}),
        ("0,8", {"latitude": "0", "longitude": "8"}),
        (",", {}),
    ],
)
def test_a_row_says_where_its_meter_is(said: str, kept: dict[str, str]) -> None:
    [row] = read(f"{PLACED}LGZ1,E450,north,{said}\n")
    assert row.verdict is Verdict.READY
    assert row.attributes == {"serial_number": "LGZ1", "model": "E450"} | kept


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("95,8.5", "latitude: '95' is not from -90 to 90 degrees"),
        ("8.5,nan", "longitude: 'nan' is not from -180 to 180 degrees"),
        ("47.3,", "longitude: is empty, latitude is not"),
        (",8.5", "latitude: is empty, longitude is not"),
        ("47°22'N,8.5", 'latitude: "47°22\'N" is not from -90 to 90 degrees'),
        ("0,0.0", "latitude: 0/0 is no place; leave both empty where it is not known"),
    ],
)
def test_a_row_whose_place_is_none_is_refused(said: str, why: str) -> None:
    [row] = read(f"{PLACED}LGZ1,E450,north,{said}\n")
    assert (row.verdict, row.detail) == (Verdict.REFUSED, why)


@pytest.mark.parametrize(
    "content",
    [
        "serial,model,network\nLGZ1,E450,north\nLGZ2,E450,north\n",
        "serial,model,network\nLGZ1,E450,north\nLGZ2,E450,north",
        "serial;model;network\r\nLGZ1;E450;north\r\nLGZ2;E450;north\r\n",
        "sep=;\r\nserial;model;network\r\nLGZ1;E450;north\r\nLGZ2;E450;north\r\n",
        "serial,model,network\rLGZ1,E450,north\rLGZ2,E450,north\r",
        "\ufeffserial,model,network\nLGZ1,E450,north\nLGZ2,E450,north\n",
        '"serial","model","network"\n"LGZ1"," E450 ","north"\n\n"LGZ2","E450","north"\n\n',
        "serial;model;network\nLGZ1;E450;north\n;;\nLGZ2;E450;north\n;;\n",
    ],
    ids=["plain", "no end", "Excel", "Excel sep", "CR", "BOM", "quoted", "blank lines"],
)
@pytest.mark.parametrize("piece", [1, 2, 7, 1 << 20])
def test_what_spreadsheets_write_is_read_in_whatever_pieces_it_comes(
    content: str, piece: int
) -> None:
    rows = read(content, piece=piece)
    assert [row.device_id for row in rows] == ["north/LGZ1", "north/LGZ2"]
    assert {row.verdict for row in rows} == {Verdict.READY}
    assert rows[0].attributes["model"] == "E450"


def test_a_line_is_counted_where_its_row_begins() -> None:
    rows = read(NAMES + '"LGZ1","E\n450",north,,\nLGZ2,E450,north,,\n')
    assert [row.line for row in rows] == [2, 4]
    assert "cannot be printed" in rows[0].detail


@pytest.mark.parametrize(
    ("row", "detail"),
    [
        (",E450,north,,", "serial: is empty"),
        ("LGZ1,,north,,", "model: is empty"),
        ("LGZ1,E450,,,", "network: is empty"),
        ("LGZ1,E450,North,,", "network: 'North' is no network's name"),
        ("LGZ1,E450,north", "3 fields, the line of names has 5"),
        ("LGZ1,E450,north,,,", "6 fields, the line of names has 5"),
        (f"{'9' * 129},E450,north,,", "serial: longer than 128 characters"),
        (f"LGZ1,{'E' * 257},north,,", "model: longer than 256 characters"),
        ("LGZ/1,E450,north,,", "serial: 'LGZ/1' holds a \"/\""),
        ("LGZ\x001,E450,north,,", "serial: 'LGZ\\x001' holds characters that cannot be printed"),
        ("LGZ1,E450,north,L\u202e7,", "lot: 'L\\u202e7' holds characters that cannot be printed"),
        ("1.23457E+11,E450,north,,", "serial: '1.23457E+11' was rounded by a spreadsheet"),
        ('LGZ"1",E450,north,,', None),
        ('"LGZ1"x,E450,north,,', "not CSV"),
        ("LGZ1,E450,south,,", "network: 'south' is none of those that you may see"),
    ],
)
def test_a_bad_row_is_refused_with_its_column_and_reason(row: str, detail: str | None) -> None:
    if detail is None:
        assert read(NAMES + row)[0].device_id == 'north/LGZ"1"'
    else:
        assert detail in refusal(row, networks={"north"})


def test_a_device_that_stands_twice_counts_once_the_first_time() -> None:
    rows = read(NAMES + "LGZ1,E450,north,,\nLGZ1,E450,south,,\nLGZ1,E450,north,L-8,\n")
    assert [row.verdict for row in rows] == [Verdict.READY, Verdict.READY, Verdict.REFUSED]
    assert rows[2].detail == "serial: north/LGZ1 stands in line 2 already"


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (NAMES.encode(), "no row below its line of names"),
        (b"LGZ1,E450,north\n", "line 1: no line of names"),
        (b"serial\tmodel\tnetwork\nLGZ1\tE450\tnorth\n", "line 1: no line of names"),
        (b"serial,model\nLGZ1,E450\n", "line 1: column 'network' is missing"),
        (b"serial,model,network,colour\nx", "line 1: column 'colour' is not known"),
        (b"serial,model,network,\nx", "line 1: column 4 has no name"),
        (b"serial,model,network,model\nx", "line 1: column 'model' stands twice"),
        (
            b"serial,model,network\nLGZ1,E450,north\nLGZ2,Z\xe4hler,north\n",
            "line 3: byte 0xE4 is not",
        ),
        (b"serial,model,network\r\nLGZ1,E450,north\r\nLGZ2,\xff,north\r\n", "line 3: byte 0xFF"),
        ("serial,model,network\n".encode("utf-16"), "line 1: the file is UTF-16"),
        (b'serial,model,network\nLGZ1,5",north\nLGZ2,E450,north\n', "line 2: a quote is opened"),
        (NAMES.encode() + b'LGZ1,"' + b"x\n" * 20_000, "line 2: a quote is opened"),
        (NAMES.encode() + b"x" * 20_000, "line 2: longer than"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00", "line 1: no line of names"),
    ],
)
@pytest.mark.parametrize("piece", [3, 1 << 20])
def test_a_file_that_cannot_be_read_says_where_and_why(
    content: bytes, detail: str, piece: int
) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read(content, piece=piece)
    assert detail in str(unreadable.value)
    assert "\n" not in str(unreadable.value)


def test_a_file_with_too_many_rows_is_not_read_to_its_end() -> None:
    reading = ShipmentReading(networks=None, row_count=IMPORT_ROWS)
    with pytest.raises(Unreadable, match=f"line 2: more than {IMPORT_ROWS:,} rows"):
        list(reading.feed((NAMES + "LGZ1,E450,north,,\n").encode()))


cells = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=6)


@given(st.lists(st.lists(cells, min_size=5, max_size=5), max_size=5), st.integers(1, 50))
def test_every_row_that_a_spreadsheet_writes_has_one_verdict(
    table: list[list[str]], piece: int
) -> None:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(
        [["serial", "model", "network", "lot", "area"], *table]
    )
    said = [row for row in table if any(cell.strip() for cell in row)]
    if not said:
        return
    rows = read(written.getvalue(), piece=piece)
    assert len(rows) == len(said)
    for row, cells_said in zip(rows, said, strict=True):
        if row.verdict is Verdict.READY:
            assert row.device_id == f"{cells_said[2].strip()}/{cells_said[0].strip()}"
        else:
            assert row.detail


@given(st.binary(max_size=200), st.integers(1, 50))
def test_whatever_is_sent_is_read_or_refused(content: bytes, piece: int) -> None:
    with suppress(Unreadable):
        for row in read(NAMES.encode() + content, piece=piece):
            assert row.detail or row.verdict is Verdict.READY
