"""A weak name may be another meter's as well: it places a report only where nothing speaks against it."""

import pytest

from device_hub.device.values import Identifier
from device_hub.identities.rules.claims import Conflict, Kind, Known
from device_hub.identities.rules.names import STRONG
from device_hub.identities.rules.resolution import Placed, place
from device_hub.identities.stored.joined import Joined

Name = tuple[str, str]
SERIAL, MRID = ("serial_number", "S1"), ("mrid", "M1")
OTHER_SERIAL, OTHER_MRID = ("serial_number", "S2"), ("mrid", "M2")
WEAK = [("utility_number", "U-7"), ("name/enddevice", "DEV-1"), ("", "DEV-1")]


class Park:
    def __init__(self) -> None:
        self.known = Known(Joined().follow)
        self.conflicts: list[Conflict] = []

    def learns(self, *said: Name, telling: frozenset[str] = frozenset()) -> str:
        return self._place(said, telling, teaches=True).device_id

    def hears(self, *said: Name, telling: frozenset[str] = frozenset()) -> str:
        return self._place(said, telling, teaches=False).device_id

    def _place(self, said: tuple[Name, ...], telling: frozenset[str], *, teaches: bool) -> Placed:
        names = [Identifier(*one) for one in said]
        placed = place(self.known, "north", names, teaches=teaches, telling=STRONG | telling)
        self.conflicts += [one for one in placed.conflicts if one not in self.conflicts]
        return placed

    @property
    def listed(self) -> list[tuple[Kind, str, str, str]]:
        return [
            (one.kind, one.identifier.value, one.device_id, one.other_device_id)
            for one in self.conflicts
        ]


@pytest.fixture
def park() -> Park:
    return Park()


@pytest.mark.parametrize("weak", WEAK)
@pytest.mark.parametrize("known_by", [SERIAL, MRID])
@pytest.mark.parametrize("stated", [OTHER_SERIAL, OTHER_MRID])
def test_an_event_with_a_strong_name_of_nobody_is_not_given_to_the_device_that_a_weak_name_tells(
    park: Park, weak: Name, known_by: Name, stated: Name
) -> None:
    first = park.learns(known_by, weak)
    second = park.hears(stated, weak)
    assert second == f"north/{stated[1]}" != first
    assert park.listed == [(Kind.WEAK_NAME_SHARED, weak[1], second, first)]


@pytest.mark.parametrize("weak", WEAK)
@pytest.mark.parametrize("known_by", [SERIAL, MRID])
@pytest.mark.parametrize("stated", [OTHER_SERIAL, OTHER_MRID])
def test_a_configuration_with_a_strong_name_of_nobody_does_not_teach_it_to_another_meter(
    park: Park, weak: Name, known_by: Name, stated: Name
) -> None:
    first = park.learns(known_by, weak)
    second = park.learns(stated, weak)
    assert second == f"north/{stated[1]}" != first
    assert park.listed == [(Kind.CLAIMED_BY_ANOTHER, weak[1], second, first)]


@pytest.mark.parametrize("weak", WEAK)
def test_an_event_with_a_strong_name_of_one_device_and_a_weak_one_of_another_is_listed_once(
    park: Park, weak: Name
) -> None:
    first, second = park.learns(SERIAL, weak), park.learns(OTHER_SERIAL)
    for _ in range(3):
        assert park.hears(OTHER_SERIAL, weak) == second
    assert park.listed == [(Kind.WEAK_NAME_SHARED, weak[1], second, first)]


def test_a_name_that_a_whole_park_has_in_its_events_is_one_line_on_the_list(park: Park) -> None:
    """Else one configuration with such a name would fill the list."""
    park.learns(SERIAL, ("name/enddevice", "METER"))
    for number in range(100):
        said = ("mrid", f"other-{number}"), ("name/enddevice", "METER")
        assert park.hears(*said) == f"north/other-{number}"
    assert [kind for kind, *_ in park.listed] == [Kind.WEAK_NAME_SHARED]


@pytest.mark.parametrize("weak", WEAK)
def test_a_device_that_only_weak_names_tell_gets_its_first_strong_names_silently(
    park: Park, weak: Name
) -> None:
    device = park.hears(weak)
    assert park.learns(SERIAL, MRID, weak) == device
    assert park.hears(MRID) == park.hears(SERIAL) == device
    assert park.listed == []


