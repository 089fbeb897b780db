"""A configuration: attribute by attribute the newest statement wins; the same again changes nothing."""

from datetime import UTC

import pytest

from contract_limits import ATTRIBUTES_PER_DEVICE
from device_hub.device.attributes import (
    LIFE_DATES,
    NAMES,
    flat,
    plain,
    under,
)
from device_hub.device.events.concluded import DeviceFirstHeard
from device_hub.device.events.stated import (
    Configured,
    LifecycleStaged,
    Linked,
    Unlinked,
)
from device_hub.device.refusal import Reason
from device_hub.device.values import Flag, Switch
from tests.specs.hub.device.sentences import at, configuration, event, given, link, told, unlink

FIRST = configuration("IN_OPERATION", "08:00", model="E450", firmware_version="1.4")


def test_a_configuration_records_what_it_says() -> None:
    given().when(FIRST).happens(DeviceFirstHeard, Configured, LifecycleStaged).knows(
        model="E450", firmware_version="1.4"
    ).shows(firmware=("CURRENT", "08:00"))


def test_the_same_configuration_again_changes_nothing() -> None:
    again = configuration("IN_OPERATION", "2 02:00", model="E450", firmware_version="1.4")
    given(FIRST).when(again).nothing_happens()


def test_only_what_is_new_is_recorded() -> None:
    then = given(FIRST).when(configuration(None, "09:00", model="E450", area="North 4"))
    then.happens(Configured).knows(model="E450", area="North 4")
    assert isinstance(then.events[0], Configured)
    assert then.events[0].changed == {"area": "North 4"}


def test_what_is_not_said_stays_as_it_was() -> None:
    given(FIRST).when(configuration(None, "09:00", area="North 4", model="")).knows(model="E450")


def test_an_older_statement_fills_in_what_nobody_said_since() -> None:
    then = given(FIRST).when(
        configuration(None, "07:00", "09:00", model="E350", manufacturer="L+G")
    )
    then.happens(Configured).flagged(Flag.LATE).knows(model="E450", manufacturer="L+G")
    assert isinstance(then.events[0], Configured)
    assert then.events[0].overtaken == {"model": "E350"}


def test_two_partial_changes_that_cross_both_count() -> None:
    model = configuration(None, "09:00", "09:10", model="E570")
    firmware = configuration(None, "09:01", "09:05", firmware_version="1.5")
    given(FIRST, firmware).when(model).knows(model="E570", firmware_version="1.5")


def test_what_came_too_late_leaves_one_trace() -> None:
    late = configuration(None, "07:00", "09:00", model="E350")
    given(FIRST, late).when(configuration(None, "07:00", "10:00", model="E350")).nothing_happens()


def test_a_lifecycle_that_came_too_late_is_kept_in_the_history() -> None:
    removed = configuration("REMOVED", "09:00")
    then = given(removed).when(configuration("IN_OPERATION", "08:30", "10:00")).happens(Configured)
    then.flagged(Flag.LATE).shows(lifecycle="REMOVED")
    assert isinstance(then.events[0], Configured)
    assert then.events[0].overtaken == {"lifecycle": "IN_OPERATION"}


def test_a_configuration_states_the_switch() -> None:
    opened = configuration(None, "09:00", switch=Switch.DISCONNECTED)
    given(FIRST).when(opened).happens(Configured).shows(switch=("DISCONNECTED", "09:00"))
    given(event("3.31.0.42", "10:00")).when(opened).shows(switch=("CONNECTED", "10:00"))
    given(FIRST, opened).when(opened).nothing_happens()


def test_another_firmware_version_ends_an_update() -> None:
    updating = event("3.11.83.54", "09:00")
    given(FIRST, updating).when(configuration(None, "10:00", firmware_version="1.5")).shows(
        firmware=("CURRENT", "10:00"), lifecycle="IN_OPERATION"
    )
    given(FIRST, updating).when(
        configuration(None, "10:00", firmware_version="1.4")
    ).nothing_happens().shows(firmware="UPDATING")


def test_a_republished_statement_does_not_undo_what_happened_since() -> None:
    stocked = configuration("INVENTORY", "08:00")
    nightly = configuration("INVENTORY", "2 02:00")
    discovered = event("3.6.5.58", "10:00")
    given(stocked, discovered).when(nightly).nothing_happens().shows(lifecycle="DISCOVERED")
    given(stocked, link("UP-7", "09:00"), discovered).when(nightly).nothing_happens().shows(
        lifecycle="IN_OPERATION"
    )


