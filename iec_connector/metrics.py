"""The connector's metrics: declared here, once, and taken from what its parts count anyway."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from iec_connector.counters import Counters
from iec_connector.feeds import FeedFacts
from iec_connector.forwarding.forwarding import HubRefused, HubUnavailable, Parcel, Record, Verdict
from iec_connector.progress import Progress, SourceProgress
from iec_connector.queue_depths import QueueDepths
from jms_transport.statistics import QueueDepth
from service_metrics.declared import LONG_SECONDS, SIZES, counter, gauge, histogram
from service_metrics.instruments import Instruments, Measured
from service_metrics.telling import ALWAYS
from service_status.health import ProgressHealth
from service_status.metrics import HOP_METRICS, observe_hops

_SYSTEM: Final = "activemq"
_METHOD: Final = "meterpark.device_hub.v1.DeviceHubService/RecordReports"
_SOURCE: Final = {"source": "the source, by its name in the configuration"}
_OF_A_FEED: Final = {
    **_SOURCE,
    "network": "the network; empty: messages that name none, and those beyond 64 networks",
}
_OF_THE_BROKER: Final = {
    "messaging.system": _SYSTEM,
    "messaging.operation.name": "receive or process",
    **_SOURCE,
}

RECEIVED: Final = counter(
    "messaging.client.consumed.messages",
    "{message}",
    "Messages that the broker delivered; one that is delivered twice counts twice.",
    _OF_THE_BROKER,
)
PROCESSED: Final = histogram(
    "messaging.process.duration",
    "s",
    "From the receipt of a message until it was settled: with the hub's answer, and its way into the quarantine.",
    _OF_THE_BROKER,
    bounds=LONG_SECONDS,
)
SETTLED: Final = counter(
    "meterpark.messages.settled",
    "{message}",
    "How messages ended.",
    {
        **_SOURCE,
        "outcome": "taken, taken_in_part, passed_over (nothing in it for the hub), unreadable, rejected (to the "
        "broker's dead-letter queue), lost (the connection ended before; it comes again)",
    },
)
REPORTS_TAKEN: Final = counter(
    "meterpark.reports.taken",
    "{report}",
    "Reports of settled messages that the hub recorded or found unchanged.",
    _SOURCE,
)
PARTS_REFUSED: Final = counter(
    "meterpark.parts.refused",
    "{part}",
    "Parts of settled messages that could not be read, or that the hub refused.",
    _SOURCE,
)
REPLIES: Final = counter(
    "meterpark.replies",
    "{reply}",
    "Replies to head-end systems that asked for one.",
    {**_SOURCE, "outcome": "sent, failed, given_up, without_allowed_address"},
)
REPLAYS: Final = counter(
    "meterpark.replays",
    "{message}",
    "Messages of the quarantine that were read again.",
    {"outcome": "resolved, failed"},
)
CONNECTED: Final = gauge(
    "meterpark.source.connected", "1", "1 while the broker is connected, else 0.", _SOURCE
)
CONNECTIONS: Final = counter(
    "meterpark.source.connections", "{connection}", "Connections that the broker accepted.", _SOURCE
)
_OF_A_QUEUE: Final = {**_SOURCE, "messaging.destination.name": "the queue"}
QUEUE_MESSAGES: Final = gauge(
    "meterpark.queue.messages",
    "{message}",
    "Messages that lie in a queue that the source reads, with those that its readers hold; as the broker says it, by "
    "the statistics plugin of ActiveMQ Classic. Without the plugin, or a broker, there is no value.",
    _OF_A_QUEUE,
)
QUEUE_CONSUMERS: Final = gauge(
    "meterpark.queue.consumers",
    "{consumer}",
    "Who reads the queue: connectors, and others.",
    _OF_A_QUEUE,
)
QUEUE_UNSETTLED: Final = gauge(
    "meterpark.queue.unsettled",
    "{message}",
    "Messages of the queue that its readers hold and have not settled.",
    _OF_A_QUEUE,
)
FEED_MESSAGES: Final = counter(
    "meterpark.feed.messages", "{message}", "Messages that speak of a network.", _OF_A_FEED
)
FEED_UNREADABLE: Final = counter(
    "meterpark.feed.unreadable",
    "{message}",
    "Messages that speak of a network and could not be read, or only in part.",
    _OF_A_FEED,
)
FEED_QUIET: Final = gauge(
    "meterpark.feed.quiet",
    "s",
    "How long no message came that speaks of a network; before the first one, since the start.",
    _OF_A_FEED,
)
FEED_DELAY: Final = gauge(
    "meterpark.feed.delay",
    "s",
    "The longest way of a message of the last five minutes: from when it was made, as it says, to its receipt.",
    _OF_A_FEED,
)
VERDICTS: Final = counter(
    "meterpark.verdicts",
    "{report}",
    "Verdicts of the hub; a report that is postponed gets another one later.",
    {"verdict": "recorded, unchanged, refused, postponed"},
)
BATCH: Final = histogram(
    "meterpark.batch.reports", "{report}", "Reports in one call to the hub.", bounds=SIZES
)
CALL: Final = histogram(
    "rpc.client.call.duration",
    "s",
    "How long the hub took to answer a batch; one that is denied waits until it is let in.",
    {
        "rpc.system.name": "grpc",
        "rpc.method": _METHOD,
        "rpc.response.status_code": "OK, UNAVAILABLE (trouble on the way) or INVALID_ARGUMENT (refused)",
    },
)

METRICS: Final = (
    *(RECEIVED, PROCESSED, SETTLED, REPORTS_TAKEN, PARTS_REFUSED, REPLIES, REPLAYS),
    *(CONNECTED, CONNECTIONS, QUEUE_MESSAGES, QUEUE_CONSUMERS, QUEUE_UNSETTLED),
    *(FEED_MESSAGES, FEED_UNREADABLE, FEED_QUIET, FEED_DELAY),
    *(VERDICTS, BATCH, CALL),
    *HOP_METRICS,
    *ALWAYS,
)

# The connector's own counters (`counters`), by the outcomes that they count.
_SETTLED_AS: Final = {
    "messages_taken": "taken",
    "messages_taken_in_part": "taken_in_part",
    "messages_passed_over": "passed_over",
    "messages_unreadable": "unreadable",
    "messages_rejected": "rejected",
    "lost_before_settling": "lost",
}
_REPLIES_AS: Final = {
    "replies_sent": "sent",
    "replies_failed": "failed",
    "replies_given_up": "given_up",
    "replies_without_allowed_address": "without_allowed_address",
}
_REPLAYS_AS: Final = {"replays_resolved": "resolved", "replays_failed": "failed"}


class MeasuredRecord:
    """Recording of reports at the hub, measured per batch."""

    def __init__(self, record: Record, instruments: Instruments) -> None:
        self._record = record
        self._batch = instruments.histogram(BATCH)
        self._call = instruments.histogram(CALL)
        self._verdicts = instruments.counter(VERDICTS)

    async def __call__(self, parcels: Sequence[Parcel]) -> Sequence[Verdict]:
        began = time.monotonic()
        status = "OK"
        try:
            verdicts = await self._record(parcels)
        except HubUnavailable:
            status = "UNAVAILABLE"
            raise
        except HubRefused:
            status = "INVALID_ARGUMENT"
            raise
        finally:
            self._batch.record(len(parcels))
            self._call.record(time.monotonic() - began, "grpc", _METHOD, status)
        for outcome, count in Counter(verdict.outcome for verdict in verdicts).items():
            self._verdicts.add(outcome.value, count=count)
        return verdicts


def took(instruments: Instruments) -> Callable[[str, float], None]:
    """Return what notes how long a message of a source took, in seconds."""
    processed = instruments.histogram(PROCESSED)
    return lambda source, seconds: processed.record(seconds, _SYSTEM, "process", source)


def observe_connector(
    instruments: Instruments,
    *,
    counters: Counters,
    progress: Progress,
    health: ProgressHealth,
    queues: QueueDepths,
) -> None:
    """Observe what the parts of a connector count. ``counters`` are those of the whole."""

    def of_sources(value: Callable[[SourceProgress], float]) -> Callable[[], list[Measured]]:
        return lambda: [(value(source), (source.name,)) for source in progress.sources]

    def by_outcome(names: dict[str, str]) -> Callable[[], list[Measured]]:
        return lambda: [
            (source.counters[name], (source.name, outcome))
            for source in progress.sources
            for name, outcome in names.items()
        ]

    def of_feeds(value: Callable[[FeedFacts], float | None]) -> Callable[[], list[Measured]]:
        return lambda: [
            (number, (feed.source, feed.network))
            for feed in progress.feeds()
            if (number := value(feed)) is not None
        ]

    def of_queues(value: Callable[[QueueDepth], int]) -> Callable[[], list[Measured]]:
        return lambda: [(value(depth), queue) for queue, depth in queues.found.items()]

    def quiet(feed: FeedFacts) -> float:
        return (health.now() - (feed.last_message_at or feed.since)).total_seconds()

    instruments.observe(
        RECEIVED,
        lambda: [
            (source.received_count, (_SYSTEM, "receive", source.name))
            for source in progress.sources
        ],
    )
    instruments.observe(SETTLED, by_outcome(_SETTLED_AS))
    instruments.observe(REPORTS_TAKEN, of_sources(lambda one: one.counters["reports_taken"]))
    instruments.observe(PARTS_REFUSED, of_sources(lambda one: one.counters["parts_refused"]))
    instruments.observe(REPLIES, by_outcome(_REPLIES_AS))
    instruments.observe(
        REPLAYS,
        lambda: [(counters[name], (outcome,)) for name, outcome in _REPLAYS_AS.items()],
    )
    instruments.observe(CONNECTED, of_sources(lambda one: one.is_connected))
    instruments.observe(CONNECTIONS, of_sources(lambda one: one.connections))
    instruments.observe(QUEUE_MESSAGES, of_queues(lambda one: one.message_count))
    instruments.observe(QUEUE_CONSUMERS, of_queues(lambda one: one.consumer_count))
    instruments.observe(QUEUE_UNSETTLED, of_queues(lambda one: one.unsettled_count))
    instruments.observe(FEED_MESSAGES, of_feeds(lambda feed: feed.message_count))
    instruments.observe(FEED_UNREADABLE, of_feeds(lambda feed: feed.unreadable_count))
    instruments.observe(FEED_QUIET, of_feeds(quiet))
    instruments.observe(
        FEED_DELAY,
        of_feeds(
            lambda feed: None if feed.recent_delay is None else feed.recent_delay.total_seconds()
        ),
    )
    observe_hops(instruments, health)
