"""Puts the watches together: two streams of the database and one limit for all watchers."""

from typing import Final

from pymongo.asynchronous.database import AsyncDatabase

from service_chassis.tasks import run_together
from smoc_service.alarms.documents import ALARMS, alarm_from
from smoc_service.changes.recent import Followed, RecentChanges
from smoc_service.changes.watch import SIGN_OF_LIFE_SECONDS, Watch, Watchers
from smoc_service.mongodb import Document
from smoc_service.park.park import Park
from smoc_service.park.summary import ParkSummaries
from smoc_service.park.summary_watch import SummaryWatch
from smoc_service.register.documents import DEVICES, INTERNAL, device_from

# Of all kinds together. Each is a call under way, of which the server takes a bounded number.
WATCHERS_AT_MOST: Final = 1_000

DEVICES_FOLLOWED: Final = Followed(collection=DEVICES, without=INTERNAL, read=device_from)
# Most alarms of an outage are never listed: those do not leave the database.
ALARMS_FOLLOWED: Final = Followed(
    collection=ALARMS,
    that={"$or": [{"fullDocument.shown": True}, {"fullDocument.history.0": {"$exists": True}}]},
    read=alarm_from,
)


class Watches:
    def __init__(
        self,
        database: AsyncDatabase[Document],
        park: Park,
        watchers_at_most: int = WATCHERS_AT_MOST,
        sign_of_life_seconds: float = SIGN_OF_LIFE_SECONDS,
    ) -> None:
        self._watchers = Watchers(watchers_at_most)
        self._device_changes = RecentChanges(database, DEVICES_FOLLOWED)
        self._alarm_changes = RecentChanges(database, ALARMS_FOLLOWED)
        self.devices = Watch(self._device_changes, self._watchers, "watch", sign_of_life_seconds)
        self.alarms = Watch(
            self._alarm_changes, self._watchers, "watch alarms", sign_of_life_seconds
        )

        self.summaries = SummaryWatch(
            park, ParkSummaries(database, park), self._watchers, sign_of_life_seconds
        )

    @property
    def count(self) -> int:
        """How many watch now, of all kinds."""
        return self._watchers.count

    async def run(self) -> None:
        """Follow the watched collections, for ever."""
        await run_together(
            {
                "device changes": self._device_changes.run(),
                "alarm changes": self._alarm_changes.run(),
            }
        )

    def close(self) -> None:
        """Let every watcher go; it resumes with another process."""
        self._watchers.is_closed = True
        self._device_changes.wake()
        self._alarm_changes.wake()
