"""A device's milestones and days of contact."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from smoc_service.register.device import FACETS, Device, Facet, TimelineEntry
from smoc_service.register.milestones import (
    WINDOW_DAYS,
    ContactDays,
    Past,
    day_of,
    merged,
    past_document,
    past_from,
    past_of,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FIRST_DAY = day_of(NOON)


def device(lifecycle: str = "NOT_DEFINED", as_of: datetime | None = None, **fields: Any) -> Device:
    facets = {name: Facet(value=values[0]) for name, values in FACETS.items()}
    return Device(
        device_id="north/4711",
        network="north",
        device_identifier="4711",
        revision=1,
        facets={**facets, "lifecycle": Facet(value=lifecycle, as_of=as_of)},
        updated_at=NOON,
        **fields,
    )


def entry(
    kind: str, at: datetime = NOON, *, late: timedelta = timedelta(), **fields: Any
) -> TimelineEntry:
    return TimelineEntry(
        revision=1, index=0, kind=kind, occurred_at=at, received_at=at + late, **fields
    )


def test_a_device_is_installed_when_it_was_linked_to_a_usage_point() -> None:
    past = past_of(device(), [entry("installed"), entry("installed", NOON + DAY)])
    assert past.milestones == {"installed": NOON}


def test_a_link_that_is_told_late_still_happened_first() -> None:
    known = past_of(device(), [entry("installed")])
    told_late = past_of(device(), [entry("installed", NOON - DAY, late=2 * DAY, flags=("late",))])
    assert merged(known, told_late).milestones == {"installed": NOON - DAY}


def test_a_configured_usage_point_installs_a_device_and_an_empty_one_does_not() -> None:
    configured = entry("configured", details={"usage_point": "UP-7"})
    assert past_of(device(), [configured]).milestones == {"installed": NOON}
    assert past_of(device(), [entry("configured", details={"model": "E450"})]).milestones == {}


def test_an_installation_date_counts_unless_it_is_a_plan_was_never_filled_in_or_cannot_be_read() -> (
    None
):
    def installed(text: str) -> datetime | None:
        known = past_of(device(life_dates={"installationDate": text}), [])
        return known.milestones.get("installed")

    assert installed("2026-02-27") == datetime(2026, 2, 27, tzinfo=UTC)
    assert installed("2026-02-27T23:30:00-01:00") == datetime(2026, 2, 28, 0, 30, tzinfo=UTC)
    assert installed("2026-03-02") is None
    assert installed("1970-01-01") is None
    assert installed("0001-01-01T00:00:00+10:00") is None
    assert installed("spring") is None


def test_the_lifecycle_tells_when_a_device_was_discovered_and_taken_into_operation() -> None:
    known = merged(
        past_of(device("DISCOVERED", NOON), []),
        past_of(device("IN_OPERATION", NOON + DAY), []),
    )
    assert known.milestones == {"discovered": NOON, "taken_into_operation": NOON + DAY}
    # Stated again the night after.
    assert merged(known, past_of(device("IN_OPERATION", NOON + 2 * DAY), [])) == known


def test_a_lifecycle_that_was_over_before_the_register_heard_of_it_stands_in_the_entries() -> None:
    entries = [
        entry("discovered"),
        entry("lifecycle", NOON + DAY, details={"lifecycle": "IN_OPERATION"}),
        entry("configured", NOON - DAY, details={"lifecycle": "INVENTORY"}),
    ]
    past = past_of(device("ERROR", NOON + 2 * DAY), entries)
    assert past.milestones == {"discovered": NOON, "taken_into_operation": NOON + DAY}


def test_a_device_is_heard_on_the_day_on_which_its_word_was_received() -> None:
    heard = past_of(device(), [entry("power-lost", late=3 * DAY), entry("contact")])
    assert heard.contact_days == ContactDays(until=FIRST_DAY + 3, bits=0b1001)


def test_what_others_said_of_a_device_and_what_it_had_said_before_is_no_contact() -> None:
    others = [
        *("configured", "installed", "uninstalled", "lifecycle", "first-heard", "fell-silent"),
        *("communication-lost", "firmware-update-started", "firmware-update-failed"),
    ]
    assert past_of(device(), [entry(kind) for kind in others]).contact_days is None
    again = entry("power-lost", flags=("duplicate",))
    assert past_of(device(), [again]).contact_days is None


def test_the_device_s_own_last_contact_counts_as_a_day() -> None:
    heard = past_of(device(last_contact_at=NOON + DAY), [entry("contact")])
    assert heard.contact_days == ContactDays(until=FIRST_DAY + 1, bits=0b11)


def test_a_day_that_left_the_window_is_gone() -> None:
    first = past_of(device(), [entry("contact")])
    for later, bits in ((WINDOW_DAYS - 1, 1 << 62 | 1), (WINDOW_DAYS, 1), (10**6, 1)):
        both = merged(first, past_of(device(), [entry("contact", NOON + later * DAY)]))
        assert both.contact_days == ContactDays(until=FIRST_DAY + later, bits=bits)


MOMENTS = st.integers(0, 120 * 24).map(lambda hours: NOON + timedelta(hours=hours))
PASTS = st.builds(
    lambda lifecycle, as_of, kinds: past_of(
        device(lifecycle, as_of), [entry(kind, at) for kind, at in kinds]
    ),
    st.sampled_from(FACETS["lifecycle"]),
    MOMENTS,
    st.lists(st.tuples(st.sampled_from(["installed", "contact", "power-lost"]), MOMENTS)),
)


@given(PASTS, PASTS, PASTS)
def test_what_comes_late_twice_or_in_another_order_leads_to_the_same(
    one: Past, two: Past, three: Past
) -> None:
    assert merged(one, two) == merged(two, one)
    assert merged(merged(one, two), three) == merged(one, merged(two, three))
    assert merged(one, one) == one
    assert merged(one, Past()) == one


@given(PASTS)
def test_a_past_is_stored_and_read_again_and_fits_into_what_the_database_counts_with(
    past: Past,
) -> None:
    assert past_from(past_document(past)) == past
    assert past.contact_days is None or 0 < past.contact_days.bits < 2**63
