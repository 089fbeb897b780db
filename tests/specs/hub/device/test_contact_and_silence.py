"""Contact is recorded once per interval; what was not heard for too long is silent."""

from datetime import timedelta

from device_hub.device.events.concluded import (
    CommunicationInferred,
    DeviceFirstHeard,
    FellSilent,
)
from device_hub.device.events.recorded import TamperDetected
from device_hub.device.events.stated import ContactMade
from device_hub.device.lifecycle import silence_due_at
from device_hub.device.refusal import Reason
from device_hub.device.rules import DEFAULT_RULES, Rules
from device_hub.device.values import Flag
from tests.specs.hub.device.sentences import (
    at,
    configuration,
    contact,
    event,
    given,
    power_lost,
    reading,
    silence,
    told,
    unlink,
)

OPENED, CLOSED = "3.12.29.212", "3.12.29.16"
LINK_LOST, LINK_BACK = "3.1.0.85", "3.1.52.29"
IN_OPERATION = configuration("IN_OPERATION", "08:00")


def test_the_first_contact_is_recorded() -> None:
    then = given().when(contact("10:00")).happens(DeviceFirstHeard, ContactMade)
    assert then.after.last_contact_at == at("10:00")


def test_a_contact_within_the_interval_leaves_no_trace() -> None:
    given(contact("10:00")).when(contact("10:59")).nothing_happens()


def test_a_contact_after_the_interval_is_recorded() -> None:
    given(contact("10:00")).when(contact("11:00")).happens(ContactMade)


def test_the_interval_is_a_rule() -> None:
    often = Rules(contact_interval=timedelta(minutes=1))
    given(contact("10:00"), rules=often).when(contact("10:01")).happens(ContactMade)


def test_an_event_of_the_device_is_a_contact_too() -> None:
    given(event(OPENED, "10:00")).when(contact("10:30")).nothing_happens()


def test_a_burst_of_old_readings_is_one_contact() -> None:
    then = given(reading("01:00", received="10:00")).when(reading("02:00", received="10:00:01"))
    then.nothing_happens()


def test_a_duplicate_is_no_contact() -> None:
    history = [event(OPENED, "10:00")]
    again = given(*history).when(event(OPENED, "10:00", received="15:00"))
    assert again.after.last_contact_at == at("10:00")


def test_a_configuration_is_no_contact() -> None:
    assert told([IN_OPERATION]).last_contact_at is None


def test_a_device_in_operation_that_is_not_heard_falls_silent() -> None:
    given(IN_OPERATION, contact("10:00")).when(silence("2 12:00")).happens(FellSilent).flagged(
        Flag.INFERRED
    ).shows(
        lifecycle=("POOR_COMMUNICATION", "10:00"),
        communication=("LOST", "10:00"),
    )


def test_it_is_not_silent_before_its_time() -> None:
    given(IN_OPERATION, contact("10:00")).when(silence("2 11:59")).nothing_happens()


def test_how_long_is_too_long_is_a_rule() -> None:
    short = Rules(silence_after=timedelta(minutes=10))
    given(IN_OPERATION, contact("10:00"), rules=short).when(silence("10:10")).happens(FellSilent)


def test_it_falls_silent_once() -> None:
    given(IN_OPERATION, contact("10:00"), silence("2 12:00")).when(
        silence("2 12:01")
    ).nothing_happens()


def test_a_device_that_is_heard_again_returns_to_operation() -> None:
    given(IN_OPERATION, contact("10:00"), silence("2 12:00")).when(contact("2 13:00")).happens(
        ContactMade, CommunicationInferred
    ).shows(lifecycle="IN_OPERATION", communication=("REACHABLE", "2 13:00"))


def test_silence_ends_with_what_is_heard_whatever_the_clock_of_the_meter_says() -> None:
    slow_clock = event(OPENED, "1 07:00", received="3 13:00")
    given(IN_OPERATION, contact("10:00"), silence("2 12:00")).when(slow_clock).happens(
        TamperDetected, CommunicationInferred
    ).shows(lifecycle="IN_OPERATION", communication=("REACHABLE", "3 13:00"))


def test_what_was_received_before_the_silence_does_not_end_it() -> None:
    given(IN_OPERATION, contact("10:00"), silence("2 12:00")).when(
        contact("09:00", received="09:30")
    ).nothing_happens()


