"""The lifecycle: the stage of a device's life, overlaid by what is wrong with it now."""

import pytest

from device_hub.device.events.concluded import (
    CommunicationInferred,
    DeviceFirstHeard,
)
from device_hub.device.events.recorded import (
    DeviceDiscovered,
    FaultDetected,
    TamperDetected,
)
from device_hub.device.events.stated import (
    Configured,
    ContactMade,
    LifecycleStaged,
)
from device_hub.device.values import Lifecycle
from tests.specs.hub.device.sentences import (
    configuration,
    contact,
    event,
    given,
    link,
    power_lost,
    reading,
    told,
)

DISCOVERED = "3.6.5.58"
FAULT, FAULT_CLEARED = "3.21.0.79", "3.21.0.279"
STARTED, SUCCEEDED, FAILED = "3.11.83.54", "3.11.83.58", "3.11.283.85"
LINK_LOST, LINK_BACK = "3.1.0.85", "3.1.52.29"
OPENED = "3.12.29.212"
IN_OPERATION = configuration("IN_OPERATION", "08:00")
INVENTORY = configuration("INVENTORY", "08:00")


@pytest.mark.parametrize("lifecycle", list(Lifecycle))
def test_a_configuration_states_any_lifecycle(lifecycle: Lifecycle) -> None:
    given().when(configuration(lifecycle.value, "08:00")).happens(
        DeviceFirstHeard, Configured, LifecycleStaged
    ).shows(lifecycle=(lifecycle.value, "08:00"))


@pytest.mark.parametrize("before", list(Lifecycle))
@pytest.mark.parametrize("after", list(Lifecycle))
def test_the_newest_statement_wins_from_any_lifecycle_to_any(
    before: Lifecycle, after: Lifecycle
) -> None:
    first = configuration(before.value, "08:00")
    given(first).when(configuration(after.value, "09:00")).shows(lifecycle=after.value)
    given(first).when(configuration(after.value, "07:00", "09:00")).shows(lifecycle=before.value)


def test_a_device_is_in_inventory_once_anyone_registered_it() -> None:
    given(contact("07:00")).when(configuration(None, "08:00", model="E450")).shows(
        lifecycle=("INVENTORY", "08:00")
    )


def test_a_stage_that_was_only_presumed_yields_to_an_older_statement() -> None:
    given(configuration(None, "08:00", model="E450")).when(
        configuration("DISCOVERED", "07:00", "09:00")
    ).shows(lifecycle=("DISCOVERED", "07:00"))


def test_a_not_defined_device_that_speaks_stays_not_defined() -> None:
    given(configuration("NOT_DEFINED", "08:00")).when(reading("09:00")).shows(
        lifecycle="NOT_DEFINED"
    )
    given(contact("08:00")).when(reading("09:30")).shows(lifecycle="NOT_DEFINED")


def test_a_registration_on_the_network_discovers_a_device() -> None:
    given().when(event(DISCOVERED, "10:00")).happens(DeviceFirstHeard, DeviceDiscovered).shows(
        lifecycle=("DISCOVERED", "10:00")
    )
    given(INVENTORY).when(event(DISCOVERED, "10:00")).shows(lifecycle="DISCOVERED")


def test_a_registration_on_the_network_does_not_set_a_device_back() -> None:
    given(IN_OPERATION).when(event(DISCOVERED, "10:00")).shows(lifecycle="IN_OPERATION")


def test_an_older_registration_on_the_network_changes_nothing() -> None:
    given(INVENTORY).when(event(DISCOVERED, "07:00", "09:00")).shows(lifecycle="INVENTORY")


def test_an_installed_device_that_is_heard_is_in_operation() -> None:
    given(INVENTORY, link("UP-7", "09:00")).when(event(OPENED, "10:00")).happens(
        TamperDetected, LifecycleStaged
    ).shows(lifecycle=("IN_OPERATION", "10:00"))


def test_the_contact_that_puts_a_device_into_operation_is_recorded_within_the_interval() -> None:
    given(INVENTORY, contact("08:55"), link("UP-7", "09:00")).when(contact("09:05")).happens(
        ContactMade, LifecycleStaged
    )


def test_a_device_in_inventory_that_speaks_on_the_bench_stays_in_inventory() -> None:
    given(INVENTORY).when(reading("10:00")).shows(lifecycle="INVENTORY")


