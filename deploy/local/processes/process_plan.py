"""The plan of one process for the supervisor, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

# A Java program cannot open a file whose name has letters that its locale lacks.
ANY_PATH: Final = {"LC_ALL": "C.UTF-8"}


class After(StrEnum):
    """What a process waits for in another one before it starts."""

    HEALTHY = "process_healthy"
    SUCCEEDED = "process_completed_successfully"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpProbe:
    """Ready while GET `path` on 127.0.0.1:`port` answers `status`."""

    port: int
    path: str
    status: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandProbe:
    """Ready while `command` ends with 0."""

    command: tuple[str, ...]


def listens(port: int) -> CommandProbe:
    """Ready while something on this machine listens on `port`.

    It reads the kernel's table, as the broker and mongod log every connection without a request.
    """
    line = f":{port:04X} [0-9A-F]+:0000 0A "
    return CommandProbe(command=("grep", "-qsE", line, "/proc/net/tcp", "/proc/net/tcp6"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessPlan:
    """One process of a stack.

    A process with `once` runs to its end and must succeed; every other one runs for ever and is
    started again after an end of any kind. With `restart_when_hung` it is also started again when
    its probe failed for two minutes without a break.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, After] = field(default_factory=dict)
    probe: HttpProbe | CommandProbe | None = None
    probe_seconds: int = 2
    once: bool = False
    restart_when_hung: bool = False
    stop_seconds: int = 15
