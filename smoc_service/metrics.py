"""The register's metrics: declared here, once, and taken from what its parts count anyway."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from pymongo.errors import PyMongoError

from service_metrics.calls import CALL_METRICS
from service_metrics.declared import counter, gauge
from service_metrics.instruments import Instruments, Measured
from service_metrics.telling import ALWAYS
from service_status.health import ProgressHealth
from service_status.metrics import HOP_METRICS, observe_hops
from smoc_service.alarms.settling import AlarmSettling
from smoc_service.alarms.store import AlarmStore
from smoc_service.park.park import Park
from smoc_service.register.device import FACETS
from smoc_service.register.register import Register
from smoc_service.watches import Watches

PROVISIONED: Final = counter(
    "meterpark.register.provisioned",
    "{device}",
    "Devices that the hub sent. One that changes often counts each time.",
    {"outcome": "stored, current (the register held this revision, or a later one)"},
)
DEVICES: Final = gauge(
    "meterpark.devices",
    "{device}",
    "Devices of the park, by the present values of each facet; none while the search is being loaded.",
    {"facet": "lifecycle, power, switch, communication, tamper, firmware", "value": "its value"},
)
SEARCH_LAG: Final = gauge(
    "meterpark.search.lag",
    "s",
    "How far search and counts are behind the register's database; nothing while they are being loaded.",
)
ALARMS: Final = gauge(
    "meterpark.alarms",
    "{alarm}",
    "Alarms that people are shown and that are not resolved.",
    {"state": "open (also acknowledged, assigned), snoozed", "severity": "critical ... info"},
)
OPENED: Final = counter(
    "meterpark.alarms.opened",
    "{alarm}",
    "Alarms that this process opened: the alarm load of ISA-18.2 is how many in a time.",
    {"rule": "the rule, by its name", "severity": "critical ... info"},
)
WATCHES: Final = gauge(
    "meterpark.watches", "{watch}", "Open streams of changes: of devices, alarms and the summary."
)

METRICS: Final = (
    *(PROVISIONED, DEVICES, SEARCH_LAG, ALARMS, OPENED, WATCHES),
    *CALL_METRICS,
    *HOP_METRICS,
    *ALWAYS,
)


def observe_register(
    instruments: Instruments,
    *,
    register: Register,
    park: Park,
    alarms: AlarmStore,
    settling: AlarmSettling,
    watches: Watches,
    health: ProgressHealth,
    now: Callable[[], datetime],
) -> None:
    """Observe what the register's parts count, when somebody collects."""

    async def shown() -> tuple[Iterable[Measured]]:
        counts = await alarms.count_shown()
        return (
            [(count, (shelf.lower(), each.lower())) for (shelf, each), count in counts.items()],
        )

    async def devices() -> tuple[list[Measured]]:
        if not park.is_loaded:
            return ([],)
        counts = (await park.totals()).counts(FACETS, None, None)
        return (
            [
                (count, (facet, value))
                for facet, counted in counts.items()
                for value, count in counted.values
            ],
        )

    def lag() -> float | None:
        return max(0.0, (now() - park.as_of).total_seconds()) if park.is_loaded else None

    instruments.observe(
        PROVISIONED, lambda: [(count, (how,)) for how, count in register.provisioned.items()]
    )
    instruments.ask((DEVICES,), devices)
    instruments.value(SEARCH_LAG, lag)
    instruments.ask((ALARMS,), shown, (PyMongoError,))
    instruments.observe(
        OPENED,
        lambda: [
            (count, (rule, severity.lower())) for (rule, severity), count in settling.opened.items()
        ],
    )
    instruments.value(WATCHES, lambda: watches.count)
    observe_hops(instruments, health)
