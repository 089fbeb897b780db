"""The table of life-cycle words: what an engineer may write, and what a status text says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iec_connector.understanding import Lifecycle
from iec_connector.understanding.tables.csv_rows import TableInvalid
from iec_connector.understanding.tables.lifecycle_words import load_lifecycle_words
from tests.specs.connector.understanding.samples import NORTH, configuration_of, message, source

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("status", "lifecycle"),
    [
        ("dlc.default.inStock", Lifecycle.INVENTORY),
        ("In Stock", Lifecycle.INVENTORY),
        ("NEW_IN_INVENTORY", Lifecycle.INVENTORY),
        ("READY_FOR_USE", Lifecycle.INVENTORY),
        ("RETURNED_TO_INVENTORY", Lifecycle.INVENTORY),
        ("Returned to warehouse", Lifecycle.INVENTORY),
        ("UNDER_TEST", Lifecycle.INVENTORY),
        ("notYetInstalled", Lifecycle.INVENTORY),
        ("REGISTERED", Lifecycle.DISCOVERED),
        ("InstalledNotCommissioned", Lifecycle.DISCOVERED),
        ("IN_USE", Lifecycle.IN_OPERATION),
        ("REGISTERED_BUILD_IN_FAILED", Lifecycle.ERROR),
        ("REGISTERED_INSTALL_FAILED", Lifecycle.ERROR),
        ("REGISTERED_UPDATE_FAILED", Lifecycle.ERROR),
        ("COMMUNICATION_FAILED", Lifecycle.POOR_COMMUNICATION),
        ("DESTROYED", Lifecycle.REMOVED),
        ("Decommissioned.", Lifecycle.REMOVED),
    ],
)
def test_words_of_other_systems_say_where_in_its_life_a_device_is(
    status: str, lifecycle: Lifecycle
) -> None:
    assert NORTH.words.lifecycle("hes-north", status) is lifecycle


@pytest.mark.parametrize("status", ["Inactive", "no error", "Disconnected", "closed"])
def test_known_words_that_say_nothing_are_told_from_unknown_ones(status: str) -> None:
    assert NORTH.words.lifecycle("hes-north", status) is Lifecycle.UNSPECIFIED
    assert NORTH.words.lifecycle("hes-north", "Schrödinger") is None
    assert NORTH.words.lifecycle("hes-north", " . ") is None


def table(path: Path, *rows: str) -> Path:
    file = path / "words.csv"
    file.write_text("\n".join(["source,word,lifecycle,note", *rows]), encoding="utf-8")
    return file


def test_an_engineer_gives_a_source_words_of_its_own(tmp_path: Path) -> None:
    words = NORTH.words.with_rows_of(
        load_lifecycle_words(
            table(
                tmp_path,
                "hes-north,Montiert,IN_OPERATION,",
                "hes-north,inactive,removed,that system means it so",
                "*,Lager*,INVENTORY,",
                "*,Lager-Fehler*,ERROR,",
            )
        )
    )
    assert words.lifecycle("hes-north", "montiert") is Lifecycle.IN_OPERATION
    assert words.lifecycle("hes-south", "montiert") is None
    assert words.lifecycle("hes-north", "Inactive") is Lifecycle.REMOVED
    assert words.lifecycle("hes-south", "Inactive") is Lifecycle.UNSPECIFIED
    assert words.lifecycle("hes-south", "LAGER 7") is Lifecycle.INVENTORY
    assert words.lifecycle("hes-south", "Lager Fehler 7") is Lifecycle.ERROR
    meter = (
        '<MeterConfig xmlns="http://iec.ch/TC57/2011/MeterConfig#"><Meter>'
        "<serialNumber>S1</serialNumber><status><value>Montiert</value></status></Meter></MeterConfig>"
    )
    read = configuration_of(message(meter, noun="MeterConfig"), source(words=words))
    assert (read.lifecycle, read.status) == (Lifecycle.IN_OPERATION, "Montiert")


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("*,Lager,STORE,", "line 3: 'STORE' is no lifecycle; known are NOT_DEFINED, INVENTORY,"),
        ("*,-,INVENTORY,", "line 3: '-' is no word"),
        ("*,*,INVENTORY,", "line 3: '\\*' is no word"),
        (",Lager,INVENTORY,", "line 3: source is empty"),
        ("*,in-use,REMOVED,", "line 3: in-use of source \\* is already in line 2"),
        ("*,Lager,INVENTORY", "line 3: 3 columns instead of 4"),
    ],
)
def test_a_wrong_row_is_told_with_file_and_line(tmp_path: Path, row: str, complaint: str) -> None:
    with pytest.raises(TableInvalid, match=rf"words\.csv, {complaint}"):
        load_lifecycle_words(table(tmp_path, "*,IN USE,IN_OPERATION,", row))
