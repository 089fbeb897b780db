"""The hub's metrics: declared here, once, and taken from what its parts note anyway."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import Report
from pymongo.errors import PyMongoError

from bearer_tokens.service_token import ServiceToken
from device_hub.actors.residents import Residents
from device_hub.journal.journal import CommitsNoted
from device_hub.quarantine.counts import ReasonCount, TooManyToCount
from device_hub.quarantine.store import Quarantine
from device_hub.register.gaps import RegisterGaps
from device_hub.status.progress import RecordsReports, WatchedDeliveries
from service_chassis.scope import EVERYTHING
from service_metrics.calls import CALL_METRICS
from service_metrics.declared import LONG_SECONDS, SIZES, counter, gauge, histogram
from service_metrics.instruments import Counts, Instruments, Measured
from service_metrics.telling import ALWAYS
from service_status.health import ProgressHealth
from service_status.metrics import HOP_METRICS, observe_hops

Document = dict[str, Any]

# Behind a door that reads no message: what a shipment file says.
SHIPMENT: Final = "shipment"
# What a head-end system wrote; more of it tells nothing.
_LONGEST_WORD: Final = 64
_PREFIX: Final = "OUTCOME_"

REPORTS: Final = counter(
    "meterpark.reports",
    "{report}",
    "Reports that got a verdict. One that is postponed comes again and gets another one.",
    {
        "network": "the network of the device",
        "noun": "the noun of the message, as it was written; `shipment` for a row of a shipment file",
        "verdict": "recorded, unchanged, refused, postponed",
    },
)
BATCH: Final = histogram(
    "meterpark.batch.reports", "{report}", "Reports in one call of a connector.", bounds=SIZES
)
COMMITS: Final = counter(
    "meterpark.journal.commits", "{commit}", "Commits that are on disk on a majority."
)
GROUP: Final = histogram(
    "meterpark.journal.group", "{commit}", "Commits that shared one insert.", bounds=SIZES
)
INSERT: Final = histogram(
    "db.client.operation.duration",
    "s",
    "How long an insert into the journal took, until a majority had it on disk.",
    {
        "db.system.name": "mongodb",
        "db.collection.name": "commits",
        "db.operation.name": "insert",
        "error.type": "the kind of the database's trouble; empty without one",
    },
)
CONFLICTS: Final = counter(
    "meterpark.turns.conflicts",
    "{commit}",
    "Commits that another writer was faster with: the turn recalls and decides again.",
)
DUPLICATES: Final = counter(
    "meterpark.turns.duplicates",
    "{report}",
    "Reports that were found in the journal already: they count once.",
)
RESIDENTS: Final = gauge(
    "meterpark.devices.resident", "{device}", "Devices whose actors are awake in this process."
)
REMEMBERED: Final = gauge(
    "meterpark.devices.remembered", "{device}", "Of these, those whose state is in memory."
)
POSITION: Final = gauge(
    "meterpark.follower.position",
    "s",
    "When the newest commit was made that the follower delivered since the start, as seconds since 1970.",
)
DELIVERED: Final = counter(
    "meterpark.follower.commits", "{commit}", "Commits that the follower brought to the register."
)
DELAY: Final = histogram(
    "meterpark.register.delay",
    "s",
    "From a commit until the register holds it; of each delivery the oldest.",
    bounds=LONG_SECONDS,
)
COMPARED: Final = counter(
    "meterpark.register.compared",
    "{device}",
    "Devices of which journal and register were compared.",
)
REPAIRED: Final = counter(
    "meterpark.register.repaired",
    "{device}",
    "Devices that the register did not hold as the journal does, and that were brought to it again.",
)
MISSING: Final = gauge(
    "meterpark.register.missing",
    "{device}",
    "Devices that the register refuses, or does not hold after a repair; up to 1,000 are known.",
)
QUARANTINED: Final = gauge(
    "meterpark.quarantine.messages",
    "{message}",
    "Messages in the quarantine that are not resolved.",
    {"reason": "why, as `meterpark quarantine list` says it", "state": "open, replay_requested"},
)
QUARANTINE_AGE: Final = gauge(
    "meterpark.quarantine.age",
    "s",
    "How long the oldest open message of a reason has been waiting for a person.",
    {"reason": "why, as `meterpark quarantine list` says it"},
)
RENEWALS: Final = counter(
    "meterpark.token.renewals",
    "{renewal}",
    "Renewals of the hub's own token for the register.",
    {"outcome": "renewed, refused (by Keycloak), unavailable (Keycloak)"},
)
TOKEN_LEFT: Final = gauge(
    "meterpark.token.left",
    "s",
    "How long the hub's token is still good; 0 without one. It is renewed in the last third of its life.",
)

METRICS: Final = (
    *(REPORTS, BATCH, COMMITS, GROUP, INSERT, CONFLICTS, DUPLICATES, RESIDENTS, REMEMBERED),
    *(POSITION, DELIVERED, DELAY, COMPARED, REPAIRED, MISSING),
    *(QUARANTINED, QUARANTINE_AGE, RENEWALS, TOKEN_LEFT),
    *CALL_METRICS,
    *HOP_METRICS,
    *ALWAYS,
)


@dataclass(frozen=True, slots=True)
class MeasuredDoor:
    """A door for reports that counts its verdicts, per batch. ``noun``: of all its reports; None: as each says."""

    door: RecordsReports
    counts: Counts
    noun: str | None = None
    size: Callable[[float], None] = lambda _: None

    async def record(self, reports: Sequence[Report]) -> list[Verdict]:
        self.size(len(reports))
        verdicts = await self.door.record(reports)
        ended = Counter(
            (report.network, self.noun or report.origin.noun, verdict.outcome)
            for report, verdict in zip(reports, verdicts, strict=True)
        )
        for (network, noun, outcome), count in ended.items():
            self.counts.add(
                network[:_LONGEST_WORD],
                noun[:_LONGEST_WORD],
                Verdict.Outcome.Name(outcome).removeprefix(_PREFIX).lower(),
                count=count,
            )
        return verdicts


class HubMeasured:
    """What the hub's parts are told to note, and who counts it."""

    def __init__(self, instruments: Instruments, now: Callable[[], datetime]) -> None:
        self._instruments = instruments
        self._now = now
        self._reports = instruments.counter(REPORTS)
        self._batch = instruments.histogram(BATCH)
        self._insert = instruments.histogram(INSERT)
        self._group = instruments.histogram(GROUP)
        self._delay = instruments.histogram(DELAY)
        self._delivered = instruments.counter(DELIVERED)
        self.commits = CommitsNoted(inserted=self._inserted)

    def reports(self, door: RecordsReports) -> RecordsReports:
        """Return the door of the connectors, measured."""
        return MeasuredDoor(door, self._reports, size=self._batch.record)

    def shipments(self, door: RecordsReports) -> RecordsReports:
        """Return the door of shipment files, measured."""
        return MeasuredDoor(door, self._reports, SHIPMENT)

    def delivered(self, commits: Sequence[Document]) -> None:
        """Note commits that the register holds."""
        self._delivered.add(count=len(commits))
        oldest = min(commit["committed_at"] for commit in commits)
        self._delay.record(max(0.0, (self._now() - oldest).total_seconds()))

    def observe(
        self,
        *,
        residents: Residents,
        deliveries: WatchedDeliveries,
        gaps: RegisterGaps,
        quarantine: Quarantine,
        token: ServiceToken,
        health: ProgressHealth,
    ) -> None:
        """Observe everything else, when somebody collects."""
        made, commits = self._instruments, self.commits

        def position() -> float | None:
            at = deliveries.position
            return None if at is None else at.timestamp()

        made.value(COMMITS, lambda: commits.stored)
        made.value(CONFLICTS, lambda: commits.moved)
        made.value(DUPLICATES, lambda: commits.repeated)
        made.value(RESIDENTS, lambda: len(residents))
        made.value(REMEMBERED, lambda: residents.remembered_count)
        made.value(POSITION, position)
        made.value(COMPARED, lambda: gaps.compared_count)
        made.value(REPAIRED, lambda: gaps.repaired_count)
        made.value(MISSING, lambda: gaps.missing_count)
        made.observe(RENEWALS, lambda: [(count, (how,)) for how, count in token.renewals.items()])
        made.value(TOKEN_LEFT, lambda: token.seconds_left)
        trouble = (PyMongoError, TooManyToCount)
        made.ask((QUARANTINED, QUARANTINE_AGE), lambda: self._quarantined(quarantine), trouble)
        observe_hops(made, health)

    async def _quarantined(self, quarantine: Quarantine) -> tuple[list[Measured], list[Measured]]:
        by_reason = await quarantine.count_by_reason(EVERYTHING)
        return [*_unresolved(by_reason)], [
            ((self._now() - one.oldest_at).total_seconds(), (one.reason,))
            for one in by_reason
            if one.oldest_at is not None
        ]

    def _inserted(self, count: int, seconds: float, trouble: str) -> None:
        self._group.record(count)
        self._insert.record(seconds, "mongodb", "commits", "insert", trouble)


def _unresolved(by_reason: Iterable[ReasonCount]) -> Iterable[Measured]:
    for one in by_reason:
        yield one.open_count, (one.reason, "open")
        yield one.replay_requested_count, (one.reason, "replay_requested")
