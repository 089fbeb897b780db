"""The code table: what an engineer may write, and what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iec_connector.understanding import CodeTableInvalid, Meaning, load_event_codes

if TYPE_CHECKING:
    from pathlib import Path

CODES = load_event_codes()


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("3.26.0.85", Meaning.POWER_LOST),
        ("0.26.0.85", Meaning.POWER_LOST),
        ("26.26.0.85", Meaning.POWER_LOST),
        ("0.26.38.85", Meaning.POWER_LOST),
        ("3.26.38.47", Meaning.POWER_LOST),
        ("3.26.0.216", Meaning.POWER_RESTORED),
        ("26.26.0.216", Meaning.POWER_RESTORED),
        ("3.26.38.49", Meaning.POWER_RESTORED),
        ("3.26.38.37", Meaning.POWER_RESTORED),
        ("3.26.126.85", Meaning.PHASE_LOST),
        ("3.26.135.216", Meaning.PHASE_RESTORED),
        ("3.26.131.223", Meaning.NOTED),
        ("3.31.0.42", Meaning.SWITCH_CONNECTED),
        ("3.31.26.68", Meaning.SWITCH_DISCONNECTED),
        ("3.31.0.84", Meaning.NOTED),
        ("3.12.66.257", Meaning.TAMPER_DETECTED),
        ("3.12.141.212", Meaning.TAMPER_DETECTED),
        ("3.12.93.219", Meaning.TAMPER_DETECTED),
        ("3.12.29.16", Meaning.TAMPER_CLEARED),
        ("3.12.43.291", Meaning.TAMPER_CLEARED),
        ("3.11.283.280", Meaning.FIRMWARE_UPDATE_STARTED),
        ("3.11.83.58", Meaning.FIRMWARE_UPDATE_SUCCEEDED),
        ("3.11.283.85", Meaning.FIRMWARE_UPDATE_FAILED),
        ("3.6.5.58", Meaning.DISCOVERED),
        ("3.23.136.50", Meaning.DISCOVERED),
        ("3.1.52.29", Meaning.COMMUNICATION_ESTABLISHED),
        ("3.1.298.58", Meaning.COMMUNICATION_ESTABLISHED),
        ("3.21.62.50", Meaning.COMMUNICATION_ESTABLISHED),
        ("3.1.0.85", Meaning.COMMUNICATION_LOST),
        ("3.23.17.85", Meaning.COMMUNICATION_LOST),
        ("0.10.43.42", Meaning.NOTED),
        ("3.2.22.150", Meaning.NOTED),
        ("0.0.0.0", Meaning.NOTED),
        ("03.026.00.085", Meaning.POWER_LOST),
    ],
)
def test_the_codes_of_real_feeds_have_a_meaning(code: str, meaning: Meaning) -> None:
    assert CODES.meaning("hes-north", code) is meaning


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("3.26.0.85", "ElectricMeter.Power.NA.Failed"),
        ("26.26.126.216", "ComDevice.Power.PhaseA.Restored"),
        ("3.26.9999.85", ""),
        ("anything", ""),
    ],
)
def test_codes_have_the_names_of_the_standard(code: str, name: str) -> None:
    assert CODES.name(code) == name


def table(path: Path, *rows: str) -> Path:
    file = path / "codes.csv"
    file.write_text("\n".join(["# ours", "", "source,code,meaning,note", *rows]), encoding="utf-8")
    return file


def test_the_most_specific_row_wins(tmp_path: Path) -> None:
    codes = load_event_codes(
        table(
            tmp_path,
            "*,*.26.38.98,NOTED,all",
            "*,4.26.38.98,FAULT,gas meters",
            "hes-north,*.26.38.98,power_restored,ours",
            'hes-north,3.26.38.98,POWER_LOST,"ours, electricity"',
        )
    )
    assert codes.meaning("hes-south", "3.26.38.98") is Meaning.NOTED
    assert codes.meaning("hes-south", "4.26.38.98") is Meaning.FAULT
    assert codes.meaning("hes-north", "4.26.38.98") is Meaning.POWER_RESTORED
    assert codes.meaning("hes-north", "3.26.38.98") is Meaning.POWER_LOST
    assert codes.meaning("hes-north", "3.26.38.99") is Meaning.UNSPECIFIED


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("*,*.26.0.85,POWER_GONE,x", "line 5: 'POWER_GONE' is no meaning; known are NOTED,"),
        ("*,*.26.0.85,,x", "line 5: '' is no meaning"),
        ("*,*.26.*.85,NOTED,x", "line 5: '\\*.26.\\*.85' is no code"),
        ("*,3.26.0,NOTED,x", "line 5: '3.26.0' is no code"),
        (",3.26.0.85,NOTED,x", "line 5: source is empty"),
        ("*,3.26.0.85,NOTED", "line 5: 3 columns instead of 4"),
        ("*,3.26.0.85,NOTED,a, b", "line 5: 5 columns instead of 4"),
        ("*,3.26.0.84,NOTED,again", "line 5: 3.26.0.84 of source \\* is already in line 4"),
        ('*,3.26.0.85,NOTED,"open', "line 5: "),
    ],
)
def test_a_wrong_row_is_told_with_file_and_line(tmp_path: Path, row: str, complaint: str) -> None:
    with pytest.raises(CodeTableInvalid, match=f"codes.csv, {complaint}"):
        load_event_codes(table(tmp_path, "*,3.26.0.84,NOTED,first", row))


def test_a_table_that_is_missing_empty_or_another_is_told(tmp_path: Path) -> None:
    with pytest.raises(CodeTableInvalid, match=r"nowhere\.csv: cannot be read"):
        load_event_codes(tmp_path / "nowhere.csv")
    empty = tmp_path / "empty.csv"
    empty.write_text("# nothing\n", encoding="utf-8")
    with pytest.raises(CodeTableInvalid, match=r"empty.csv: is empty"):
        load_event_codes(empty)
    other = tmp_path / "other.csv"
    other.write_text("a,b\n", encoding="utf-8")
    with pytest.raises(
        CodeTableInvalid, match=r"other\.csv, line 1: the columns must be source,code,meaning,note"
    ):
        load_event_codes(other)
