"""Where and with what a run measured: without it a figure says nothing."""

import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
from pymongo import MongoClient

from deploy.runtime.paths import Runtime

_CHECKOUT = Path(__file__).resolve().parents[2]
_GIBIBYTE = 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    processor: str
    cores: int
    memory_gib: float
    system: str
    # Of the minute before the run began; more than a little means that something else was at work.
    load_before: float
    began_at: datetime

    @classmethod
    def here(cls) -> "Machine":
        return cls(
            processor=_processor(Path("/proc/cpuinfo")),
            cores=psutil.cpu_count() or 1,
            memory_gib=psutil.virtual_memory().total / _GIBIBYTE,
            system=f"{platform.system()} {platform.release()}",
            load_before=os.getloadavg()[0],
            began_at=datetime.now(UTC),
        )

    def __str__(self) -> str:
        return (
            f"{self.processor}, {self.cores} cores, {self.memory_gib:.0f} GiB, {self.system};"
            f" {self.began_at:%Y-%m-%d %H:%M} UTC, load before {self.load_before:.2f}"
        )


def versions(runtime: Runtime, mongodb_url: str) -> dict[str, str]:
    """Return the version of each part, the project's own commit included."""
    with MongoClient[dict[str, object]](mongodb_url) as client:
        mongodb = str(client.server_info()["version"])
    return {
        "Dapr": _said([str(runtime.daprd), "--version"]),
        "MongoDB": mongodb,
        "ActiveMQ": _version_of_jar(runtime.activemq_jars, "activemq-broker"),
        "Python": platform.python_version(),
        "meterpark": commit(),
    }


def version_line(versions_of: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions_of.items())


def _processor(cpuinfo: Path) -> str:
    for line in cpuinfo.read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Model"):
            return value.strip()
    return platform.machine()


def _version_of_jar(jars: Path, name: str) -> str:
    found = sorted(jars.glob(f"**/{name}-*.jar"))
    return found[0].stem.removeprefix(f"{name}-") if found else "?"


def commit() -> str:
    """Return the project's own commit, and whether something was changed since."""
    known = _said(["git", "-C", str(_CHECKOUT), "rev-parse", "--short=10", "HEAD"])
    changed = _said(["git", "-C", str(_CHECKOUT), "status", "--porcelain", "-uno"])
    return f"{known or '?'}{' with changes' if changed else ''}"


def _said(command: list[str]) -> str:
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stdout.strip()
