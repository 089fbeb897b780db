"""Each facet holds the newest occurrence, in whatever order reports come."""

import pytest

from device_hub.device import facets
from device_hub.device.deciding.recording import KINDS
from device_hub.device.events.concluded import (
    CommunicationInferred,
    DeviceFirstHeard,
)
from device_hub.device.events.recorded import (
    CommunicationEstablished,
    CommunicationLost,
    FirmwareUpdateSucceeded,
    SwitchDisconnected,
    TamperDetected,
)
from device_hub.device.values import Flag, Meaning
from tests.specs.hub.device.sentences import contact, event, given

OPENED, CLOSED = "3.12.29.212", "3.12.29.16"
CONNECTED, DISCONNECTED = "3.31.0.42", "3.31.0.68"
STARTED, SUCCEEDED, FAILED = "3.11.83.54", "3.11.83.58", "3.11.283.85"
LINK_LOST, LINK_BACK = "3.1.0.85", "3.1.52.29"


def test_every_meaning_has_its_event() -> None:
    assert set(KINDS) == set(Meaning)


def test_a_switch_follows_its_events() -> None:
    given(event(CONNECTED, "10:00")).when(event(DISCONNECTED, "11:00")).happens(
        SwitchDisconnected
    ).shows(switch=("DISCONNECTED", "11:00"))


def test_an_older_switch_event_is_kept_and_changes_nothing() -> None:
    given(event(CONNECTED, "10:00")).when(event(DISCONNECTED, "09:00", "10:30")).happens(
        SwitchDisconnected
    ).flagged(Flag.LATE).shows(switch=("CONNECTED", "10:00"))


def test_a_switch_that_opened_and_closed_in_one_second_is_taken_for_live() -> None:
    given(event(CONNECTED, "10:00")).when(event(DISCONNECTED, "10:00")).shows(switch="CONNECTED")
    given(event(DISCONNECTED, "10:00")).when(event(CONNECTED, "10:00")).shows(switch="CONNECTED")


def test_a_tamper_is_shown_until_it_is_cleared() -> None:
    given().when(event(OPENED, "10:00")).happens(DeviceFirstHeard, TamperDetected).shows(
        tamper=("DETECTED", "10:00")
    )
    given(event(OPENED, "10:00")).when(event(CLOSED, "10:30")).shows(tamper=("CLEAR", "10:30"))


def test_a_tie_does_not_hide_a_tamper() -> None:
    given(event(OPENED, "10:00")).when(event(CLOSED, "10:00")).shows(tamper="DETECTED")
    given(event(CLOSED, "10:00")).when(event(OPENED, "10:00")).shows(tamper="DETECTED")


def test_a_firmware_update_ends_with_the_version_that_it_names() -> None:
    update = event(SUCCEEDED, "11:00", firmware_version="1.5")
    given(event(STARTED, "10:00")).when(update).happens(FirmwareUpdateSucceeded).shows(
        firmware=("CURRENT", "11:00")
    ).knows(firmware_version="1.5")


def test_a_failed_update_is_shown_as_failed() -> None:
    given(event(STARTED, "10:00")).when(event(FAILED, "11:00")).shows(firmware=("FAILED", "11:00"))


def test_the_end_of_an_update_beats_its_start_in_the_same_second() -> None:
    given(event(SUCCEEDED, "10:00")).when(event(STARTED, "10:00")).shows(firmware="CURRENT")


def test_a_device_that_speaks_is_reachable() -> None:
    given().when(event(OPENED, "10:00")).shows(communication=("REACHABLE", "10:00"))
    given().when(contact("10:00")).shows(communication=("REACHABLE", "10:00"))


def test_a_lost_link_is_not_a_contact() -> None:
    lost = given().when(event(LINK_LOST, "10:00")).happens(DeviceFirstHeard, CommunicationLost)
    lost.shows(communication=("LOST", "10:00"))
    assert lost.after.last_contact_at is None


@pytest.mark.parametrize("code", [STARTED, FAILED])
def test_what_the_head_end_says_about_its_own_update_is_not_a_contact(code: str) -> None:
    assert given().when(event(code, "10:00")).after.last_contact_at is None


def test_a_link_that_is_reported_back_is_back() -> None:
    given(event(LINK_LOST, "10:00")).when(event(LINK_BACK, "10:10")).happens(
        CommunicationEstablished
    ).shows(communication=("REACHABLE", "10:10"))


def test_a_lost_link_is_back_when_the_device_is_heard() -> None:
    given(event(LINK_LOST, "10:00")).when(event(OPENED, "10:10")).happens(
        TamperDetected, CommunicationInferred
    ).shows(communication=("REACHABLE", "10:10"))


def test_what_happened_before_the_link_was_lost_does_not_bring_it_back() -> None:
    given(event(LINK_LOST, "10:00")).when(event(OPENED, "09:50", "10:10")).happens(
        TamperDetected
    ).shows(communication=("LOST", "10:00"))


def test_a_link_reported_lost_before_the_newest_contact_is_late() -> None:
    given(contact("10:10")).when(event(LINK_LOST, "10:00", "10:20")).flagged(Flag.LATE).shows(
        communication=("REACHABLE", "10:10")
    )


def test_every_value_of_every_facet_has_its_place_in_a_tie() -> None:
    ranked = {value for tie in facets._TIES for value in map(repr, tie)}
    kinds = {type(value) for tie in facets._TIES for value in tie}
    assert ranked == {repr(value) for kind in kinds for value in kind}
