"""What pymongo says of a lock of its own while no server is there is trouble, not a defect."""

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from change_streams.stream import changes


class Database:
    """Opens streams that hold nothing."""

    async def watch(self, *_: Any, **__: Any) -> AbstractAsyncContextManager[None]:
        return nullcontext()


async def test_a_lost_lock_of_the_client_is_trouble_with_the_database() -> None:
    database: Any = Database()
    with pytest.raises(AutoReconnect):
        async with changes(database, [], patience_seconds=1):
            raise RuntimeError("Lock is not acquired")


async def test_any_other_defect_stays_one() -> None:
    database: Any = Database()
    with pytest.raises(RuntimeError, match="of our own"):
        async with changes(database, [], patience_seconds=1):
            raise RuntimeError("a defect of our own")
