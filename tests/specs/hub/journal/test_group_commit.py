"""Group commit: whose fault an insert is, told from what the database says."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from pymongo.errors import BulkWriteError

from device_hub.journal.group_commit import (
    DocumentRefused,
    GroupCommit,
    Inserted,
    KeyTaken,
    WriteFailed,
    written,
)

# What mongod says of a document -> whose fault that is.
CODES = {
    11000: KeyTaken,
    10334: DocumentRefused,  # BSONObjectTooLarge
    121: DocumentRefused,  # DocumentValidationFailure
    22: DocumentRefused,  # InvalidBSON
    14031: WriteFailed,  # OutOfDiskSpace
    10107: WriteFailed,  # NotWritablePrimary
    189: WriteFailed,  # PrimarySteppedDown
    11600: WriteFailed,  # InterruptedAtShutdown
    11602: WriteFailed,  # InterruptedDueToReplStateChange
    50: WriteFailed,  # MaxTimeMSExpired
    112: WriteFailed,  # WriteConflict
    24: WriteFailed,  # LockTimeout
    8: WriteFailed,  # UnknownError
    13: WriteFailed,  # Unauthorized
    1: WriteFailed,  # InternalError
    99_999: WriteFailed,  # a code that nobody knows yet
}


class Collection:
    """Takes what it is given, up to the document at which it is told to fail."""

    def __init__(self, code: int, *, at: int, majority: bool = True) -> None:
        self.code = code
        self.at = at
        self.majority = majority
        self.taken: list[int] = []

    async def insert_many(self, documents: Sequence[Any], *, ordered: bool) -> None:
        await asyncio.sleep(0)
        errors = []
        for index, document in enumerate(documents):
            if document["number"] == self.at:
                errors.append({"index": index, "code": self.code, "errmsg": "no"})
                if ordered:
                    break
            else:
                self.taken.append(document["number"])
        concerns = [] if self.majority else [{"code": 64, "errmsg": "no majority"}]
        if errors or concerns:
            raise BulkWriteError({"writeErrors": errors, "writeConcernErrors": concerns})


def chain(*numbers: int) -> list[Any]:
    return [written({"number": number}) for number in numbers]


async def told_of_chains(collection: Any) -> list[Inserted]:
    group = GroupCommit(collection)
    return await asyncio.gather(
        *(group.insert_chain(chain(*numbers)) for numbers in ((1, 2, 3), (4, 5, 6), (7, 8, 9)))
    )


@pytest.mark.parametrize(("code", "kind"), CODES.items())
async def test_a_lone_document_is_blamed_for_its_own_faults_only(
    code: int, kind: type[Exception]
) -> None:
    group = GroupCommit(Collection(code, at=2))  # type: ignore[arg-type]
    told = await asyncio.gather(
        *(group.insert({"number": number}) for number in (1, 2, 3)), return_exceptions=True
    )
    assert [type(each) for each in told] == [type(None), kind, type(None)]


@pytest.mark.parametrize(("code", "kind"), CODES.items())
async def test_a_chain_learns_how_far_it_came_and_whose_fault_that_is(
    code: int, kind: type[Exception]
) -> None:
    collection = Collection(code, at=5)
    first, broken, third = await told_of_chains(collection)
    assert first == Inserted(3)
    assert (broken.count, type(broken.stop)) == (1, kind)
    if kind is WriteFailed:
        # The database is in trouble: it is not asked once for each chain that waits.
        assert (third.count, type(third.stop)) == (0, WriteFailed)
        assert collection.taken == [1, 2, 3, 4]
    else:
        assert third == Inserted(3)
        assert collection.taken == [1, 2, 3, 4, 7, 8, 9]


async def test_nothing_is_acknowledged_that_may_lack_its_majority() -> None:
    told = await told_of_chains(Collection(11000, at=5, majority=False))
    assert [each.count for each in told] == [0, 0, 0]
    assert all(isinstance(each.stop, BulkWriteError) for each in told)


async def test_what_nobody_waits_for_any_more_is_not_sent_once_the_database_goes_on() -> None:
    """A hanging database would gather a copy of each report at every attempt, and take them all at the end."""
    begun, goes_on = asyncio.Event(), asyncio.Event()

    class Hanging(Collection):
        async def insert_many(self, documents: Sequence[Any], *, ordered: bool) -> None:
            begun.set()
            await goes_on.wait()
            await super().insert_many(documents, ordered=ordered)

    collection = Hanging(11000, at=0)
    group = GroupCommit(collection, pace_seconds=0)  # type: ignore[arg-type]
    under_way = asyncio.create_task(group.insert_chain(chain(1, 2)))
    await begun.wait()
    for _ in range(5):
        given_up = asyncio.create_task(group.insert_chain(chain(3, 4)))
        await asyncio.sleep(0)
        given_up.cancel()
    again = asyncio.create_task(group.insert_chain(chain(3, 4)))
    await asyncio.sleep(0)
    goes_on.set()
    assert (await under_way, await again) == (Inserted(2), Inserted(2))
    assert collection.taken == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "document", [{"nul\0": 1}, {"number": 2**70}, {"large": "x" * 17_000_000}, {"what": object()}]
)
async def test_what_cannot_be_written_down_is_refused_before_anything_is_sent(
    document: dict[str, Any],
) -> None:
    collection = Collection(11000, at=0)
    with pytest.raises(DocumentRefused):
        await GroupCommit(collection).insert(document)  # type: ignore[arg-type]
    assert collection.taken == []
