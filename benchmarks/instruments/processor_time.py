"""Where the processor time of a measurement goes."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import psutil

SENDER: Final = "the run itself"


@dataclass(frozen=True, slots=True)
class ProcessorTime:
    """Seconds by process name and id, of user and system together."""

    seconds: Mapping[tuple[str, int], float]

    @classmethod
    def now(cls, pids: Mapping[str, int]) -> "ProcessorTime":
        """Read the clocks of ``pids`` and of this process; one that has ended is left out."""
        seconds = {}
        for name, process in {**pids, SENDER: psutil.Process().pid}.items():
            with contextlib.suppress(psutil.NoSuchProcess):
                time = psutil.Process(process).cpu_times()
                seconds[name, process] = time.user + time.system
        return cls(seconds)

    def since(self, before: "ProcessorTime") -> "ProcessorTime":
        """Of processes that are in both: one that was replaced meanwhile is not."""
        both = self.seconds.keys() & before.seconds.keys()
        return ProcessorTime({one: self.seconds[one] - before.seconds[one] for one in both})

    def by_name(self) -> dict[str, float]:
        return {name: seconds for (name, _), seconds in self.seconds.items()}

    def per_report(self, reports: int) -> dict[str, float]:
        """Return milliseconds of processor time per report, by name."""
        return {name: 1000 * seconds / reports for name, seconds in self.by_name().items()}