def test_a_message_that_waited_is_a_contact_of_when_it_was_told() -> None:
    waited = contact("10:00", received="15 12:00", told="10:00")
    assert given().when(waited).after.last_contact_at == at("10:00")
    on_its_way = contact("10:00", received="10:04", told="10:00")
    assert given().when(on_its_way).after.last_contact_at == at("10:04")
    ahead_of_us = contact("10:00", received="10:04", told="15 10:00")
    assert given().when(ahead_of_us).after.last_contact_at == at("10:04")


def test_a_message_that_waited_does_not_end_a_silence_that_began_after_it() -> None:
    silent = given(IN_OPERATION, contact("10:00"), silence("2 12:00"))
    silent.when(contact("09:00", received="3 13:00", told="09:30")).nothing_happens()
    silent.when(contact("09:00", received="3 13:00", told="3 12:59")).happens(
        ContactMade, CommunicationInferred
    )


def test_an_old_report_of_the_link_ends_silence_too() -> None:
    given(IN_OPERATION, contact("10:00"), silence("2 12:00")).when(
        event(LINK_BACK, "09:00", received="2 13:00")
    ).flagged(Flag.LATE).shows(lifecycle="IN_OPERATION")


def test_a_device_in_operation_that_was_never_heard_is_silent_from_when_it_should_talk() -> None:
    given(IN_OPERATION).when(silence("2 09:59")).nothing_happens()
    given(IN_OPERATION).when(silence("2 10:00")).happens(FellSilent).shows(
        lifecycle=("POOR_COMMUNICATION", "08:00")
    )


def test_a_park_that_is_imported_with_old_dates_is_not_silent_at_once() -> None:
    imported = configuration("IN_OPERATION", "1 00:00", received="20 10:00")
    given(imported).when(silence("20 11:00")).nothing_happens()


def test_a_device_in_inventory_is_never_silent() -> None:
    for lifecycle in ("INVENTORY", "NOT_DEFINED", "REMOVED"):
        history = (configuration(lifecycle, "08:00"), contact("10:00"))
        given(*history).when(silence("20 10:00")).nothing_happens()
        assert silence_due_at(told(history), DEFAULT_RULES) is None


def test_a_device_that_nobody_registered_is_never_silent() -> None:
    given(contact("10:00")).when(silence("20 10:00")).nothing_happens()


def test_a_device_that_was_taken_off_the_wall_is_never_silent() -> None:
    given(IN_OPERATION, contact("10:00"), unlink("", "11:00")).when(
        silence("20 10:00")
    ).nothing_happens()


def test_a_discovered_device_falls_silent_like_one_in_operation() -> None:
    given(event("3.6.5.58", "10:00")).when(silence("2 12:00")).happens(FellSilent).shows(
        lifecycle="POOR_COMMUNICATION"
    )


def test_a_device_whose_link_is_known_to_be_lost_is_not_found_silent_as_well() -> None:
    given(IN_OPERATION, contact("10:00"), event(LINK_LOST, "11:00")).when(
        silence("20 10:00")
    ).nothing_happens()


def test_silence_of_an_unknown_device_does_not_bring_it_into_being() -> None:
    given().when(silence("20 10:00")).nothing_happens()


def test_a_nightly_republish_does_not_end_silence() -> None:
    given(IN_OPERATION, contact("10:00"), silence("2 12:00")).when(
        configuration("IN_OPERATION", "3 02:00")
    ).nothing_happens().shows(lifecycle="POOR_COMMUNICATION")


def test_silence_is_due_when_the_last_contact_is_old_enough() -> None:
    device = told([IN_OPERATION, contact("10:00")])
    assert silence_due_at(device, DEFAULT_RULES) == at("2 12:00")
    assert silence_due_at(told([silence("2 12:00")], device), DEFAULT_RULES) is None


def test_a_last_gasp_is_the_last_that_was_heard() -> None:
    given(IN_OPERATION, power_lost("10:00")).when(silence("2 12:00")).shows(
        lifecycle="POOR_COMMUNICATION", power="OFF"
    )


def test_a_contact_without_time_zone_is_refused() -> None:
    given().when(contact(None, received="10:00")).happens(DeviceFirstHeard, ContactMade)
    naive = silence("10:00").at.replace(tzinfo=None)
    given().when(type(silence("10:00"))(at=naive)).refused(Reason.TIME_INVALID)


def test_an_event_that_the_head_end_system_ended_is_no_contact_and_no_sign_of_power() -> None:
    ended = event(CLOSED, "10:00", ended="closed")
    then = given(event(OPENED, "09:00")).when(ended).shows(tamper=("CLEAR", "10:00"))
    assert then.after.last_contact_at == at("09:00")
    then = given().when(ended)
    assert then.after.last_contact_at is None
    then.shows(power="UNKNOWN")
