"""Which device is meant: one meter is one device, whatever names it and whatever came first."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_hub.device.values import Identifier
from device_hub.identities.rules.claims import Claim, Conflict, Kind, Known
from device_hub.identities.rules.names import STRONG
from device_hub.identities.rules.resolution import Placed, place
from device_hub.identities.stored.joined import Joined

Said = tuple[tuple[str, str], ...]

UUID = "8f1c2a6e-0b1d-4f57-9c1e-2f6d3c1b7a90"
SERIAL, MRID, NAME = ("serial_number", "S1"), ("mrid", UUID), ("", "DEV-1")
UTILITY, KIND = ("utility_number", "U-7"), ("name/meteruniqueid", "MU-1")
CONFIGURATION: Said = (SERIAL, MRID, UTILITY, NAME, KIND)


class Park:
    """A network whose reports find their devices one after the other."""

    def __init__(self) -> None:
        self.joined = Joined()
        self.known = Known(self.joined.follow)
        self.conflicts: list[Conflict] = []

    def hears(
        self,
        *said: tuple[str, str],
        teaches: bool = False,
        network: str = "north",
        telling: frozenset[str] = frozenset(),
    ) -> str:
        return self._place(said, network, teaches=teaches, telling=telling).device_id

    def learns(self, *said: tuple[str, str], network: str = "north") -> str:
        return self.hears(*said, teaches=True, network=network)

    def taught(self, *said: tuple[str, str]) -> list[tuple[str, str]]:
        return [(one.scheme, one.value) for one in self._place(said, "north", teaches=True).learned]

    def _place(
        self, said: Said, network: str, *, teaches: bool, telling: frozenset[str] = frozenset()
    ) -> Placed:
        names = [Identifier(*one) for one in said]
        placed = place(self.known, network, names, teaches=teaches, telling=STRONG | telling)
        self.conflicts += [one for one in placed.conflicts if one not in self.conflicts]
        return placed

    @property
    def listed(self) -> list[tuple[Kind, str, str]]:
        return [(one.kind, one.device_id, one.other_device_id) for one in self.conflicts]


@pytest.fixture
def park() -> Park:
    return Park()


@pytest.mark.parametrize("event", [*CONFIGURATION, ("", "S1"), ("", UUID), ("", "MU-1")])
def test_whatever_names_the_meter_finds_it(park: Park, event: tuple[str, str]) -> None:
    assert park.learns(*CONFIGURATION) == "north/S1"
    assert park.hears(event) == "north/S1"
    assert park.listed == []


@pytest.mark.parametrize("event", CONFIGURATION)
def test_whatever_came_first(park: Park, event: tuple[str, str]) -> None:
    device = park.hears(event)
    assert device == f"north/{event[1]}"
    assert park.learns(*CONFIGURATION) == device
    assert [park.hears(one) for one in CONFIGURATION] == [device] * len(CONFIGURATION)
    assert park.listed == []


def test_a_name_of_no_kind_is_one_of_any_kind(park: Park) -> None:
    """Situation 10: the configuration gives a plain name, the event a name of a type; or the other way round."""
    assert park.learns(SERIAL, ("", "DEV-1")) == "north/S1"
    assert park.hears(("", "DEV-1"), ("name/enddevice", "DEV-1")) == "north/S1"
    listed = frozenset({"name/enddevice"})
    unheard = ("mrid", "unheard-of")
    assert park.hears(unheard, ("name/enddevice", "DEV-1"), telling=listed) == "north/S1"
    assert park.listed == []


def test_networks_do_not_know_each_other_s_names(park: Park) -> None:
    assert park.learns(*CONFIGURATION) == "north/S1"
    assert park.hears(MRID, network="south") == f"south/{UUID}"


def test_an_event_teaches_nothing(park: Park) -> None:
    assert park.hears(MRID, KIND) == f"north/{UUID}"
    assert park.hears(KIND) == "north/MU-1"


def test_a_configuration_teaches_the_names_that_are_nobody_else_s(park: Park) -> None:
    assert park.taught(*CONFIGURATION) == list(CONFIGURATION)
    assert park.taught(*CONFIGURATION) == list(CONFIGURATION)
    assert park.taught(("serial_number", "S2"), MRID, ("mrid", "M2")) == [
        ("serial_number", "S2"),
        ("mrid", "M2"),
    ]


def test_another_meter_under_the_same_utility_number_is_another_device(park: Park) -> None:
    """The meter was exchanged; its utility number stayed."""
    assert park.learns(SERIAL, UTILITY) == "north/S1"
    assert park.learns(("serial_number", "S2"), UTILITY) == "north/S2"
    assert park.listed == [(Kind.CLAIMED_BY_ANOTHER, "north/S2", "north/S1")]


def test_a_name_that_two_devices_have_tells_neither_and_is_listed_once(park: Park) -> None:
    shared = ("name/description", "Meter")
    for number in range(20):
        assert park.learns(("serial_number", f"S{number}"), shared) == f"north/S{number}"
    assert park.hears(("", "Meter")) == "north/Meter"
    assert park.listed == [(Kind.CLAIMED_BY_ANOTHER, "north/S1", "north/S0")]


def test_two_devices_are_never_merged_by_a_report_that_names_both(park: Park) -> None:
    by_mrid, by_serial = park.hears(MRID), park.hears(SERIAL)
    assert park.learns(*CONFIGURATION) == by_serial
    assert park.hears(MRID) == by_mrid
    assert park.listed == [(Kind.CLAIMED_BY_ANOTHER, by_serial, by_mrid)]


def test_an_event_whose_names_belong_to_two_devices_is_listed(park: Park) -> None:
    by_mrid, by_serial = park.hears(MRID), park.hears(SERIAL)
    assert park.hears(SERIAL, MRID) == by_serial
    assert park.listed == [(Kind.CLAIMED_BY_ANOTHER, by_serial, by_mrid)]


def test_a_serial_number_that_comes_with_another_mrid_is_listed_and_not_learned(park: Park) -> None:
    """The same serial number of another manufacturer, or an mRID made anew: only a person knows."""
    assert park.learns(SERIAL, MRID) == "north/S1"
    assert park.taught(SERIAL, ("mrid", "M2")) == [SERIAL]
    assert park.listed == [(Kind.SECOND_VALUE, "north/S1", "north/S1")]
    assert park.hears(("mrid", "M2")) == "north/M2"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("21279C38", "21279c38"),
        ("012345", "12345"),
        (UUID, UUID.upper()),
        (UUID, UUID.replace("-", "")),
    ],
)
def test_names_that_differ_only_in_spelling_are_two_devices_and_listed(
    park: Park, one: str, other: str
) -> None:
    assert park.hears(("mrid", one)) == f"north/{one}"
    assert park.hears(("mrid", other)) == f"north/{other}"
    assert park.listed == [(Kind.LOOK_ALIKE, f"north/{other}", f"north/{one}")]
    assert park.hears(("mrid", one)) == f"north/{one}"
    assert len(park.conflicts) == 1


@pytest.mark.parametrize(("one", "other"), [("12345", "12346"), ("12345", "123450"), ("A-1", "A1")])
def test_other_names_do_not_look_alike(park: Park, one: str, other: str) -> None:
    park.hears(("mrid", one))
    park.hears(("mrid", other))
    assert park.listed == []


def test_a_name_that_equals_another_meter_s_serial_number_is_still_the_exact_one_s(
    park: Park,
) -> None:
    assert park.learns(("serial_number", "12345"), ("mrid", "M1")) == "north/12345"
    assert park.learns(("serial_number", "S2"), ("mrid", "12345")) == "north/S2"
    assert park.hears(("mrid", "12345")) == "north/S2"
    assert park.hears(("serial_number", "12345")) == "north/12345"


def test_a_device_from_before_identifiers_keeps_what_is_called_as_it_is(park: Park) -> None:
    """Its reports go where they went, whatever a configuration says; a person joins the two."""
    old = place(
        park.known, "north", [Identifier("", UUID)], teaches=True, device_id=f"north/{UUID}"
    )
    assert [claim.identifier for claim in old.made] == [Identifier("", UUID)]
    assert park.learns(("serial_number", "S1"), MRID) == f"north/{UUID}"
    assert park.listed == []


def test_joined_devices_are_one_under_all_their_names(park: Park) -> None:
    by_mrid, by_serial = park.hears(MRID), park.learns(SERIAL, UTILITY)
    park.joined.note(by_mrid, by_serial)
    assert park.hears(MRID) == by_serial
    assert park.learns(*CONFIGURATION) == by_serial
    assert park.listed == []
    park.joined.forget(by_mrid)
    assert park.hears(MRID) == by_mrid


@given(
    said=st.lists(
        st.sampled_from([SERIAL, MRID, UTILITY, KIND]), min_size=1, max_size=3, unique=True
    ),
    more=st.lists(st.sampled_from([SERIAL, MRID, UTILITY, KIND]), min_size=1, max_size=4),
)
def test_names_of_one_meter_make_one_device_in_any_order(
    said: list[tuple[str, str]], more: list[tuple[str, str]]
) -> None:
    """A law: once a configuration has told all names, every report of that meter finds the same device.

    Before it, an event that is named otherwise than the ones before may make a device of its own; then the
    configuration lists that.
    """
    for configuration in permutations([SERIAL, MRID, UTILITY, KIND]):
        park = Park()
        first = park.learns(*said)
        last = park.learns(*configuration)
        assert {park.hears(one) for one in [*said, *more]} == {last} == {first}
        assert park.listed == []


def test_claims_are_made_once(park: Park) -> None:
    names = [Identifier(*one) for one in CONFIGURATION]
    made = place(park.known, "north", names, teaches=True).made
    assert made == [Claim("north", one, ("north/S1",)) for one in names]
    assert place(park.known, "north", names, teaches=True).made == []
