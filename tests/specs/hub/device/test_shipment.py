"""A shipment file names meters and adds what nobody has said; it moves no device that lives."""

import pytest

from contract_limits import ATTRIBUTES_PER_DEVICE
from device_hub.device.deciding.shipping import contradicted
from device_hub.device.events.concluded import DeviceFirstHeard
from device_hub.device.events.stated import Shipped
from device_hub.device.lifecycle import lifecycle_of, silence_due_at
from device_hub.device.refusal import Reason
from device_hub.device.rules import DEFAULT_RULES
from tests.specs.hub.device.sentences import (
    configuration,
    contact,
    event,
    given,
    link,
    reading,
    shipment,
)

DISCOVERED = "3.6.5.58"
FILE = shipment("08:00", serial_number="LGZ1", model="E450", lot_number="L-7")


def test_an_unknown_meter_is_in_inventory_from_the_shipment_on() -> None:
    then = given().when(FILE).happens(DeviceFirstHeard, Shipped)
    then.shows(lifecycle=("INVENTORY", "08:00")).knows(model="E450", lot_number="L-7")
    assert lifecycle_of(then.after).cause == "shipment"


def test_the_same_file_again_changes_nothing_whenever_it_comes() -> None:
    again = shipment("2 09:00", serial_number="LGZ1", model="E450", lot_number="L-7")
    given(FILE).when(again).nothing_happens()


def test_a_meter_that_spoke_before_it_was_shipped_is_in_inventory_until_it_is_read() -> None:
    given(contact("07:00")).when(FILE).happens(Shipped).shows(lifecycle=("INVENTORY", "08:00"))
    given(contact("07:00"), FILE).when(reading("09:00")).shows(lifecycle="IN_OPERATION")


def test_a_shipped_meter_that_is_discovered_is_waited_for_from_then_on() -> None:
    given(FILE).when(event(DISCOVERED, "10:00")).shows(lifecycle=("DISCOVERED", "10:00"))
    given(FILE).when(link("UP-7", "10:00")).shows(lifecycle="INVENTORY")
    installed = given(FILE, link("UP-7", "10:00")).when(contact("11:00"))
    installed.shows(lifecycle="IN_OPERATION")
    assert silence_due_at(installed.after, DEFAULT_RULES) is not None


@pytest.mark.parametrize(
    "lifecycle",
    [
        "NOT_DEFINED",
        "INVENTORY",
        "DISCOVERED",
        "IN_OPERATION",
        "UPDATE_IN_PROGRESS",
        "POOR_COMMUNICATION",
        "ERROR",
        "REMOVED",
    ],
)
def test_a_device_with_a_lifecycle_keeps_it_and_is_told_what_is_missing(lifecycle: str) -> None:
    then = given(configuration(lifecycle, "07:00", serial_number="LGZ1", model="E450")).when(FILE)
    then.happens(Shipped).shows(lifecycle=(lifecycle, "07:00")).knows(lot_number="L-7")
    shipped = then.events[0]
    assert isinstance(shipped, Shipped)
    assert shipped.changed == {"lot_number": "L-7"}


def test_what_a_head_end_system_said_stays_and_the_contradiction_is_recorded_once() -> None:
    known = configuration("IN_OPERATION", "07:00", model="E350")
    then = given(known).when(shipment("08:00", model="E450")).happens(Shipped).knows(model="E350")
    shipped = then.events[0]
    assert isinstance(shipped, Shipped)
    assert (shipped.changed, shipped.contradicted) == ({}, {"model": "E450"})
    assert contradicted(then.after, {"model": "E450", "lot_number": "L-7"}) == {"model": "E450"}
    given(known, shipment("08:00", model="E450")).when(
        shipment("2 08:00", model="E450")
    ).nothing_happens()


def test_a_head_end_system_corrects_a_shipment_even_by_what_it_said_before() -> None:
    late = configuration("IN_OPERATION", "06:00", "09:00", model="E350")
    given(FILE).when(late).knows(model="E350", lot_number="L-7").shows(
        lifecycle=("IN_OPERATION", "06:00")
    )
    given(FILE, late).when(shipment("10:00", model="E450")).knows(model="E350")


def test_a_later_file_corrects_what_only_a_file_said() -> None:
    given(FILE).when(shipment("2 08:00", lot_number="L-8")).happens(Shipped).knows(lot_number="L-8")
    linked = link("UP-7", "09:00", area="North 4")
    area = shipment("08:00", model="E450", area="South 1")
    given(area, linked).when(shipment("10:00", area="South 1")).knows(area="North 4")


def test_a_shipment_that_says_nothing_is_refused() -> None:
    given().when(shipment("08:00", model="")).refused(Reason.REPORT_EMPTY)


def test_a_shipment_does_not_grow_a_device_without_bound() -> None:
    many = {f"names/{number}": "x" for number in range(ATTRIBUTES_PER_DEVICE - 1)}
    full = configuration("IN_OPERATION", "07:00", named=many)
    given(full).when(shipment("08:00", model="E450")).refused(Reason.ARGUMENT_INVALID)