def test_a_configuration_that_says_nothing_is_refused() -> None:
    given().when(configuration(None, "10:00")).refused(Reason.REPORT_EMPTY)


def test_a_device_has_a_bounded_number_of_attributes() -> None:
    names = {f"{NAMES}type-{n}": "x" for n in range(ATTRIBUTES_PER_DEVICE)}
    full = configuration(None, "10:00", named=names)
    given(full).when(full).nothing_happens()
    given(full).when(configuration(None, "11:00", model="E450")).refused(Reason.ARGUMENT_INVALID)


def test_names_and_dates_lie_beside_the_other_attributes() -> None:
    attributes = flat(
        [("model", "E450"), ("area", "")],
        names={"MeterUniqueID": "MU-1"},
        life_dates={"installationDate": "2026-03-01"},
    )
    assert plain(attributes) == {"model": "E450"}
    assert under(NAMES, attributes) == {"MeterUniqueID": "MU-1"}
    assert under(LIFE_DATES, attributes) == {"installationDate": "2026-03-01"}


def test_a_linkage_installs_a_device_at_a_usage_point() -> None:
    given(FIRST).when(link("UP-7", "09:00", area="North 4")).happens(Linked).knows(
        usage_point="UP-7", area="North 4"
    )


def test_the_same_linkage_again_changes_nothing() -> None:
    given(FIRST, link("UP-7", "09:00")).when(link("UP-7", "2 09:00")).nothing_happens()


def test_a_linkage_that_came_late_leaves_one_trace_and_changes_nothing() -> None:
    history = (FIRST, link("UP-8", "10:00"))
    late = link("UP-7", "09:00", "11:00", area="South 1")
    given(*history).when(late).happens(Linked).flagged(Flag.LATE).knows(usage_point="UP-8", area="")
    given(*history, late).when(late).nothing_happens()


def test_a_linkage_reported_after_the_device_was_heard_there_puts_it_into_operation() -> None:
    given(configuration("INVENTORY", "08:00"), event("3.12.29.212", "10:00")).when(
        link("UP-7", "09:00", "11:00")
    ).happens(Linked, LifecycleStaged).shows(lifecycle=("IN_OPERATION", "10:00"))


def test_an_unlinked_device_is_back_in_inventory() -> None:
    installed = (FIRST, link("UP-7", "09:00"))
    for where in ("UP-7", ""):
        given(*installed).when(unlink(where, "10:00")).happens(Unlinked, LifecycleStaged).knows(
            usage_point=""
        ).shows(lifecycle=("INVENTORY", "10:00"))


def test_unlinking_twice_unlinks_once() -> None:
    given(FIRST, link("UP-7", "09:00"), unlink("UP-7", "10:00")).when(
        unlink("UP-7", "10:00")
    ).nothing_happens()


def test_leaving_another_place_does_not_move_a_device() -> None:
    moved = (FIRST, link("UP-7", "09:00"), link("UP-8", "10:00"))
    left = unlink("UP-7", "10:01")
    given(*moved).when(left).happens(Unlinked).knows(usage_point="UP-8").shows(
        lifecycle="IN_OPERATION"
    )
    given(*moved, left).when(left).nothing_happens()


def test_an_arrival_reported_after_the_departure_is_late() -> None:
    given(FIRST, unlink("UP-7", "10:00")).when(link("UP-7", "09:00", "11:00")).flagged(
        Flag.LATE
    ).knows(usage_point="")


def test_a_departure_from_before_the_arrival_is_late() -> None:
    given(FIRST, link("UP-7", "09:00")).when(unlink("UP-7", "08:30", "10:00")).happens(
        Unlinked
    ).flagged(Flag.LATE).knows(usage_point="UP-7")


def test_a_linkage_without_usage_point_is_refused() -> None:
    given(FIRST).when(link("", "09:00")).refused(Reason.REPORT_EMPTY)


@pytest.mark.parametrize("name", [f"{NAMES}a\0b", "$model"])
def test_an_attribute_whose_name_cannot_be_stored_is_refused(name: str) -> None:
    given().when(configuration(None, "10:00", named={name: "x"})).refused(Reason.ARGUMENT_INVALID)


def test_a_device_knows_since_when_it_is_registered() -> None:
    late = configuration(None, "07:00", "09:00", manufacturer="L+G")
    assert told([FIRST, late]).registered_at == at("07:00").astimezone(UTC)
