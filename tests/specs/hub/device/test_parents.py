"""A device behind another: a meter behind its gateway, a gas meter behind an electricity meter."""

from device_hub.device.events.concluded import DeviceFirstHeard
from device_hub.device.events.stated import (
    Linked,
    Unlinked,
)
from device_hub.device.refusal import Reason
from device_hub.device.values import Flag
from tests.specs.hub.device.sentences import configuration, given, link, unlink

BEHIND = link("", "08:00", parent="GATEWAY-1")


def test_a_device_is_linked_behind_its_parent_and_nowhere_else() -> None:
    then = given().when(BEHIND).happens(DeviceFirstHeard, Linked)
    then.knows(parent="GATEWAY-1", usage_point="").shows(lifecycle="INVENTORY")
    entry = then.events[1].entry()
    assert (entry.kind, entry.summary) == ("attached", "Behind GATEWAY-1")


def test_the_same_again_changes_nothing_and_another_parent_takes_its_place() -> None:
    given(BEHIND).when(link("", "09:00", parent="GATEWAY-1")).nothing_happens()
    given(BEHIND).when(link("", "09:00", parent="GATEWAY-2")).knows(parent="GATEWAY-2")


def test_an_older_link_than_the_known_one_leaves_a_late_trace() -> None:
    then = given(BEHIND).when(link("", "07:00", "09:00", parent="GATEWAY-2"))
    then.happens(Linked).flagged(Flag.LATE).knows(parent="GATEWAY-1")


def test_a_device_that_leaves_its_parent_stays_at_its_usage_point() -> None:
    placed = link("UP-7", "08:00", parent="GATEWAY-1")
    then = given(configuration("IN_OPERATION", "07:00"), placed).when(
        unlink("", "09:00", parent="GATEWAY-1")
    )
    then.happens(Unlinked).knows(parent="", usage_point="UP-7").shows(lifecycle="IN_OPERATION")
    assert then.events[0].entry().kind == "detached"
    given(placed, unlink("", "09:00", parent="GATEWAY-1")).when(
        unlink("", "10:00", parent="GATEWAY-1")
    ).nothing_happens()


def test_leaving_another_parent_than_the_known_one_changes_nothing() -> None:
    then = given(BEHIND).when(unlink("", "09:00", parent="GATEWAY-2"))
    then.happens(Unlinked).knows(parent="GATEWAY-1")


def test_a_device_that_leaves_its_usage_point_stays_behind_its_parent() -> None:
    placed = link("UP-7", "08:00", parent="GATEWAY-1")
    given(placed).when(unlink("UP-7", "09:00")).knows(usage_point="", parent="GATEWAY-1")


def test_a_configuration_may_name_the_parent_too() -> None:
    named = configuration(None, "09:00", parent="GATEWAY-2")
    given(BEHIND).when(named).knows(parent="GATEWAY-2")


def test_a_linkage_to_nothing_is_refused() -> None:
    given().when(link("", "08:00")).refused(Reason.REPORT_EMPTY)
