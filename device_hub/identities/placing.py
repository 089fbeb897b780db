"""Reports find their devices: at once from the cache, else a whole batch with two queries and one insert."""

import asyncio
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final, Protocol

from meterpark.device_hub.v1.report_pb2 import Identifier as WireIdentifier
from meterpark.device_hub.v1.report_pb2 import Origin, Report
from pymongo.errors import AutoReconnect, PyMongoError

from device_hub.device.values import Identifier
from device_hub.identities.parents import name_parents, names_parent
from device_hub.identities.rules.claims import (
    Claim,
    Claims,
    Conflict,
    Follow,
    Known,
    Look,
    NotAtHand,
    StoredClaims,
)
from device_hub.identities.rules.doubts import nil_values
from device_hub.identities.rules.names import (
    STRONG,
    identifiers_of,
    look_of,
    nil_values_of,
    teaches,
    telling_kinds,
)
from device_hub.identities.rules.resolution import Placed, place
from device_hub.identities.stored.cache import Cache
from device_hub.identities.stored.joined import Joined
from device_hub.wire.verdicts import told

_MOST_ATTEMPTS: Final = 4


class Listing(Protocol):
    """The list of conflicts, for operators."""

    def is_listed(self, conflict: Conflict) -> bool:
        """Return whether the conflict needs no query of the list."""
        ...

    async def note(self, conflicts: Iterable[tuple[Conflict, Origin]]) -> None:
        """List those that are not listed yet."""
        ...


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Reports, by their position, that could not be placed now, and why."""

    positions: frozenset[int]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A subject that is called ``said``. With ``device_id`` it is that device, whatever its names."""

    network: str
    said: Sequence[Identifier]
    teaches: bool = True
    telling: AbstractSet[str] = STRONG
    nil: Sequence[Identifier] = ()
    origin: Origin = field(default_factory=Origin)
    device_id: str = ""


