"""Two followers bring the same devices into one register; each believes that it alone does."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.errors import PyMongoError

from smoc_service.register.device import FACETS, Device, Facet, Provision, TimelineEntry
from smoc_service.register.documents import DEVICES, TIMELINE, facet_values
from smoc_service.register.known_states import STATES, state_id
from smoc_service.register.register import Register
from tests.specs.hub.schedules.choices import Choices
from tests.specs.hub.schedules.loop import PickingLoop
from tests.specs.smoc.schedules.database import Document, MemoryClient

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_POWER = FACETS["power"]
_UNKNOWN = {name: Facet(value=values[0]) for name, values in FACETS.items()}
_REVISIONS = 4
_NAMES = ("north/SN-1", "north/SN-2")
_MOST_ATTEMPTS = 60


class Wrong(AssertionError):
    """A promise was broken."""


def _device(name: str, revision: int) -> Device:
    at = NOON + timedelta(minutes=revision)
    power = Facet(value=_POWER[revision % len(_POWER)], as_of=at, cause="3.26.0.85")
    return Device(
        device_id=name,
        network="north",
        device_identifier=name.partition("/")[2],
        revision=revision,
        facets={**_UNKNOWN, "power": power},
        attributes={"model": f"model {revision // 2}"},
        updated_at=at,
    )


def _entry(revision: int) -> TimelineEntry:
    at = NOON + timedelta(minutes=revision)
    kind = "power-lost" if revision % 2 else "power-restored"
    return TimelineEntry(
        revision=revision, index=0, kind=kind, occurred_at=at, received_at=at, recorded_at=at
    )


_JOURNAL = [
    (_device(name, revision), _entry(revision))
    for revision in range(1, _REVISIONS + 1)
    for name in _NAMES
]


class _Client(MemoryClient):
    """Reads like a client of MongoDB: ``client[database][collection]``."""

    def __getitem__(self, name: str) -> Any:
        return _Database(self)


class _Database:
    def __init__(self, client: MemoryClient) -> None:
        self._client = client

    def __getitem__(self, name: str) -> Any:
        return self._client.collection(name)


OpenRegister = Callable[[Any], Register]


def open_register(client: Any) -> Register:
    return Register(client, "smoc")


class World:
    def __init__(self, choices: Choices, client: MemoryClient, open_: OpenRegister) -> None:
        self._choices = choices
        self._client = client
        self._open = open_
        client.replaced = self._replaced

    async def run(self) -> None:
        """Let both followers come to the end of the journal; raise Wrong."""
        async with asyncio.TaskGroup() as together:
            for _ in range(2):
                together.create_task(self._follow())
        await self._client.come_to_rest()
        self._look()

    async def _follow(self) -> None:
        """Deliver group by group; begin again behind the last group that was stored, as a process that died does."""
        at = attempts = 0
        while at < len(_JOURNAL):
            attempts += 1
            if attempts > _MOST_ATTEMPTS:
                raise Wrong("a follower never comes to the end")
            size = 1 + self._choices.pick(4)
            work = self._open(self._client).provision(_provisions(_JOURNAL[at : at + size]))
            delivery = asyncio.get_running_loop().create_task(work)
            dies = self._choices.one_in(6)
            try:
                await asyncio.wait_for(delivery, 0.001 if dies else None)
            except (PyMongoError, TimeoutError):
                await asyncio.sleep(0.05)
                continue
            at += size

    def _replaced(self, name: str, before: Document | None, after: Document) -> None:
        """Look at each document of a device in the moment in which it takes the place of another."""
        if name != DEVICES:
            return
        revision = after["revision"]
        if before is not None and revision < before["revision"]:
            raise Wrong(f"revision {revision} took the place of {before['revision']}")
        if before is not None and revision > before["revision"]:
            was = after.get("was", facet_values(after))
            if was != facet_values(before):
                raise Wrong(f"revision {revision} says that it took the place of another one")
        held = self._entries(after["_id"])
        if lacking := set(range(1, revision + 1)) - held:
            raise Wrong(f"revision {revision} is shown, and the timeline lacks {lacking}")

    def _entries(self, device_id: str) -> set[int]:
        found = self._client.collection(TIMELINE).documents.values()
        return {one["_id"]["revision"] for one in found if one["_id"]["device_id"] == device_id}

    def _look(self) -> None:
        devices = self._client.collection(DEVICES).documents
        states = self._client.collection(STATES).documents
        for name in _NAMES:
            device = devices[name]
            wanted = _device(name, _REVISIONS)
            told = {"revision": device["revision"], "power": device["power"]["value"]}
            if told != {"revision": _REVISIONS, "power": wanted.facets["power"].value}:
                raise Wrong(f"{name} ends as {told}")
            if self._entries(name) != set(range(1, _REVISIONS + 1)):
                raise Wrong(f"{name}: the timeline holds {self._entries(name)}")
            mark = state_id(name, device["state"])
            if tuple(mark.items()) not in states:
                raise Wrong(f"{name} points to a state that is not there")


def _provisions(group: Sequence[tuple[Device, TimelineEntry]]) -> list[Provision]:
    made: dict[str, Provision] = {}
    for device, entry in group:
        before = made.get(device.device_id, Provision(device=device))
        made[device.device_id] = replace(before, device=device, entries=[*before.entries, entry])
    return list(made.values())


def run_register_schedule(
    choices: Choices, *, faults: int = 4, open_: OpenRegister = open_register, **defects: Any
) -> None:
    """Run one schedule; raise what is wrong with it."""

    async def world() -> None:
        await World(choices, _Client(choices, faults, **defects), open_).run()

    PickingLoop.run(choices, world)
