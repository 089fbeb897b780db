"""What the page shows, and that it fits the terminal."""

from meterpark.smoc.v1.alarm_service_pb2 import (
    ALARM_SEVERITY_CRITICAL,
    ALARM_SEVERITY_MAJOR,
    Alarm,
)
from meterpark.smoc.v1.device_service_pb2 import GetParkSummaryResponse
from rich.cells import cell_len
from rich.text import Text

from meterpark_cli.park.page import Trouble, counts_of, page
from tests.specs.cli.examples import device, power_lost
from tests.specs.cli.moments import NOW
from tests.specs.cli.services_in_memory import at
from tests.specs.cli.summaries import shown_with, summary_of_counts, summary_with


def lines_of(
    summary: GetParkSummaryResponse | None,
    trouble: Trouble | None = None,
    *alarms: Alarm,
    width: int = 80,
    height: int | None = 24,
) -> list[str]:
    shown = None if summary is None else shown_with(summary, *alarms)
    group = page(shown, trouble, NOW, width=width, height=height)
    return [part.plain for part in group.renderables if isinstance(part, Text)]


def big_park() -> GetParkSummaryResponse:
    devices = [
        device(f"9024{number:06}", lifecycle=lifecycle, power=power, tamper="DETECTED")
        for number, (lifecycle, power) in enumerate(
            (lifecycle, power)
            for lifecycle in (
                "NOT_DEFINED", "INVENTORY", "DISCOVERED", "IN_OPERATION",
                "UPDATE_IN_PROGRESS", "POOR_COMMUNICATION", "ERROR", "REMOVED",
            )
            for power in ("UNKNOWN", "ON", "OFF", "PARTIAL")
        )
    ]  # fmt: skip
    return summary_with(devices, [power_lost()] * 100)


def test_it_fits_a_terminal_of_80_by_24_and_wider_ones() -> None:
    trouble = Trouble(since=NOW, reason="the sidecar cannot be reached: UNAVAILABLE: " + "x" * 300)
    for width, height in ((80, 24), (119, 24), (120, 30), (140, 50), (200, 60)):
        for told in (None, trouble):
            lines = lines_of(big_park(), told, width=width, height=height)
            assert len(lines) <= height
            assert max(cell_len(line) for line in lines) <= width


def test_a_full_park_leaves_room_for_changes_at_80_by_24() -> None:
    assert sum("Power lost" in line for line in lines_of(big_park())) >= 4


def test_alarms_that_want_somebody_are_counted_and_the_newest_shown_where_there_is_room() -> None:
    alarm = Alarm(
        rule="tamper-detected",
        device_id="north/4711",
        severity=ALARM_SEVERITY_CRITICAL,
        summary="tamper is DETECTED",
        open_time=at("2026-03-01T09:00:00Z"),
    )
    major = Alarm(rule="error-state", device_id="north/4712", severity=ALARM_SEVERITY_MAJOR)
    lines = lines_of(big_park(), None, alarm, major, alarm, height=60)
    assert "ALARMS         CRITICAL 2   MAJOR 1" in lines
    newest = next(line for line in lines if "tamper-detected" in line)
    assert newest == "  1 h      CRITICAL  tamper-detected  north/4711  tamper is DETECTED"
    lines = lines_of(big_park(), None, alarm)
    assert "ALARMS         CRITICAL 1" in lines
    assert not any("tamper-detected" in line for line in lines)
    assert "ALARMS         none" in lines_of(big_park())


def test_each_value_is_counted_and_absent_ones_are_left_out() -> None:
    lines = lines_of(summary_with([device("1"), device("2", power="OFF")]))
    assert any("IN_OPERATION" in line and "2" in line and "100 %" in line for line in lines)
    assert any(line.startswith("POWER") and "ON 1" in line and "OFF 1" in line for line in lines)
    assert not any("PARTIAL" in line or "REMOVED" in line for line in lines)


def test_a_value_unknown_to_this_program_is_shown_behind_the_known_ones() -> None:
    counts = counts_of(summary_of_counts(3, SLEEPING=1, IN_OPERATION=2))
    assert counts["lifecycle"] == {"IN_OPERATION": 2, "SLEEPING": 1}
    assert list(counts["lifecycle"]) == ["IN_OPERATION", "SLEEPING"]


def test_one_device_of_a_million_still_shows_a_sliver_of_a_bar() -> None:
    lines = lines_of(summary_of_counts(1_000_000, IN_OPERATION=999_999, ERROR=1))
    error = next(line for line in lines if "ERROR" in line)
    assert "▏" in error
    assert "<1 %" in error


def test_an_empty_park_says_so() -> None:
    lines = lines_of(summary_of_counts(0))
    assert any("0 devices" in line for line in lines)
    assert any("no device yet" in line for line in lines)
    assert any("none yet" in line for line in lines)
    assert "POWER          -" in lines


def test_a_change_that_was_heard_late_says_how_late() -> None:
    late = power_lost(occurred="2026-02-26T09:00:00Z")
    (line,) = [
        line for line in lines_of(summary_with([device("1")], [late])) if "Power lost" in line
    ]
    assert line.endswith("3 d late")


def test_the_last_answer_stays_while_there_is_no_new_one() -> None:
    trouble = Trouble(since=NOW, reason="smoc-service cannot be reached")
    lines = lines_of(summary_with([device("1")]), trouble)
    assert lines[1] == "no answer since 10:00:00: smoc-service cannot be reached"
    assert any("IN_OPERATION" in line for line in lines)


def test_without_any_answer_yet_only_the_trouble_is_shown() -> None:
    lines = lines_of(None, Trouble(since=NOW, reason="nothing there"))
    assert any("nothing there" in line for line in lines)
    assert not any("LIFECYCLE" in line for line in lines)
