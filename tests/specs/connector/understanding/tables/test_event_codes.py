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
        ("*,*.*.*.*,NOTED,x", "line 5: '\\*.\\*.\\*.\\*' is no code: four numbers with dots"),
        ("*,3.26.x.85,NOTED,x", "line 5: '3.26.x.85' is no code"),
        ("*,text:,NOTED,x", "line 5: 'text:' is no code"),
        ("*,text:*,NOTED,x", "line 5: 'text:\\*' is no code"),
        ("*,detail:117,NOTED,x", "line 5: 'detail:117' is no code"),
        ("*,detail:vendorCode=,NOTED,x", "line 5: 'detail:vendorCode=' is no code"),
        ("*,name:x & 3.26.0.85,NOTED,x", "line 5: 'name:x & 3.26.0.85' is no code"),
        ("*,3.26.0.85 & text:x,NOTED,x", "line 5: '3.26.0.85 & text:x' is no code"),
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


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        # One public factory of codes, by what it calls them.
        ("0.26.38.49", Meaning.POWER_RESTORED),  # power up
        ("0.26.25.85", Meaning.PHASE_LOST),  # power failure of a phase
        ("0.26.131.285", Meaning.PHASE_LOST),  # missing voltage L1
        ("0.26.132.285", Meaning.PHASE_LOST),
        ("0.26.133.37", Meaning.PHASE_RESTORED),  # normal voltage L3
        ("0.26.131.40", Meaning.NOTED),  # bad voltage
        ("10.26.80.59", Meaning.POWER_LOST),  # last gasp of a concentrator
        ("10.26.80.68", Meaning.POWER_LOST),  # mains lost
        ("10.26.80.42", Meaning.POWER_RESTORED),
        ("0.12.66.242", Meaning.TAMPER_DETECTED),  # strong DC field
        ("0.12.66.243", Meaning.TAMPER_CLEARED),
        ("0.12.128.39", Meaning.TAMPER_DETECTED),  # terminal cover
        ("0.12.128.16", Meaning.TAMPER_CLEARED),
        ("4.12.66.291", Meaning.TAMPER_CLEARED),  # external field over
        ("4.0.0.257", Meaning.TAMPER_DETECTED),
        ("4.2.0.257", Meaning.TAMPER_DETECTED),
        ("4.12.146.257", Meaning.TAMPER_DETECTED),
        ("4.2.1.38", Meaning.TAMPER_DETECTED),
        ("0.12.147.7", Meaning.NOTED),  # at an M-Bus child
        ("0.15.26.68", Meaning.SWITCH_DISCONNECTED),  # by hand
        ("0.15.26.42", Meaning.SWITCH_CONNECTED),
        ("0.31.147.68", Meaning.NOTED),  # an M-Bus child's valve
        ("4.0.0.39", Meaning.SWITCH_CONNECTED),  # valve opened
        ("4.0.211.16", Meaning.SWITCH_DISCONNECTED),
        ("4.4.48.85", Meaning.SWITCH_DISCONNECTED),  # closed because of leakage
        ("0.11.0.242", Meaning.FIRMWARE_UPDATE_STARTED),
        ("0.11.0.58", Meaning.FIRMWARE_UPDATE_SUCCEEDED),
        ("0.11.0.85", Meaning.FIRMWARE_UPDATE_FAILED),
        ("0.11.31.25", Meaning.FIRMWARE_UPDATE_STARTED),
        ("0.11.31.4", Meaning.FIRMWARE_UPDATE_SUCCEEDED),
        ("10.11.0.52", Meaning.FIRMWARE_UPDATE_SUCCEEDED),
        ("0.11.43.85", Meaning.FIRMWARE_UPDATE_FAILED),
        ("4.11.0.85", Meaning.FAULT),  # critical software error
        ("0.19.5.85", Meaning.COMMUNICATION_LOST),
        ("0.19.298.85", Meaning.COMMUNICATION_LOST),
        ("0.19.129.29", Meaning.COMMUNICATION_ESTABLISHED),
        ("0.19.129.68", Meaning.NOTED),  # hung up
        ("0.1.125.85", Meaning.COMMUNICATION_LOST),
        ("4.1.52.54", Meaning.COMMUNICATION_ESTABLISHED),
        ("0.1.0.59", Meaning.NOTED),  # ended normally
        ("10.23.15.42", Meaning.COMMUNICATION_ESTABLISHED),  # link up
        ("10.23.15.68", Meaning.COMMUNICATION_LOST),
        ("0.18.85.85", Meaning.FAULT),
        ("0.11.100.79", Meaning.FAULT),
        ("0.36.114.79", Meaning.FAULT),
        ("3.36.117.35", Meaning.FAULT),
        ("4.11.0.279", Meaning.FAULT_CLEARED),
        ("0.11.46.279", Meaning.FAULT_CLEARED),
        ("4.21.67.37", Meaning.FAULT_CLEARED),
        ("0.19.17.85", Meaning.FAULT),
        ("4.17.44.32", Meaning.NOTED),
        ("0.20.121.4", Meaning.NOTED),
        ("4.9.0.85", Meaning.NOTED),  # of a module
    ],
)
def test_usual_codes_of_factories_have_the_meaning_of_their_facet(
    code: str, meaning: Meaning
) -> None:
    assert CODES.meaning("hes-north", code) is meaning


