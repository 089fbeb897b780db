"""Every event report is recorded, with what a reader should know before believing it."""

from datetime import UTC, datetime, timedelta, timezone

from device_hub.device.commands import RecordEvent
from device_hub.device.events.concluded import DeviceFirstHeard
from device_hub.device.events.recorded import (
    EventNoted,
    PowerLost,
)
from device_hub.device.refusal import Reason
from device_hub.device.rules import Rules
from device_hub.device.state import WINDOW
from device_hub.device.values import EndDeviceEvent, Flag, Meaning
from tests.specs.hub.device.sentences import (
    IDENTIFIER,
    NETWORK,
    POWER_LOST,
    at,
    contact,
    event,
    facts,
    given,
    power_lost,
    power_restored,
    told,
)

UNKNOWN_CODE, LOW_BATTERY = "3.99.7.1", "3.2.22.150"


def test_a_device_that_speaks_before_anyone_registered_it_exists_as_not_defined() -> None:
    then = given().when(power_lost("10:00", received="10:01")).happens(DeviceFirstHeard, PowerLost)
    then.shows(lifecycle="NOT_DEFINED")
    assert (then.after.network, then.after.identifier) == (NETWORK, IDENTIFIER)
    assert then.after.first_seen_at == at("10:01")


def test_an_unknown_code_is_kept_verbatim_and_changes_no_facet() -> None:
    command = event(UNKNOWN_CODE, "10:00", details={"vendor": "0x7F"}, severity="3")
    then = given(power_lost("09:00")).when(command)
    assert isinstance(then.events[0], EventNoted)
    assert then.events[0].event == command.event
    then.shows(switch="UNKNOWN", tamper="UNKNOWN", firmware="UNKNOWN", fault="UNKNOWN")


def test_the_same_event_again_is_recorded_as_a_duplicate_and_changes_nothing() -> None:
    first = power_lost("10:00", received="10:00:05")
    republished = power_lost("10:00", received="10:45")
    then = given(first).when(republished).happens(PowerLost).flagged(Flag.DUPLICATE)
    assert then.after == told([first])


def test_a_duplicate_of_a_loss_does_not_undo_the_restore() -> None:
    given(power_lost("10:00"), power_restored("10:05")).when(
        power_lost("10:00", received="10:10")
    ).flagged(Flag.DUPLICATE).shows(power=("ON", "10:05"))


def test_events_with_ids_of_their_own_at_the_same_time_are_two_events() -> None:
    first = event(LOW_BATTERY, "10:00", issuer_tracking_id="1")
    given(first).when(event(LOW_BATTERY, "10:00", issuer_tracking_id="2")).flagged()


def test_events_with_other_details_are_two_events() -> None:
    first = event(LOW_BATTERY, "10:00", details={"volts": "2.9"})
    given(first).when(event(LOW_BATTERY, "10:00", details={"volts": "2.8"})).flagged()


def test_an_event_without_time_is_ordered_by_its_receipt() -> None:
    given().when(event(POWER_LOST, None, "10:00")).flagged().shows(power=("OFF", "10:00"))


def test_two_events_without_time_and_id_cannot_be_told_apart_and_both_count() -> None:
    given(event(POWER_LOST, None, "10:00")).when(event(POWER_LOST, None, "10:30")).flagged().shows(
        power=("OFF", "10:30")
    )


def test_an_event_without_time_is_known_again_by_its_own_id() -> None:
    first = event(POWER_LOST, None, "10:00", event_mrid="e-1")
    again = event(POWER_LOST, None, "10:30", event_mrid="e-1")
    given(first).when(again).flagged(Flag.DUPLICATE).shows(power=("OFF", "10:00"))


def test_an_event_from_the_future_is_flagged_and_ordered_by_its_receipt() -> None:
    given().when(power_lost("2 10:00", received="10:00")).flagged(
        Flag.FUTURE, Flag.CLOCK_SUSPECT
    ).shows(power=("OFF", "10:00"))


def test_an_event_from_the_future_does_not_block_what_comes_after_it() -> None:
    given(power_lost("20 10:00", received="10:00")).when(power_restored("10:10")).flagged().shows(
        power=("ON", "10:10")
    )


def test_a_clock_a_little_ahead_is_believed() -> None:
    given().when(power_lost("10:05", received="10:00")).flagged().shows(power=("OFF", "10:05"))


