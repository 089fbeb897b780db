"""What happened, as people read it."""

from device_hub.device.events import Event
from device_hub.device.timeline import TimelineEntry
from tests.specs.hub.device.sentences import (
    at,
    configuration,
    contact,
    event,
    given,
    link,
    power_lost,
    reading,
    silence,
    unlink,
)

IN_OPERATION = configuration("IN_OPERATION", "08:00")


def entries(events: list[Event]) -> list[TimelineEntry]:
    return [one.entry() for one in events]


def said(events: list[Event]) -> list[tuple[str, str]]:
    return [(entry.kind, entry.summary) for entry in entries(events)]


def test_an_event_is_told_with_its_readable_name() -> None:
    lost = event("3.26.0.85", "10:00", "10:02", code_name="ElectricMeter.Power.NA.Failed")
    (entry,) = entries(given(IN_OPERATION).when(lost).events)
    assert entry == TimelineEntry(
        kind="power-lost",
        summary="Power lost (ElectricMeter.Power.NA.Failed)",
        occurred_at=at("10:00"),
        received_at=at("10:02"),
        code="3.26.0.85",
    )


def test_an_event_without_readable_name_is_told_with_its_code() -> None:
    assert said(given(IN_OPERATION).when(power_lost("10:00")).events) == [
        ("power-lost", "Power lost (3.26.0.85)")
    ]


def test_an_unknown_code_is_told_as_unknown_and_a_known_one_as_an_event() -> None:
    assert said(given(IN_OPERATION).when(event("3.99.7.1", "10:00")).events) == [
        ("unknown-event", "Event with unknown code (3.99.7.1)")
    ]
    assert said(given(IN_OPERATION).when(event("3.2.22.150", "10:00")).events) == [
        ("noted", "Event (3.2.22.150)")
    ]


def test_what_the_message_says_comes_first_in_the_details() -> None:
    told = event(
        "3.2.22.150",
        "10:00",
        details={"volts": "2.9", "reason": "their own"},
        reason="ours",
        severity="3",
    )
    (entry,) = entries(given(IN_OPERATION).when(told).events)
    assert entry.details == {"volts": "2.9", "reason": "their own", "severity": "3"}


def test_a_time_that_was_not_believed_stands_in_the_details() -> None:
    (entry,) = entries(given(IN_OPERATION).when(power_lost("9 10:00", received="10:00")).events)
    assert entry.occurred_at == at("10:00")
    assert entry.details == {"stated_time": "2026-03-09T10:00:00+00:00"}
    assert set(entry.flags) == {"future", "clock-suspect"}


def test_a_phase_is_named() -> None:
    assert said(given(IN_OPERATION).when(event("3.26.134.85", "10:00")).events) == [
        ("phase-lost", "Phase B lost (3.26.134.85)")
    ]


def test_an_update_names_its_version() -> None:
    update = event("3.11.83.58", "10:00", firmware_version="1.5")
    assert said(given(IN_OPERATION).when(update).events) == [
        ("firmware-update-succeeded", "Firmware updated to 1.5 (3.11.83.58)")
    ]


def test_a_first_configuration_tells_three_things() -> None:
    first = configuration("IN_OPERATION", "08:00", model="E450", area="North 4")
    assert said(given().when(first).events) == [
        ("first-heard", "First heard of"),
        ("configured", "Configured: area North 4, model E450"),
        ("lifecycle", "Now in operation (MeterConfig)"),
    ]


def test_a_configuration_that_came_late_says_so() -> None:
    then = given(configuration(None, "08:00", model="E450")).when(
        configuration(None, "07:00", "09:00", model="E350")
    )
    (entry,) = entries(then.events)
    assert entry.summary == "Configured: came too late: model"
    assert entry.details == {"overtaken model": "E350"}
    assert entry.flags == ("late",)


def test_installing_and_removing_name_the_usage_point() -> None:
    assert said(given(IN_OPERATION).when(link("UP-7", "09:00")).events) == [
        ("installed", "Installed at usage point UP-7")
    ]
    assert said(
        given(IN_OPERATION, link("UP-7", "09:00")).when(unlink("UP-7", "10:00")).events
    ) == [
        ("uninstalled", "Removed from usage point UP-7"),
        ("lifecycle", "Now in inventory (MasterDataLinkageConfig)"),
    ]


def test_contact_tells_how_much_was_read() -> None:
    assert said(given(IN_OPERATION).when(reading("10:00")).events) == [
        ("contact", "Heard from, with 4 readings")
    ]
    assert said(given(IN_OPERATION).when(contact("10:00")).events) == [("contact", "Heard from")]


def test_what_was_inferred_is_flagged() -> None:
    history = (IN_OPERATION, power_lost("10:00"), silence("2 12:00"))
    contact_, link_back, power_back = entries(given(*history).when(contact("2 13:00")).events)
    assert contact_.flags == ()
    assert (link_back.kind, link_back.flags) == ("communication-established", ("inferred",))
    assert (power_back.kind, power_back.flags) == ("power-restored", ("inferred",))


def test_silence_tells_since_when() -> None:
    then = given(IN_OPERATION, contact("10:00")).when(silence("2 12:00"))
    assert said(then.events) == [("fell-silent", "Silent since 2026-03-01 10:00 UTC")]


def test_the_details_hold_what_the_sentence_says() -> None:
    """So that a page can say it in another language."""
    (phase,) = entries(given(IN_OPERATION).when(event("3.26.134.85", "10:00")).events)
    assert phase.details == {"phase": "B"}
    (read,) = entries(given(IN_OPERATION).when(reading("10:00")).events)
    assert read.details == {"readings": "4"}
    (silent,) = entries(given(IN_OPERATION, contact("10:00")).when(silence("2 12:00")).events)
    assert silent.details == {"silent_since": "2026-03-01T10:00:00+00:00"}
    *_, staged = entries(given().when(IN_OPERATION).events)
    assert staged.details == {"lifecycle": "IN_OPERATION", "cause": "MeterConfig"}
