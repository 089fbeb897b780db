"""All kinds of fault, as a table: name, who suffers, how it is done, how it is healed.

A point is a place in the way of a report: the database holds the command that is named there (a fail point of mongod),
and then a process dies. So what dies, dies exactly there, and not by luck.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

CONNECTOR: Final = "iec-connector"
HUB: Final = "device-hub"
REGISTER: Final = "smoc-service"
BROKER: Final = "broker"
MONGOD: Final = "mongod"
# Everything that runs for ever in a stack, on the way of a report or beside it.
PROCESSES: Final = (
    CONNECTOR,
    HUB,
    REGISTER,
    "bff",
    "router",
    f"{CONNECTOR}-sidecar",
    f"{HUB}-sidecar",
    f"{REGISTER}-sidecar",
    "bff-sidecar",
    "meterpark-cli-sidecar",
    "placement",
    "scheduler",
    "sentry",
    BROKER,
    MONGOD,
    "keycloak",
)
_HELD_MILLISECONDS: Final = 1_500
_INTERRUPTED: Final = 11600
_SHUTDOWN: Final = 91


class How(StrEnum):
    """How a fault is made, and how it is healed."""

    KILL = "kill -9; its supervisor starts it again"
    KILL_ALL = (
        "kill -9 of every process at once, as when the machine crashes; started again as above"
    )
    FREEZE = "SIGSTOP, later SIGCONT"
    POINT = "mongod holds the command, the process is killed with -9 meanwhile; its supervisor starts it again"
    ANSWER = "mongod answers once with an error, or not at all"
    CUT = "a proxy closes every connection, and takes none for half a second"
    SILENT = "a proxy keeps connections open and passes nothing on, then closes them"
    SLOW = "a proxy delays each piece of data by two seconds, more or less one"

    @property
    def lasts(self) -> bool:
        """Whether it lasts until it is healed; the others are over at once."""
        return self in (How.FREEZE, How.SILENT, How.SLOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Where mongod holds a command: ``data`` is that of its fail point failCommand; it lets ``skip`` of them pass."""

    data: dict[str, Any]
    skip: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of fault; ``who`` is a process of the stack, or a link of the proxy (``links.py``)."""

    name: str
    who: str
    how: How
    point: Point | None = None

    @property
    def deaths(self) -> int:
        """How many processes it kills."""
        if self.how is How.KILL_ALL:
            return len(PROCESSES)
        return int(self.how in (How.KILL, How.POINT))


def _held(command: str, collection: str, **more: Any) -> dict[str, Any]:
    return {
        "failCommands": [command],
        "namespace": collection,
        "blockConnection": True,
        "blockTimeMS": _HELD_MILLISECONDS,
        **more,
    }


_COMMITS: Final = "device_hub.commits"
_DEVICES: Final = "smoc.devices"
# By name: who dies, and where. In the order of a report's way.
_POINTS: Final = (
    (
        "before the commit, the hub dies",
        HUB,
        Point(data=_held("insert", _COMMITS, errorCode=_INTERRUPTED)),
    ),
    (
        "after the commit and before the answer, the hub dies",
        HUB,
        Point(data=_held("insert", _COMMITS)),
    ),
    (
        "between two commits of a batch, the hub dies",
        HUB,
        Point(data=_held("insert", _COMMITS), skip=1),
    ),
    (
        "before the message is settled, the connector dies",
        CONNECTOR,
        Point(data=_held("insert", _COMMITS)),
    ),
    (
        "between timeline and device, the register dies",
        REGISTER,
        Point(data=_held("update", _DEVICES)),
    ),
    (
        "between timeline and device, the hub that follows dies",
        HUB,
        Point(data=_held("update", _DEVICES)),
    ),
)
_ANSWERS: Final = (
    (
        "the commit is stored, and its answer says that it is not safe",
        Point(
            data={
                "failCommands": ["insert"],
                "namespace": _COMMITS,
                "writeConcernError": {"code": _SHUTDOWN, "errmsg": "planted by the run"},
            }
        ),
    ),
    (
        "the connection closes instead of an answer",
        Point(data={"failCommands": ["insert"], "namespace": _COMMITS, "closeConnection": True}),
    ),
)
HES_TO_BROKER: Final = "head-end system to broker"
CONNECTOR_TO_BROKER: Final = "connector to broker"
SERVICES_TO_MONGOD: Final = "services to mongod"
LINKS: Final = (HES_TO_BROKER, CONNECTOR_TO_BROKER, SERVICES_TO_MONGOD)
_ON_LINKS: Final = (("cut", How.CUT), ("silent", How.SILENT), ("slow", How.SLOW))

ALL: Final = "every process"

TABLE: Final = (
    *(Kind(name=f"kill {who}", who=who, how=How.KILL) for who in PROCESSES),
    Kind(name=f"kill {ALL}", who=ALL, how=How.KILL_ALL),
    *(Kind(name=f"freeze {who}", who=who, how=How.FREEZE) for who in PROCESSES),
    *(Kind(name=name, who=who, how=How.POINT, point=point) for name, who, point in _POINTS),
    *(Kind(name=name, who=MONGOD, how=How.ANSWER, point=point) for name, point in _ANSWERS),
    *(Kind(name=f"{link}: {word}", who=link, how=how) for link in LINKS for word, how in _ON_LINKS),
)
