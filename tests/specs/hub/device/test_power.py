"""Power: OFF, ON, and PARTIAL when phases are missing; a restore that never came is inferred."""

import itertools

import pytest

from device_hub.device.events.concluded import (
    DeviceFirstHeard,
    PowerRestoreInferred,
)
from device_hub.device.events.recorded import (
    PhaseLost,
    PhaseRestored,
    PowerLost,
    PowerRestored,
    TamperDetected,
)
from device_hub.device.events.stated import ContactMade
from device_hub.device.power import phase_of
from device_hub.device.values import Flag
from tests.specs.hub.device.sentences import (
    configuration,
    contact,
    event,
    given,
    power_lost,
    power_restored,
    reading,
    told,
)


def test_a_power_loss_switches_the_meter_off() -> None:
    given().when(power_lost("10:00")).happens(DeviceFirstHeard, PowerLost).shows(
        power=("OFF", "10:00")
    )


def test_a_restore_switches_it_on_again() -> None:
    given(power_lost("10:00")).when(power_restored("10:20")).happens(PowerRestored).shows(
        power=("ON", "10:20")
    )


def test_a_late_power_loss_does_not_switch_the_meter_off() -> None:
    given(power_restored("10:20")).when(power_lost("10:00", received="10:30")).happens(
        PowerLost
    ).flagged(Flag.LATE).shows(power=("ON", "10:20"))


def test_a_loss_and_a_restore_in_the_same_second_end_with_power_in_either_order() -> None:
    for order in itertools.permutations([power_lost("10:00:00"), power_restored("10:00:00")]):
        given(*order[:1]).when(order[1]).flagged().shows(power=("ON", "10:00"))


def test_a_restore_that_never_came_is_inferred_from_a_later_reading() -> None:
    given(power_lost("10:00")).when(reading("10:15")).happens(
        ContactMade, PowerRestoreInferred
    ).shows(power=("ON", "10:15"))


def test_a_restore_that_never_came_is_inferred_from_a_later_event() -> None:
    given(power_lost("10:00")).when(event("3.12.29.212", "10:15")).happens(
        TamperDetected, PowerRestoreInferred
    ).shows(power=("ON", "10:15"), tamper="DETECTED")


def test_a_reading_from_before_the_loss_infers_nothing() -> None:
    given(power_lost("10:00")).when(reading("09:45", received="10:05")).nothing_happens().shows(
        power=("OFF", "10:00")
    )


def test_a_contact_at_the_very_time_of_the_loss_infers_nothing() -> None:
    given(power_lost("10:00")).when(event("3.2.22.150", "10:00")).shows(power=("OFF", "10:00"))


def test_a_link_reported_lost_says_nothing_about_power() -> None:
    given(power_lost("10:00")).when(event("3.1.0.85", "10:15")).shows(power=("OFF", "10:00"))


def test_another_power_loss_is_no_sign_of_power() -> None:
    given(power_lost("10:00")).when(power_lost("10:15")).happens(PowerLost).shows(
        power=("OFF", "10:15")
    )


def test_a_loss_that_is_reported_after_a_later_sign_of_life_is_over_already() -> None:
    given(contact("11:00")).when(power_lost("10:00", received="11:30")).happens(
        PowerLost, PowerRestoreInferred
    ).shows(power=("ON", "11:00"))


def test_a_restore_reported_after_it_was_inferred_is_kept_as_late() -> None:
    given(power_lost("10:00"), reading("10:21")).when(
        power_restored("10:20", received="10:25")
    ).happens(PowerRestored).flagged(Flag.LATE).shows(power=("ON", "10:21"))


def test_a_loss_at_the_time_of_an_inferred_restore_is_believed() -> None:
    given(power_lost("10:00"), reading("10:21")).when(power_lost("10:21")).shows(
        power=("OFF", "10:21")
    )


def test_a_lost_phase_is_a_partial_outage() -> None:
    given().when(event("3.26.126.85", "10:00")).happens(DeviceFirstHeard, PhaseLost).shows(
        power=("PARTIAL", "10:00")
    )


def test_power_stays_partial_until_every_lost_phase_is_back() -> None:
    lost = [event("3.26.126.85", "10:00"), event("3.26.134.85", "10:01")]
    given(*lost).when(event("3.26.126.216", "10:10")).happens(PhaseRestored).shows(
        power=("PARTIAL", "10:01")
    )
    given(*lost, event("3.26.126.216", "10:10")).when(event("3.26.134.216", "10:12")).shows(
        power=("ON", "10:12")
    )


def test_a_lost_phase_does_not_make_an_outage_smaller() -> None:
    given(power_lost("10:00")).when(event("3.26.126.85", "10:00:01")).shows(power=("OFF", "10:00"))


def test_a_phase_that_comes_back_during_an_outage_shows_that_there_is_power() -> None:
    given(power_lost("10:00")).when(event("3.26.126.216", "10:30")).happens(
        PhaseRestored, PowerRestoreInferred
    ).shows(power=("ON", "10:30"))


def test_a_restore_of_the_supply_ends_what_was_known_about_phases() -> None:
    given(event("3.26.126.85", "10:00")).when(power_restored("10:30")).shows(power=("ON", "10:30"))


def test_a_phase_loss_older_than_the_newest_report_about_the_supply_is_late() -> None:
    given(power_restored("10:30")).when(event("3.26.126.85", "10:00", received="10:31")).flagged(
        Flag.LATE
    ).shows(power="ON")


@pytest.mark.parametrize("code", ["3.26.126.85", "26.26.134.85"])
def test_a_phase_is_told_by_the_code_whatever_the_type_of_device(code: str) -> None:
    assert phase_of(code) == {"126": "A", "134": "B"}[code.split(".")[2]]


def test_a_phase_is_told_however_the_code_is_written() -> None:
    assert phase_of("26.135.85") == phase_of("ElectricMeter.Power.PhaseC.Failed") == "C"
    assert phase_of("03.026.0126.085") == phase_of("3.26.PhaseAVoltage.285") == "A"


def test_a_phase_loss_with_an_unusual_code_is_a_phase_without_name() -> None:
    assert phase_of("26") == phase_of("3.26.9.85") == "?"


def test_nothing_is_known_about_power_before_the_device_speaks_or_anyone_reports_it() -> None:
    given().when(configuration("INVENTORY", "10:00")).shows(power="UNKNOWN")


def test_a_device_that_speaks_has_power_though_nobody_reported_it() -> None:
    assert told([contact("10:00")]).supply.as_of is None, "concluded when shown, not remembered"
    given().when(contact("10:00")).shows(power=("ON", "10:00"))


def test_a_last_gasp_is_no_sign_of_power() -> None:
    given().when(power_lost("10:00")).shows(power=("OFF", "10:00"))


def test_a_restore_that_was_inferred_and_then_told_wins_the_tie_with_a_loss() -> None:
    lost_and_heard = (power_lost("10:00"), event("3.1.52.29", "11:00"))
    given(*lost_and_heard).when(power_lost("11:00")).shows(power="OFF")
    told_then = (*lost_and_heard, power_restored("11:00"))
    given(*told_then).when(power_lost("11:00")).shows(power=("ON", "11:00"))