def test_what_was_heard_before_the_installation_does_not_count() -> None:
    given(INVENTORY, link("UP-7", "09:00")).when(event(OPENED, "08:30", "10:00")).shows(
        lifecycle="INVENTORY"
    )


def test_an_installation_date_installs_like_a_linkage() -> None:
    dated = configuration(
        "INVENTORY", "08:00", named={"life_dates/installationDate": "2026-03-01T07:00:00Z"}
    )
    given(dated).when(contact("10:00")).shows(lifecycle="IN_OPERATION")


def test_an_installation_date_that_lies_ahead_installs_nobody_yet() -> None:
    dated = configuration(
        "INVENTORY", "08:00", named={"life_dates/installationDate": "2026-03-02T00:00:00+01:00"}
    )
    given(dated).when(contact("10:00")).shows(lifecycle="INVENTORY")
    given(dated).when(contact("2 10:00")).shows(lifecycle=("IN_OPERATION", "2 10:00"))


def test_a_discovered_device_that_is_read_is_in_operation() -> None:
    discovered = event(DISCOVERED, "10:00")
    given(discovered).when(reading("12:00")).shows(lifecycle=("IN_OPERATION", "12:00"))
    given(discovered).when(contact("12:00")).shows(lifecycle="DISCOVERED")


def test_a_registered_device_without_a_stated_lifecycle_is_in_operation_once_read() -> None:
    given(configuration(None, "08:00", model="E450")).when(reading("09:00")).shows(
        lifecycle="IN_OPERATION"
    )


def test_a_fault_shows_as_error_until_it_is_cleared() -> None:
    given(IN_OPERATION).when(event(FAULT, "10:00")).happens(FaultDetected).shows(
        lifecycle=("ERROR", "10:00")
    )
    given(IN_OPERATION, event(FAULT, "10:00")).when(event(FAULT_CLEARED, "11:00")).shows(
        lifecycle=("IN_OPERATION", "08:00")
    )


def test_an_update_shows_as_update_in_progress_until_it_ends() -> None:
    given(IN_OPERATION).when(event(STARTED, "10:00")).shows(lifecycle="UPDATE_IN_PROGRESS")
    given(IN_OPERATION, event(STARTED, "10:00")).when(event(SUCCEEDED, "11:00")).shows(
        lifecycle="IN_OPERATION"
    )


def test_a_failed_update_shows_as_error() -> None:
    given(IN_OPERATION, event(STARTED, "10:00")).when(event(FAILED, "11:00")).shows(
        lifecycle=("ERROR", "11:00")
    )


def test_a_lost_link_shows_as_poor_communication_until_the_device_is_heard() -> None:
    given(IN_OPERATION).when(event(LINK_LOST, "10:00")).shows(
        lifecycle=("POOR_COMMUNICATION", "10:00")
    )
    given(IN_OPERATION, event(LINK_LOST, "10:00")).when(contact("11:00")).happens(
        ContactMade, CommunicationInferred
    ).shows(lifecycle="IN_OPERATION")


def test_a_fault_is_shown_before_a_lost_link_and_that_before_an_update() -> None:
    updating, lost, fault = (
        event(STARTED, "10:00"),
        event(LINK_LOST, "11:00"),
        event(FAULT, "12:00"),
    )
    given(IN_OPERATION, updating).when(lost).shows(lifecycle="POOR_COMMUNICATION")
    given(IN_OPERATION, updating, lost).when(fault).shows(lifecycle="ERROR")


def test_conditions_do_not_show_on_a_device_that_is_not_in_the_field() -> None:
    for lifecycle in ("INVENTORY", "NOT_DEFINED", "REMOVED"):
        stage = configuration(lifecycle, "08:00")
        for code in (FAULT, STARTED, LINK_LOST):
            given(stage).when(event(code, "10:00")).shows(lifecycle=lifecycle)


def test_a_newer_statement_ends_older_conditions() -> None:
    for code in (FAULT, STARTED, FAILED, LINK_LOST):
        given(IN_OPERATION, event(code, "10:00")).when(
            configuration("IN_OPERATION", "12:00")
        ).happens(LifecycleStaged).shows(lifecycle=("IN_OPERATION", "12:00"))


