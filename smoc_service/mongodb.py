"""The register's MongoDB: how it is reached, and what it does with times."""

from datetime import datetime
from typing import Any

from pymongo import AsyncMongoClient

from change_streams import let_waits_be_cancelled

Document = dict[str, Any]

# For calls, and the few streams that this process follows; more at once wait for each other.
_CONNECTIONS_AT_MOST = 60


def open_client(url: str, **login: Any) -> AsyncMongoClient[Document]:
    """Return a client that has not connected yet; ``login`` holds the password of the URL's user, if the URL has none.

    A write is stored by a majority, on disk, or raises. The time limits turn trouble of the database into an error
    within seconds, and callers try again.
    """
    let_waits_be_cancelled()
    return AsyncMongoClient(
        url,
        **login,
        w="majority",
        journal=True,
        wTimeoutMS=10_000,
        readConcernLevel="majority",
        tz_aware=True,
        retryReads=True,
        retryWrites=True,
        serverSelectionTimeoutMS=5_000,
        connectTimeoutMS=5_000,
        socketTimeoutMS=30_000,
        waitQueueTimeoutMS=5_000,
        maxPoolSize=_CONNECTIONS_AT_MOST,
        appName="smoc_service",
    )


def as_stored(moment: datetime) -> datetime:
    """Return ``moment`` as it will be read again, in whole milliseconds."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