PHASES = ("126", "134", "135", "131", "132", "133", "25", "79")


@pytest.mark.parametrize("kind", ["0", "3", "26"])
@pytest.mark.parametrize(
    ("subdomains", "events", "meaning"),
    [
        (("0", "38", "17"), ("85", "47"), Meaning.POWER_LOST),
        (("0", "38", "17"), ("216", "49", "37"), Meaning.POWER_RESTORED),
        (PHASES, ("85", "47", "285"), Meaning.PHASE_LOST),
        (PHASES, ("216", "49", "37"), Meaning.PHASE_RESTORED),
    ],
)
def test_each_loss_of_power_has_its_counterpart(
    kind: str, subdomains: tuple[str, ...], events: tuple[str, ...], meaning: Meaning
) -> None:
    for subdomain in subdomains:
        for event in events:
            code = f"{kind}.26.{subdomain}.{event}"
            assert CODES.meaning("hes-north", code) is meaning, code


def test_a_code_by_the_names_of_the_standard_means_what_its_numbers_mean() -> None:
    assert CODES.meaning("hes-north", "ElectricMeter.Power.NA.Failed") is Meaning.POWER_LOST
    assert CODES.meaning("hes-north", "electricmeter.POWER.phaseA.restored") is (
        Meaning.PHASE_RESTORED
    )
    assert CODES.meaning("hes-north", "3.Power.0.Failed") is Meaning.POWER_LOST
    assert CODES.name("3.Power.0.Failed") == "ElectricMeter.Power.NA.Failed"
    assert CODES.meaning("hes-north", "ElectricMeter.Power.Nowhere.Failed") is Meaning.UNSPECIFIED


def test_a_code_without_the_kind_of_device_means_what_its_three_parts_mean() -> None:
    assert CODES.meaning("hes-north", "26.0.85") is Meaning.POWER_LOST
    assert CODES.meaning("hes-north", "12.43.257") is Meaning.TAMPER_DETECTED
    assert CODES.meaning("hes-north", "26.9999.85") is Meaning.UNSPECIFIED
    assert CODES.meaning("hes-north", "0.85") is Meaning.UNSPECIFIED


def test_a_row_may_match_the_text_a_name_or_a_detail(tmp_path: Path) -> None:
    codes = load_event_codes(
        table(
            tmp_path,
            "*,0.0.0.0,NOTED,other",
            "*,text:E-117,POWER_LOST,",
            "*,text:STDEVT:Power*,NOTED,any of them",
            "*,text:STDEVT:Power Up,POWER_RESTORED,",
            "*,name:REN6025=11.3.3,TAMPER_DETECTED,",
            "*,name:fuse,FAULT,a name of any type",
            "*,detail:vendorCode=117,POWER_LOST,",
            "hes-north,0.0.0.0 & detail:vendorCode=118,SWITCH_DISCONNECTED,",
        )
    )

    def meaning(code: str, **said: object) -> Meaning:
        return codes.meaning("hes-north", code, **said)  # type: ignore[arg-type]

    assert meaning("e-117") is Meaning.POWER_LOST
    assert meaning(" STDEVT:Power Up ") is Meaning.POWER_RESTORED
    assert meaning("stdevt:power down") is Meaning.NOTED
    assert meaning("x", names=[("REN6025", "11.3.3")]) is Meaning.TAMPER_DETECTED
    assert meaning("x", names=[("REN6026", "11.3.3")]) is Meaning.UNSPECIFIED
    assert meaning("x", names=[("Label", "Fuse")]) is Meaning.FAULT
    assert meaning("0.0.0.0", details={"VendorCode": "117"}) is Meaning.POWER_LOST
    assert meaning("0.0.0.0", details={"VendorCode": "118"}) is Meaning.SWITCH_DISCONNECTED
    assert meaning("3.26.38.98", details={"VendorCode": "118"}) is Meaning.UNSPECIFIED
    assert meaning("0.0.0.0", details={"VendorCode": "119"}) is Meaning.NOTED


def test_of_rows_with_wildcards_the_more_exact_one_wins(tmp_path: Path) -> None:
    codes = load_event_codes(
        table(
            tmp_path,
            "*,*.12.*.*,NOTED,",
            "*,*.*.*.257,TAMPER_DETECTED,",
            "*,*.12.1.*,FAULT,",
            "*,*.12.1.257,COMMUNICATION_LOST,",
        )
    )
    assert codes.meaning("any", "3.12.9.9") is Meaning.NOTED
    assert codes.meaning("any", "3.12.9.257") is Meaning.TAMPER_DETECTED
    assert codes.meaning("any", "3.12.1.9") is Meaning.FAULT
    assert codes.meaning("any", "3.12.1.257") is Meaning.COMMUNICATION_LOST
    assert codes.meaning("any", "3.13.1.1") is Meaning.UNSPECIFIED
