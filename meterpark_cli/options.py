"""Options that every command takes, and the words that facets are filtered by."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer

from meterpark_cli.failures import WrongUsage


class Lifecycle(StrEnum):
    NOT_DEFINED = "NOT_DEFINED"
    INVENTORY = "INVENTORY"
    DISCOVERED = "DISCOVERED"
    IN_OPERATION = "IN_OPERATION"
    UPDATE_IN_PROGRESS = "UPDATE_IN_PROGRESS"
    POOR_COMMUNICATION = "POOR_COMMUNICATION"
    ERROR = "ERROR"
    REMOVED = "REMOVED"


class Power(StrEnum):
    UNKNOWN = "UNKNOWN"
    ON = "ON"
    OFF = "OFF"
    PARTIAL = "PARTIAL"


class Switch(StrEnum):
    UNKNOWN = "UNKNOWN"
    CONNECTED = "CONNECTED"
    DISCONNECTED = "DISCONNECTED"


class Communication(StrEnum):
    UNKNOWN = "UNKNOWN"
    REACHABLE = "REACHABLE"
    LOST = "LOST"


class Tamper(StrEnum):
    UNKNOWN = "UNKNOWN"
    CLEAR = "CLEAR"
    DETECTED = "DETECTED"


class Firmware(StrEnum):
    UNKNOWN = "UNKNOWN"
    CURRENT = "CURRENT"
    UPDATING = "UPDATING"
    FAILED = "FAILED"


# Every facet with its values, in the order in which people read them.
FACETS: dict[str, type[StrEnum]] = {
    "lifecycle": Lifecycle,
    "power": Power,
    "switch": Switch,
    "communication": Communication,
    "tamper": Tamper,
    "firmware": Firmware,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How to ask and how to answer: the options that every command has."""

    sidecar: str | None
    timeout_seconds: float
    as_json: bool


def asking(sidecar: str | None, timeout: float, as_json: bool) -> Asking:  # noqa: FBT001 - as typer gives it
    return Asking(sidecar=sidecar, timeout_seconds=timeout, as_json=as_json)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPort:
    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def host_port(text: str, what: str) -> HostPort:
    """Read ``HOST:PORT``; raise WrongUsage, naming ``what``, when it is something else."""
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isdigit() and 0 < int(port) <= 65535):  # noqa: PLR2004
        raise WrongUsage(f"{what}: {text!r} is not HOST:PORT, e.g. 127.0.0.1:50010")
    return HostPort(host=host.strip("[]"), port=int(port))


_ASKING = "How to ask"

SidecarOption = Annotated[
    str | None,
    typer.Option(
        "--sidecar",
        metavar="HOST:PORT",
        envvar="METERPARK_SIDECAR",
        help="gRPC address of the sidecar. Default: the local stack's.",
        rich_help_panel=_ASKING,
    ),
]
TimeoutOption = Annotated[
    float,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        min=0.1,
        max=600,
        help="How long to wait for an answer.",
        rich_help_panel=_ASKING,
    ),
]
JsonOption = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON document.", rich_help_panel=_ASKING),
]
DEFAULT_TIMEOUT_SECONDS = 5.0
LimitOption = Annotated[int, typer.Option(metavar="N", min=1, help="Show at most so many.")]
AllOption = Annotated[bool, typer.Option("--all", help="Show all.")]
