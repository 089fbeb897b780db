"""What a configuration message says about the life of a device.

In this order:

1. ``deviceState`` of IEC4HES, or a status that is one of its values, is taken as it is.
2. A status text from the table below (``dlc.default.inStock``: what stands after the last dot counts).
   A status that is not in the table (``inactive``) says nothing; it is kept as text.
3. The dates of ``lifecycle`` that lie in the past: removed or retired, unless installed again later ->
   REMOVED; installed -> IN_OPERATION; received -> INVENTORY. This becomes a report of its own, as old as that
   date, so that a device that has moved on since is not set back when its configuration is published again.
4. Verbs that end something (deleted, closed, canceled) -> REMOVED, before all others.

A verb alone (``created``) says nothing: head-end systems publish all their meters again as ``created`` after a
restart, and a park in operation must not return to the shelf. What a device without any statement is, the
hub decides, which knows whether it is new.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iec_connector.understanding.report import Lifecycle
from iec_connector.understanding.times import UNSAID, Moment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")

_TEXTS: dict[Lifecycle, tuple[str, ...]] = {
    Lifecycle.NOT_DEFINED: ("notdefined", "undefined", "unknown"),
    Lifecycle.INVENTORY: (
        *("inventory", "ininventory", "newininventory", "instock", "stock", "stocked", "instorage"),
        *("inwarehouse", "received", "purchased", "ordered", "delivered", "manufactured", "new"),
    ),
    Lifecycle.DISCOVERED: (
        *("discovered", "commissioning", "registered", "preregistered", "provisioned"),
        *("precommissioned", "awaitinginstallation", "readyforinstallation"),
    ),
    Lifecycle.IN_OPERATION: (
        *("inoperation", "operation", "operational", "operating", "inservice", "inuse", "active"),
        *("activated", "commissioned", "installed", "online", "enabled", "live", "normal"),
    ),
    Lifecycle.UPDATE_IN_PROGRESS: (
        *("updateinprogress", "updating", "upgrading", "firmwareupdate", "firmwareupgrade"),
    ),
    Lifecycle.POOR_COMMUNICATION: (
        *("poorcommunication", "nocommunication", "communicationlost", "notcommunicating"),
        *("offline", "unreachable", "lost"),
    ),
    Lifecycle.ERROR: (
        "error",
        "inerror",
        "faulty",
        "fault",
        "failed",
        "failure",
        "defective",
        "broken",
    ),
    Lifecycle.REMOVED: (
        *("removed", "decommissioned", "deregistered", "uninstalled", "retired", "scrapped"),
        *("disposed", "deleted", "terminated", "outofservice"),
    ),
}
_OF_TEXT = {text: lifecycle for lifecycle, texts in _TEXTS.items() for text in texts}


def lifecycle_of_status(status: str) -> Lifecycle:
    """What a status text says; ``UNSPECIFIED`` when it is not in the table."""
    plain = _NOT_ALPHANUMERIC.sub("", status.rpartition(".")[2].lower())
    return _OF_TEXT.get(plain, Lifecycle.UNSPECIFIED)


def lifecycle_of_dates(
    dates: Mapping[str, datetime], received_at: datetime
) -> tuple[Lifecycle, Moment]:
    """What the dates say, and since when. Dates to come say nothing yet.

    ``dates`` by the names of ``lifecycle``'s elements in lower case: ``installationdate``.
    """
    past = {name: at for name, at in dates.items() if at <= received_at}
    ended = max(
        (past[name] for name in ("removaldate", "retireddate") if name in past), default=None
    )
    installed = past.get("installationdate")
    if ended is not None and (installed is None or installed <= ended):
        return Lifecycle.REMOVED, Moment(ended)
    if installed is not None:
        return Lifecycle.IN_OPERATION, Moment(installed)
    if "receiveddate" in past:
        return Lifecycle.INVENTORY, Moment(past["receiveddate"])
    return Lifecycle.UNSPECIFIED, UNSAID