@dataclass(slots=True, kw_only=True)
class Identities:
    """One per process: its lock is what makes a batch see what the batch before it has claimed."""

    claims: StoredClaims
    conflicts: Listing
    joined: Joined
    cache: Cache
    _placing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def place(self, reports: Sequence[Report]) -> Unplaced | None:
        """Give each report the identifier of its device, and the names that the device learns from it.

        The reports are well formed. Returns those that cannot be recorded now, because of trouble with the database.
        """
        waiting: set[Look] = set()
        unknown = [
            position
            for position, one in enumerate(reports)
            if not self._place_at_once(one, waiting)
        ]
        if unknown:
            try:
                async with self._placing:
                    await self._place_all([reports[position] for position in unknown])
            except PyMongoError as error:
                return Unplaced(frozenset(unknown), told(error))
        children = [position for position, one in enumerate(reports) if names_parent(one)]
        try:
            await name_parents(
                [reports[position] for position in children],
                self.cache,
                self.claims,
                self.joined.follow,
            )
        except PyMongoError as error:
            return Unplaced(frozenset(children), told(error))
        return None

    def _place_at_once(self, report: Report, waiting: set[Look]) -> bool:
        """Place a report when everything about it is known and nothing is new; False: query the database.

        ``waiting``: how the names of those reports of the batch look that are asked for and not placed yet. What they
        may change is not known until they are.
        """
        said = identifiers_of(report)
        looks = [(report.network, look_of(one.value)) for one in said]
        if waiting.isdisjoint(looks) and self._place_known(
            report, said, looks, behind=bool(waiting)
        ):
            return True
        waiting.update(looks)
        return False

    def _place_known(
        self, report: Report, said: Sequence[Identifier], looks: Sequence[Look], *, behind: bool
    ) -> bool:
        """``behind``: others wait, who may change the names that devices have, but no claim on these looks."""
        known = Known(self.joined.follow, remembered=self.cache.names_of)
        owners: set[str | None] = set()
        for one, look in zip(said, looks, strict=True):
            claims = self.cache.get(look)
            if claims is None:
                return False
            known.by_look[look] = claims
            owners.add(_only_owner(claims, one, self.joined.follow))
        if len(owners) == 1 and not report.nil_identifiers and (owner := owners.pop()):
            # By far the most: all its names are one device's, and nothing looks like them.
            _write(report, owner, said if teaches(report) else ())
            return True
        try:
            placed = place(
                known,
                report.network,
                said,
                teaches=teaches(report),
                telling=telling_kinds(report),
            )
        except NotAtHand:
            return False
        if placed.made or placed.shared or (behind and known.asked):
            return False
        placed.conflicts += nil_values(report.network, nil_values_of(report), placed.device_id)
        if not all(self.conflicts.is_listed(one) for one in placed.conflicts):
            return False
        _write(report, placed.device_id, placed.learned)
        return True

    async def adopt(self, devices: Sequence[Named]) -> None:
        """Claim for each of these devices, which the journal has, the names that the journal knows."""
        async with self._placing:
            await self._settle(devices)

    async def _place_all(self, reports: Sequence[Report]) -> None:
        placed = await self._settle(
            [
                Named(
                    network=report.network,
                    said=identifiers_of(report),
                    teaches=teaches(report),
                    telling=telling_kinds(report),
                    nil=nil_values_of(report),
                    origin=report.origin,
                )
                for report in reports
            ]
        )
        for report, one in zip(reports, placed, strict=True):
            _write(report, one.device_id, one.learned)

    async def _settle(self, named: Sequence[Named]) -> list[Placed]:
        """Decide where each belongs, and store what follows; returns when that is safe."""
        for _ in range(_MOST_ATTEMPTS):
            forgotten = self.cache.forgotten
            known = await self._gather(named)
            placed = [
                place(
                    known,
                    one.network,
                    one.said,
                    teaches=one.teaches,
                    telling=one.telling,
                    device_id=one.device_id,
                )
                for one in named
            ]
            made = [claim for one in placed for claim in one.made]
            lost = await self.claims.make(made)
            if not lost:
                break
            await self._give_way(made, lost)
        else:
            raise AutoReconnect("other replicas of the hub were faster to claim these names")
        await self.claims.share([claim for one in placed for claim in one.shared])
        await self.conflicts.note(
            (conflict, one.origin)
            for one, found in zip(named, placed, strict=True)
            for conflict in (
                *found.conflicts,
                *nil_values(one.network, one.nil, found.device_id),
            )
        )
        for look, claims in known.by_look.items():
            self.cache.put(look, claims, forgotten=forgotten)
        self._keep_names(known, placed, forgotten)
        return placed

    def _keep_names(self, known: Known, placed: Sequence[Placed], forgotten: int) -> None:
        """Keep the requested names of devices that learned nothing: they may be needed again."""
        changed = {
            self.joined.follow(device)
            for one in placed
            for claim in (*one.made, *one.shared)
            for device in claim.devices
        }
        for device_id in known.asked - changed:
            names = frozenset(known.names_of(device_id))
            self.cache.put_names(device_id, names, forgotten=forgotten)
        if changed:
            self.cache.forget_names(changed)

    async def _gather(self, named: Sequence[Named]) -> Known:
        """Read what is known about these names: claims, and all names of the devices that they belong to."""
        known = Known(self.joined.follow)
        missing: set[Look] = set()
        for each in named:
            for one in each.said:
                look = each.network, look_of(one.value)
                cached = self.cache.get(look)
                if cached is None:
                    missing.add(look)
                else:
                    known.learn(look, cached.values())
        for look, claims in (await self.claims.find(missing)).items():
            known.learn(look, claims)
        owners = {
            device
            for claims in known.by_look.values()
            for claim in claims.values()
            for device in claim.devices
        }
        for claim in await self.claims.of_devices(self.joined.with_their_parts(owners)):
            known.note_names(claim)
        return known

    async def _give_way(self, made: Sequence[Claim], lost: Sequence[Claim]) -> None:
        """Another replica was faster with a name: what was claimed for the same device here is decided again."""
        beaten = {claim.devices for claim in lost}
        await self.claims.withdraw(
            claim for claim in made if claim.devices in beaten and claim not in lost
        )
        for claim in made:
            self.cache.forget(claim.look)


def _only_owner(claims: Claims, one: Identifier, follow: Follow) -> str | None:
    """Return whose the identifier is when it is one device's and nothing else looks like it."""
    claim = claims.get(one)
    if claim is None or len(claims) != 1 or len(claim.devices) != 1:
        return None
    return follow(claim.devices[0])


def _write(report: Report, device_id: str, learned: Sequence[Identifier]) -> None:
    identifier = device_id.partition("/")[2]
    if report.device_identifier != identifier:
        report.device_identifier = identifier
    report.ClearField("identifiers")
    report.identifiers.extend(WireIdentifier(scheme=one.scheme, value=one.value) for one in learned)
