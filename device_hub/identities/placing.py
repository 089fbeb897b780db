"""Reports find their devices: at once from the cache, else a whole batch with two queries and one insert."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from meterpark.device_hub.v1.report_pb2 import Identifier as WireIdentifier
from meterpark.device_hub.v1.report_pb2 import Origin, Report
from pymongo.errors import AutoReconnect, PyMongoError

from device_hub.device.values import Identifier
from device_hub.identities.cache import Cache
from device_hub.identities.claim_store import ClaimStore
from device_hub.identities.claims import Claim, Conflict, Kind, Known, Look, may_share
from device_hub.identities.conflict_list import ConflictList
from device_hub.identities.joined import Joined
from device_hub.identities.names import STRONG, identifiers_of, look_of, teaches
from device_hub.identities.parents import name_parents, names_parent
from device_hub.identities.resolution import Placed, owner_among, place
from device_hub.wire.verdicts import told

_MOST_ATTEMPTS: Final = 4


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Reports, by their position, that could not be placed now, and why."""

    positions: frozenset[int]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Something that is called ``said``; ``device_id``: and is this device, whatever it is called."""

    network: str
    said: Sequence[Identifier]
    teaches: bool = True
    origin: Origin = field(default_factory=Origin)
    device_id: str = ""


@dataclass(slots=True, kw_only=True)
class Identities:
    """One per process: its lock is what makes a batch see what the batch before it has claimed."""

    claims: ClaimStore
    conflicts: ConflictList
    joined: Joined
    cache: Cache
    _placing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def place(self, reports: Sequence[Report]) -> Unplaced | None:
        """Give each report the identifier of its device, and the names that the device learns from it.

        The reports are well formed. What is returned is not to be recorded now: trouble with the database.
        """
        unknown = [position for position, one in enumerate(reports) if not self._place_at_once(one)]
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

    def _place_at_once(self, report: Report) -> bool:
        """Place a report of which everything is known and nothing is news; False: ask the database."""
        network, value = report.network, report.device_identifier
        claims = self.cache.get((network, look_of(value)))
        if claims is None:
            return False
        said = identifiers_of(report)
        device_id = owner_among(claims, network, said[0], self.joined.follow)
        if device_id is None:
            return False
        learned: list[Identifier] = []
        learning = teaches(report)
        for one in said if learning else said[1:]:
            known = self.cache.get((network, look_of(one.value)))
            exact = known.get(one) if known is not None else None
            if exact is None:
                if learning:
                    return False
            elif self._is_news(exact, device_id, learning=learning):
                return False
            elif learning and exact.owner(self.joined.follow) == device_id:
                learned.append(one)
        _write(report, device_id, learned)
        return True

    def _is_news(self, claim: Claim, device_id: str, *, learning: bool) -> bool:
        """Whether the claim contradicts that the device has the name, and nobody was told so far."""
        owner = claim.owner(self.joined.follow)
        if owner == device_id:
            return False
        strong = claim.identifier.scheme in STRONG
        if owner is None:
            return learning and may_share(claim, device_id, self.joined.follow)
        if not (strong or learning):
            return False
        return not self.conflicts.is_listed(
            Conflict(claim.network, Kind.CLAIMED_BY_ANOTHER, claim.identifier, device_id, owner)
        )

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
                place(known, one.network, one.said, teaches=one.teaches, device_id=one.device_id)
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
            for conflict in found.conflicts
        )
        for look, claims in known.by_look.items():
            self.cache.put(look, claims, forgotten=forgotten)
        return placed

    async def _gather(self, named: Sequence[Named]) -> Known:
        """Read what these names are known to be: claims, and the strong names of whom they belong to."""
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
        for claim in await self.claims.strong_of(self.joined.with_their_parts(owners)):
            known.note_strong(claim)
        return known

    async def _give_way(self, made: Sequence[Claim], lost: Sequence[Claim]) -> None:
        """Another replica was faster with a name: what was claimed for the same device here is decided anew."""
        beaten = {claim.devices for claim in lost}
        await self.claims.withdraw(
            claim for claim in made if claim.devices in beaten and claim not in lost
        )
        for claim in made:
            self.cache.forget(claim.look)


def _write(report: Report, device_id: str, learned: Sequence[Identifier]) -> None:
    identifier = device_id.partition("/")[2]
    if report.device_identifier != identifier:
        report.device_identifier = identifier
    report.ClearField("identifiers")
    report.identifiers.extend(WireIdentifier(scheme=one.scheme, value=one.value) for one in learned)
