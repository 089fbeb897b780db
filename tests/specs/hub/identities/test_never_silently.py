"""A law: reports of two meters never lie on one device without a line on a person's list.

Whatever the order, cached or not, across restarts. Meters state strong names (mRID, serial number) of their own, and
names that several of them have. What no report contradicts nobody can know: so only reports that state a strong name
are compared.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from hypothesis import example, given
from hypothesis import strategies as st
from meterpark.device_hub.v1.report_pb2 import Configuration, Contact, Origin, Report
from meterpark.device_hub.v1.report_pb2 import Identifier as WireIdentifier

from device_hub.device.values import Identifier
from device_hub.identities.placing import Identities
from device_hub.identities.rules.claims import Claim, Conflict, Look
from device_hub.identities.stored.cache import Cache
from device_hub.identities.stored.joined import Joined

STRONG = ("mrid", "serial_number")
SHARED = [("utility_number", "U"), ("name/enddevice", "DEV"), ("", "PLAIN")]


@dataclass
class Claims:
    """Claims in memory, as the database keeps them."""

    kept: dict[tuple[str, Identifier], Claim] = field(default_factory=dict)
    asked: int = 0

    async def find(self, looks: Collection[Look]) -> dict[Look, list[Claim]]:
        self.asked += bool(looks)
        return {look: [one for one in self.kept.values() if one.look == look] for look in looks}

    async def of_devices(self, devices: Collection[str]) -> list[Claim]:
        self.asked += bool(devices)
        return [one for one in self.kept.values() if set(one.devices) & set(devices)]

    async def make(self, claims: Sequence[Claim]) -> list[Claim]:
        for claim in claims:
            self.kept[claim.network, claim.identifier] = claim
        return []

    async def withdraw(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            del self.kept[claim.network, claim.identifier]

    async def share(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            self.kept[claim.network, claim.identifier] = claim


@dataclass
class Listed:
    """The list that people look at, and what one process remembers of it."""

    all: set[Conflict] = field(default_factory=set)
    remembered: set[Conflict] = field(default_factory=set)

    def is_listed(self, conflict: Conflict) -> bool:
        return conflict in self.remembered

    async def note(self, conflicts: Iterable[tuple[Conflict, Origin]]) -> None:
        for conflict, _ in conflicts:
            self.all.add(conflict)
            self.remembered.add(conflict)


class Hub:
    def __init__(self, *, cached: int) -> None:
        self.claims, self.listed, self.joined = Claims(), Listed(), Joined()
        self.cached = cached
        self.start()

    def start(self) -> None:
        """Start the process anew: the database stays."""
        cache = Cache(max(self.cached, 1))
        cache.trust(watched=self.cached > 0)
        self.listed.remembered.clear()
        self.identities = Identities(
            claims=self.claims, conflicts=self.listed, joined=self.joined, cache=cache
        )

    def place(self, *reports: Report) -> list[str]:
        assert asyncio.run(self.identities.place(reports)) is None
        return [f"{one.network}/{one.device_identifier}" for one in reports]


@dataclass(frozen=True)
class Said:
    meter: int
    names: tuple[tuple[str, str], ...]
    teaches: bool

    @property
    def states_who(self) -> bool:
        return any(scheme in STRONG for scheme, _ in self.names)

    def report(self) -> Report:
        content = (
            {"configuration": Configuration(model="E450")}
            if self.teaches
            else {"contact": Contact(reading_count=1)}
        )
        return Report(
            network="north",
            device_identifier=self.names[0][1],
            identifiers=[WireIdentifier(scheme=kind, value=value) for kind, value in self.names],
            **content,
        )


@st.composite
def statements(draw: st.DrawFn) -> Said:
    meter = draw(st.integers(0, 2))
    own = [(scheme, f"{scheme}-{meter}") for scheme in STRONG]
    names = draw(st.lists(st.sampled_from([*own, *SHARED]), min_size=1, max_size=4, unique=True))
    # A chosen name of a kind is one that the source's setting calls telling.
    chosen = [one for one in names if one[0] in (*STRONG, "")] or [own[0]]
    first = draw(st.sampled_from(chosen))
    rest = [one for one in names if one != first]
    return Said(meter, (first, *rest), draw(st.booleans()))


_WEAK = (("", "PLAIN"), ("utility_number", "U"))
# The event that makes the device teaches nothing; then another meter's configuration finds it by the weak name.
MADE_BY_AN_EVENT = [
    Said(0, (*_WEAK, ("mrid", "mrid-0"), ("serial_number", "serial_number-0")), teaches=False),
    Said(0, (("mrid", "mrid-0"),), teaches=False),
    Said(1, (("mrid", "mrid-1"), ("serial_number", "serial_number-1"), *_WEAK), teaches=True),
]


@example(batches=[MADE_BY_AN_EVENT], cached=0, restarts=set())
@example(batches=[[one] for one in MADE_BY_AN_EVENT], cached=1000, restarts=set())
@given(
    batches=st.lists(st.lists(statements(), min_size=1, max_size=3), min_size=1, max_size=8),
    cached=st.sampled_from([0, 2, 1000]),
    restarts=st.sets(st.integers(0, 7)),
)
def test_no_two_reports_of_two_meters_are_joined_silently(
    batches: list[list[Said]], cached: int, restarts: set[int]
) -> None:
    hub = Hub(cached=cached)
    met: dict[str, set[int]] = {}
    for number, batch in enumerate(batches):
        if number in restarts:
            hub.start()
        for said, device in zip(batch, hub.place(*(one.report() for one in batch)), strict=True):
            if said.states_who:
                met.setdefault(device, set()).add(said.meter)
    told = {each for one in hub.listed.all for each in (one.device_id, one.other_device_id)}
    assert {device for device, meters in met.items() if len(meters) > 1} <= told


@given(said=st.lists(statements(), min_size=1, max_size=10))
def test_what_is_cached_decides_as_what_is_asked_for(said: list[Said]) -> None:
    asking, caching, small = Hub(cached=0), Hub(cached=1000), Hub(cached=2)
    for one in said:
        devices = {hub.place(one.report())[0] for hub in (asking, caching, small)}
        assert len(devices) == 1
    assert asking.listed.all == caching.listed.all == small.listed.all


# The last event is known and stands behind one that asks: it must not be placed before that one has told.
OVERTAKEN = [
    [
        Said(0, (("mrid", "mrid-0"),), teaches=False),
        Said(0, (*_WEAK, ("serial_number", "serial_number-0")), teaches=False),
    ],
    [
        Said(
            0,
            (("mrid", "mrid-0"), ("serial_number", "serial_number-0"), ("utility_number", "U")),
            teaches=True,
        ),
        Said(0, _WEAK, teaches=False),
    ],
]


@example(batches=OVERTAKEN, cached=1000)
@given(
    batches=st.lists(st.lists(statements(), min_size=1, max_size=3), min_size=1, max_size=5),
    cached=st.sampled_from([0, 2, 1000]),
)
def test_a_batch_is_placed_as_its_reports_are_one_after_the_other(
    batches: list[list[Said]], cached: int
) -> None:
    together, alone = Hub(cached=cached), Hub(cached=0)
    for batch in batches:
        one_by_one = [alone.place(one.report())[0] for one in batch]
        assert together.place(*(one.report() for one in batch)) == one_by_one
    assert together.listed.all == alone.listed.all
    assert together.claims.kept == alone.claims.kept


@given(said=st.lists(statements(), min_size=1, max_size=10))
def test_what_was_said_before_costs_no_query_whatever_contradicts(said: list[Said]) -> None:
    hub = Hub(cached=1000)
    for _ in range(3):
        hub.place(*(one.report() for one in said))
    hub.claims.asked = 0
    hub.place(*(one.report() for one in said))
    assert hub.claims.asked == 0