def test_how_far_a_clock_may_run_ahead_is_a_rule() -> None:
    strict = Rules(clock_tolerance=timedelta(seconds=10))
    given(rules=strict).when(power_lost("10:01", received="10:00")).flagged(
        Flag.FUTURE, Flag.CLOCK_SUSPECT
    )


def test_a_time_from_before_any_smart_meter_is_not_believed() -> None:
    never_set = event(POWER_LOST, datetime(1980, 1, 6, tzinfo=UTC), "10:00")
    then = given().when(never_set).shows(power=("OFF", "10:00"))
    assert isinstance(then.events[1], PowerLost)
    assert then.events[1].when.flags == (Flag.CLOCK_SUSPECT,)
    assert then.events[1].when.stated_at == datetime(1980, 1, 6, tzinfo=UTC)


def test_a_clock_that_lost_its_time_is_kept_flagged_and_not_believed() -> None:
    clock = datetime(2000, 1, 1, 0, 0, 12, tzinfo=UTC)
    then = (
        given(power_restored("09:00"))
        .when(event(POWER_LOST, None, "10:00", stated=clock))
        .flagged(Flag.CLOCK_SUSPECT)
        .shows(power=("OFF", "10:00"))
    )
    assert isinstance(then.events[0], PowerLost)
    assert then.events[0].when.stated_at == clock


def test_a_clock_that_starts_at_the_same_second_again_tells_of_another_event() -> None:
    clock = datetime(2000, 1, 1, 0, 0, 12, tzinfo=UTC)
    given(event(POWER_LOST, None, "10:00", stated=clock), power_restored("10:30")).when(
        event(POWER_LOST, None, "11:00", stated=clock)
    ).flagged(Flag.CLOCK_SUSPECT).shows(power=("OFF", "11:00"))


def test_what_was_said_of_a_lost_clock_at_a_known_time_holds_from_then() -> None:
    clock = datetime(2001, 1, 1, tzinfo=UTC)
    given().when(event(POWER_LOST, "09:00", "10:00", stated=clock)).flagged(
        Flag.CLOCK_SUSPECT
    ).shows(power=("OFF", "09:00"))


def test_an_assumed_zone_is_flagged() -> None:
    given(contact("09:00")).when(event(POWER_LOST, "10:00", zone_assumed=True)).flagged(
        Flag.ZONE_ASSUMED
    )


def test_an_event_can_be_late_and_in_an_assumed_zone() -> None:
    given(power_restored("11:00")).when(
        event(POWER_LOST, "10:00", "11:30", zone_assumed=True)
    ).flagged(Flag.LATE, Flag.ZONE_ASSUMED)


def test_times_are_kept_in_whole_milliseconds_of_utc() -> None:
    precise = datetime(2026, 3, 1, 12, 0, 0, 123_999, tzinfo=timezone(timedelta(hours=2)))
    then = given().when(event(POWER_LOST, precise))
    kept = datetime(2026, 3, 1, 10, 0, 0, 123_000, tzinfo=UTC)
    assert then.after.supply.as_of == kept
    assert then.after.supply.as_of.tzinfo is UTC
    assert then.after.first_seen_at == kept


def test_a_time_without_zone_is_refused() -> None:
    naive = datetime(2026, 3, 1, 10)  # noqa: DTZ001 - what is refused here
    given().when(event(POWER_LOST, naive, "10:00")).refused(Reason.TIME_INVALID)
    given().when(event(POWER_LOST, "10:00", naive)).refused(Reason.TIME_INVALID)


def test_a_time_that_no_calendar_holds_in_utc_is_refused() -> None:
    beyond = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    given().when(event(POWER_LOST, beyond, "10:00")).refused(Reason.TIME_INVALID)


def test_an_event_without_code_is_refused() -> None:
    empty = EndDeviceEvent(code="", meaning=Meaning.UNSPECIFIED)
    given().when(RecordEvent(facts=facts("10:00"), event=empty)).refused(Reason.REPORT_EMPTY)


def test_a_detail_whose_name_cannot_be_stored_is_refused() -> None:
    for name in ("$ref", "a\0b"):
        given().when(event(POWER_LOST, "10:00", details={name: "x"})).refused(
            Reason.ARGUMENT_INVALID
        )


def test_a_device_remembers_a_bounded_number_of_events() -> None:
    many = [event(LOW_BATTERY, "10:00", issuer_tracking_id=str(n)) for n in range(WINDOW + 1)]
    device = told(many)
    assert len(device.recent) == WINDOW
    given(*many).when(many[-1]).flagged(Flag.DUPLICATE)
    given(*many).when(many[0]).flagged()
