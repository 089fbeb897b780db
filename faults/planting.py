"""Errors of each kind, planted into the databases, to see that the checker finds them: and taken out again.

Where nothing is wrong, a checker that finds nothing proves little. So a run ends with this, on its own data.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from faults.checking.check import Wrong
from faults.checking.reading import HUB, REGISTER
from faults.ledger.ledger import in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pymongo import MongoClient
    from pymongo.collection import Collection

    from faults.ledger.ledger import Ledger

Document = dict[str, Any]
_SPARE: Final = 1_000_000
_ENOUGH: Final = 3


@dataclass(frozen=True, slots=True)
class Victim:
    """A device with several messages, and the collections in which an error is planted."""

    client: MongoClient[Document]
    ledger: Ledger
    device_id: str
    # Of those that leave a trace, in order.
    message_ids: Sequence[str]

    @property
    def commits(self) -> Collection[Document]:
        return self.client[HUB]["commits"]

    @property
    def heads(self) -> Collection[Document]:
        return self.client[HUB]["heads"]

    @property
    def quarantine(self) -> Collection[Document]:
        return self.client[HUB]["quarantine"]

    @property
    def devices(self) -> Collection[Document]:
        return self.client[REGISTER]["devices"]

    @property
    def timeline(self) -> Collection[Document]:
        return self.client[REGISTER]["timeline"]

    @property
    def alarms(self) -> Collection[Document]:
        return self.client[REGISTER]["alarms"]

    def commit(self, place: int) -> Document:
        """Return the commit of the device's message at that place."""
        return _one(
            self.commits,
            {"device_id": self.device_id, "origin.message_id": self.message_ids[place]},
        )

    def poisoned(self) -> Document:
        """Return a message that lies in the quarantine, as it should."""
        for message in self.quarantine.find():
            body = bytes(message.get("body", b""))
            if any(name.encode() in body for name in self.ledger.planted):
                return message
        raise LookupError("no poison lies in the quarantine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """An error, the kind under which it must be found, and how it gets there."""

    name: str
    wrong: Wrong
    plant: Callable[[Victim], None]


def victim_of(client: MongoClient[Document], ledger: Ledger) -> Victim:
    """Return a device that enough was said of."""
    for device_id, said in in_order(ledger.statements).items():
        traced = [each.message_id for each in said if each.leaves_trace]
        if len(traced) >= _ENOUGH:
            return Victim(client, ledger, device_id, traced)
    raise LookupError("no device has three messages that leave a trace")


@contextmanager
def planted(victim: Victim, plant: Plant) -> Iterator[None]:
    """Plant an error; afterwards all that can have changed is as before."""
    touched: tuple[tuple[Collection[Document], Document], ...] = (
        (victim.commits, {"device_id": victim.device_id}),
        (victim.heads, {"_id": victim.device_id}),
        (victim.devices, {"_id": victim.device_id}),
        (victim.timeline, {"_id.device_id": victim.device_id}),
        (victim.alarms, {"device_id": victim.device_id}),
        (victim.quarantine, {}),
    )
    before = [list(collection.find(query)) for collection, query in touched]
    plant.plant(victim)
    try:
        yield
    finally:
        for (collection, query), documents in zip(touched, before, strict=True):
            collection.delete_many(query)
            if documents:
                collection.insert_many(documents)


def _a_commit_is_gone(victim: Victim) -> None:
    victim.commits.delete_one({"_id": victim.commit(1)["_id"]})


def _the_last_commit_is_gone(victim: Victim) -> None:
    victim.commits.delete_one({"_id": victim.commit(-1)["_id"]})


def _poison_is_gone(victim: Victim) -> None:
    victim.quarantine.delete_one({"_id": victim.poisoned()["_id"]})


def _a_message_counts_twice(victim: Victim) -> None:
    commit = victim.commit(1)
    newest = victim.commits.count_documents({"device_id": victim.device_id})
    del commit["_id"]
    again = {"revision": newest + 1, "report_id": f"{commit['report_id']}-again"}
    victim.commits.insert_one(commit | again)


def _poison_lies_there_twice(victim: Victim) -> None:
    message = victim.poisoned()
    victim.quarantine.insert_one(message | {"_id": f"{message['_id']}-again"})


def _two_commits_change_places(victim: Victim) -> None:
    first, second = victim.commit(1), victim.commit(2)
    for one, revision in (
        (first, _SPARE),
        (second, first["revision"]),
        (first, second["revision"]),
    ):
        victim.commits.update_one({"_id": one["_id"]}, {"$set": {"revision": revision}})


def _the_register_is_behind(victim: Victim) -> None:
    victim.devices.update_one({"_id": victim.device_id}, {"$inc": {"revision": -1}})


def _a_facet_differs(victim: Victim) -> None:
    victim.devices.update_one({"_id": victim.device_id}, {"$set": {"switch.value": "NEITHER"}})


def _an_entry_is_missing(victim: Victim) -> None:
    entry = _one(victim.timeline, {"_id.device_id": victim.device_id})
    victim.timeline.delete_one({"_id": entry["_id"]})


def _an_entry_says_something_else(victim: Victim) -> None:
    entry = _one(victim.timeline, {"_id.device_id": victim.device_id, "code": {"$gt": ""}})
    victim.timeline.update_one({"_id": entry["_id"]}, {"$set": {"code": "0.0.0.0"}})


def _the_head_is_behind(victim: Victim) -> None:
    victim.heads.update_one({"_id": victim.device_id}, {"$inc": {"revision": -1}})


def _an_alarm_is_raised_for_nothing(victim: Victim) -> None:
    raised = {"device_id": victim.device_id, "rule": "tamper-detected", "unresolved": True}
    if victim.alarms.find_one(raised):
        victim.alarms.update_many(raised, {"$unset": {"unresolved": ""}})
    else:
        subject = f"{victim.device_id} planted"
        victim.alarms.insert_one({"_id": subject, "subject": subject, **raised})


def _a_sound_message_is_put_aside(victim: Victim) -> None:
    message = victim.poisoned()
    sound = {
        "_id": f"{message['_id']}-sound",
        "message_id": victim.message_ids[0],
        "body": victim.message_ids[0].encode(),
    }
    victim.quarantine.insert_one(message | sound)


PLANTS: Final = (
    Plant(name="a commit is gone", wrong=Wrong.LOST, plant=_a_commit_is_gone),
    Plant(name="the last commit is gone", wrong=Wrong.LOST, plant=_the_last_commit_is_gone),
    Plant(name="poison is gone", wrong=Wrong.LOST, plant=_poison_is_gone),
    Plant(name="a message counts twice", wrong=Wrong.DOUBLED, plant=_a_message_counts_twice),
    Plant(name="poison lies there twice", wrong=Wrong.DOUBLED, plant=_poison_lies_there_twice),
    Plant(
        name="two commits change places", wrong=Wrong.MISORDERED, plant=_two_commits_change_places
    ),
    Plant(name="the register is behind", wrong=Wrong.DIVERGED, plant=_the_register_is_behind),
    Plant(name="a facet differs", wrong=Wrong.DIVERGED, plant=_a_facet_differs),
    Plant(name="an entry is missing", wrong=Wrong.DIVERGED, plant=_an_entry_is_missing),
    Plant(
        name="an entry says something else",
        wrong=Wrong.DIVERGED,
        plant=_an_entry_says_something_else,
    ),
    Plant(name="the head is behind", wrong=Wrong.DIVERGED, plant=_the_head_is_behind),
    Plant(
        name="an alarm too many, or one that is missing",
        wrong=Wrong.DIVERGED,
        plant=_an_alarm_is_raised_for_nothing,
    ),
    Plant(
        name="a sound message is put aside",
        wrong=Wrong.WRONGLY_QUARANTINED,
        plant=_a_sound_message_is_put_aside,
    ),
)


def _one(collection: Collection[Document], query: Document) -> Document:
    found = collection.find_one(query)
    if found is None:
        raise LookupError(f"{collection.name}: nothing is {query}")
    return found
