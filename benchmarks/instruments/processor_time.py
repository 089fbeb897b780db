"""Where the processor time of a measurement goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import psutil

SENDER: Final = "the run itself"


@dataclass(frozen=True, slots=True)
class ProcessorTime:
    """Seconds by process name, of user and system together."""

    seconds: Mapping[str, float]

    @classmethod
    def now(cls, pids: Mapping[str, int]) -> "ProcessorTime":
        """Read the clocks of `pids` and of this process."""
        processes = {name: psutil.Process(pid) for name, pid in pids.items()}
        processes[SENDER] = psutil.Process()
        times = {name: process.cpu_times() for name, process in processes.items()}
        return cls({name: time.user + time.system for name, time in times.items()})

    def since(self, before: "ProcessorTime") -> "ProcessorTime":
        """Of processes that are in both."""
        names = self.seconds.keys() & before.seconds.keys()
        return ProcessorTime({name: self.seconds[name] - before.seconds[name] for name in names})

    def per_report(self, reports: int) -> dict[str, float]:
        """Return milliseconds of processor time per report."""
        return {name: 1000 * seconds / reports for name, seconds in self.seconds.items()}
