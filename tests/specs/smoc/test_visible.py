"""What a watcher is shown: filters, decided on one device or alarm."""

from typing import Any

import pytest

from service_chassis.scope import EVERYTHING, Scope
from smoc_service.alarms.filter import AlarmFilter
from smoc_service.park.filter import DeviceFilter
from smoc_service.park.index import Conditions
from tests.specs.smoc.alarming import Alarms, meter


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({}, True),
        ({"networks": ("north", "south")}, True),
        ({"networks": ("south",)}, False),
        ({"words": {"power": ("OFF", "PARTIAL"), "tamper": ("UNKNOWN",)}}, True),
        ({"words": {"power": ("OFF",), "tamper": ("DETECTED",)}}, False),
        ({"words": {"model": ("E450",)}}, False),
    ],
)
def test_a_device_fits_when_every_condition_holds(
    conditions: dict[str, Any], *, fits: bool
) -> None:
    device = meter(power="OFF")
    assert DeviceFilter(wanted=Conditions(**conditions)).within(EVERYTHING).fits(device) == fits
    assert not DeviceFilter().within(Scope.of(["south"])).fits(device)
    assert not DeviceFilter().within(Scope.of([])).fits(device)


@pytest.mark.parametrize(
    ("narrowed", "fits"),
    [
        ({}, True),
        ({"rule": ("tamper-detected",), "severity": ("CRITICAL", "MAJOR")}, True),
        ({"device_id": ("north/2",)}, False),
        ({"network": ("south",)}, False),
        ({"assignee": ("anna",)}, False),
    ],
)
def test_an_alarm_fits_whatever_its_state(
    narrowed: dict[str, tuple[str, ...]], *, fits: bool
) -> None:
    alarms = Alarms()
    alarms.look(meter(tamper="DETECTED"), 0)
    alarm = alarms.only()
    visible = AlarmFilter(narrowed=narrowed).within(EVERYTHING)
    assert visible.fits(alarm) == fits