@pytest.mark.parametrize("weak", WEAK)
def test_events_of_two_meters_under_one_weak_name_do_not_meet_in_the_device_that_it_tells(
    park: Park, weak: Name
) -> None:
    told = park.hears(weak)
    assert {park.hears(MRID, weak), park.hears(OTHER_MRID, weak)} == {"north/M1", "north/M2"}
    assert told not in {"north/M1", "north/M2"}
    assert (Kind.WEAK_NAME_SHARED, weak[1], "north/M1", told) in park.listed


@pytest.mark.parametrize("kind", ["utility_number", "name/enddevice"])
def test_a_kind_that_the_source_s_setting_lists_tells_a_device_like_a_serial_number(
    park: Park, kind: str
) -> None:
    listed = frozenset({kind})
    device = park.learns(SERIAL, (kind, "N-1"), telling=listed)
    assert park.hears(MRID, (kind, "N-1"), telling=listed) == device
    assert park.learns(MRID, (kind, "N-1"), telling=listed) == device
    assert park.hears(MRID) == device
    assert park.listed == []


def test_a_second_name_of_a_listed_kind_is_listed_and_not_learned(park: Park) -> None:
    listed = frozenset({"name/meteruniqueid"})
    park.learns(SERIAL, ("name/meteruniqueid", "MU-1"), telling=listed)
    park.learns(SERIAL, ("name/meteruniqueid", "MU-2"), telling=listed)
    assert park.listed == [(Kind.SECOND_VALUE, "MU-2", "north/S1", "north/S1")]


@pytest.mark.parametrize("teaches", [True, False])
def test_a_chosen_name_of_no_kind_that_comes_with_a_strong_one_of_nobody_is_listed(
    park: Park, *, teaches: bool
) -> None:
    park.learns(SERIAL, ("", "DEV-1"))
    said = ("", "DEV-1"), OTHER_MRID
    for _ in range(2):
        assert (park.learns(*said) if teaches else park.hears(*said)) == "north/S1"
    assert park.listed == [(Kind.PLACED_BY_WEAK_NAME, "M2", "north/S1", "north/S1")]
    assert park.hears(OTHER_MRID) == "north/M2"


def test_an_event_that_makes_a_device_by_a_name_of_no_kind_and_states_a_strong_one_is_listed(
    park: Park,
) -> None:
    """The event teaches nothing, so the next meter under that name would get the device silently."""
    assert park.hears(("", "DEV-1"), MRID) == "north/DEV-1"
    assert park.learns(("", "DEV-1"), OTHER_MRID) == "north/DEV-1"
    assert park.listed == [(Kind.PLACED_BY_WEAK_NAME, "M1", "north/DEV-1", "north/DEV-1")]


def test_a_configuration_that_makes_a_device_by_a_name_of_no_kind_is_not_listed(park: Park) -> None:
    park.learns(("", "DEV-1"), MRID)
    assert park.hears(("", "DEV-1"), MRID) == park.hears(MRID) == "north/DEV-1"
    assert park.listed == []


@pytest.mark.parametrize("teaches", [True, False])
def test_a_second_serial_number_is_listed_whoever_says_it(park: Park, *, teaches: bool) -> None:
    park.learns(MRID, SERIAL)
    said = MRID, OTHER_SERIAL
    assert (park.learns(*said) if teaches else park.hears(*said)) == "north/M1"
    assert park.listed == [(Kind.SECOND_VALUE, "S2", "north/M1", "north/M1")]


def test_a_strong_name_in_an_event_that_looks_like_another_device_s_is_listed(park: Park) -> None:
    park.learns(("serial_number", "007"))
    park.hears(MRID)
    assert park.listed == []
    park.hears(MRID, ("serial_number", "7"))
    assert park.listed == [(Kind.LOOK_ALIKE, "7", "north/M1", "north/007")]


def test_a_conflict_that_the_list_did_not_take_is_met_again(park: Park) -> None:
    """The list may have been full when a name was claimed or shared."""
    weak = ("utility_number", "U-7")
    park.learns(SERIAL, weak)
    park.learns(OTHER_SERIAL, weak)
    park.hears(("mrid", "AB"))
    park.hears(("mrid", "ab"))
    noticed = set(park.conflicts)
    park.conflicts.clear()
    park.learns(SERIAL, weak)
    park.hears(("mrid", "AB"))
    assert set(park.conflicts) == noticed