def test_a_condition_older_than_the_statement_does_not_show() -> None:
    given(IN_OPERATION).when(event(FAULT, "07:00", "09:00")).shows(lifecycle="IN_OPERATION")


@pytest.mark.parametrize(
    ("stated", "over"),
    [
        ("POOR_COMMUNICATION", OPENED),
        ("POOR_COMMUNICATION", LINK_BACK),
        ("UPDATE_IN_PROGRESS", SUCCEEDED),
        ("ERROR", FAULT_CLEARED),
    ],
)
def test_a_stated_condition_is_over_when_something_newer_says_so(stated: str, over: str) -> None:
    statement = configuration(stated, "08:00")
    given(statement).when(event("3.2.22.150", "07:00", "09:00")).shows(lifecycle=stated)
    given(statement).when(event(over, "10:00")).shows(lifecycle="IN_OPERATION")


def test_a_contact_that_ends_a_stated_poor_communication_is_recorded() -> None:
    given(contact("07:50"), configuration("POOR_COMMUNICATION", "08:00")).when(
        contact("08:10")
    ).happens(ContactMade, CommunicationInferred).shows(lifecycle="IN_OPERATION")


@pytest.mark.parametrize(
    "stray", [DISCOVERED, OPENED, FAULT, LINK_BACK, SUCCEEDED, "3.26.0.216", "3.99.7.1"]
)
def test_a_stray_event_does_not_revive_a_removed_device(stray: str) -> None:
    removed = (IN_OPERATION, link("UP-7", "08:10"), configuration(None, "09:00", removal=True))
    given(*removed).when(event(stray, "10:00")).shows(lifecycle=("REMOVED", "09:00"))


def test_a_contact_does_not_revive_a_removed_device() -> None:
    given(configuration("REMOVED", "09:00")).when(reading("10:00")).shows(lifecycle="REMOVED")


def test_a_removal_that_comes_late_still_removes_what_only_contact_put_into_operation() -> None:
    heard = (INVENTORY, link("UP-7", "08:30"), contact("10:00"))
    assert told(heard).stage.value is Lifecycle.IN_OPERATION
    given(*heard).when(configuration(None, "09:00", "11:00", removal=True)).shows(
        lifecycle=("REMOVED", "09:00")
    )


def test_a_removed_device_comes_back_by_a_configuration_that_states_a_lifecycle() -> None:
    removed = configuration("REMOVED", "09:00")
    given(removed).when(configuration("INVENTORY", "10:00")).shows(lifecycle="INVENTORY")
    given(removed).when(configuration(None, "10:00", model="E450")).shows(lifecycle="REMOVED")
    given(removed).when(configuration("IN_OPERATION", "08:00", "10:00")).shows(lifecycle="REMOVED")


def test_a_removed_device_comes_back_by_a_linkage() -> None:
    removed = configuration("REMOVED", "09:00")
    given(removed).when(link("UP-9", "10:00")).shows(lifecycle="INVENTORY")
    given(removed).when(link("UP-9", "08:00", "10:00")).shows(lifecycle="REMOVED")
    given(removed, link("UP-9", "10:00")).when(contact("11:00")).shows(lifecycle="IN_OPERATION")


def test_a_removed_device_that_came_back_does_not_remember_its_old_troubles() -> None:
    given(IN_OPERATION, event(FAULT, "08:30"), configuration("REMOVED", "09:00")).when(
        configuration("IN_OPERATION", "10:00")
    ).shows(lifecycle="IN_OPERATION")


def test_a_passed_removal_date_removes_when_no_lifecycle_is_stated() -> None:
    date = "life_dates/removalDate"
    passed = configuration(None, "10:00", named={date: "2026-02-28T10:00:00Z"})
    given(IN_OPERATION).when(passed).shows(lifecycle="REMOVED")
    for text in ("2027-01-01", "soon"):
        given(IN_OPERATION).when(configuration(None, "10:00", named={date: text})).shows(
            lifecycle="IN_OPERATION"
        )
    stale = configuration("IN_OPERATION", "10:00", named={date: "2020-01-01"})
    given().when(stale).shows(lifecycle="IN_OPERATION")


def test_a_first_word_of_a_device_without_power_is_a_sign_of_life() -> None:
    given(INVENTORY, link("UP-7", "09:00")).when(power_lost("10:00")).shows(
        lifecycle="IN_OPERATION", power="OFF"
    )
