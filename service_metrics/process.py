"""What the process itself costs. Every service declares these."""

import time
from typing import Final

import psutil

from service_metrics.declared import counter, gauge
from service_metrics.instruments import Instruments

CPU: Final = counter(
    "process.cpu.time",
    "s",
    "Processor time that the process has used.",
    {"cpu.mode": "user or system"},
)
MEMORY: Final = gauge("process.memory.usage", "By", "Memory that the process holds (RSS).")
FILES: Final = gauge(
    "process.unix.file_descriptor.count",
    "{file_descriptor}",
    "Open files and connections of the process.",
)
UPTIME: Final = gauge("process.uptime", "s", "How long the process has been running.")
PROCESS_METRICS: Final = (CPU, MEMORY, FILES, UPTIME)


def observe_process(instruments: Instruments) -> None:
    """Observe this process."""
    process = psutil.Process()

    def cpu() -> list[tuple[float, tuple[str, ...]]]:
        times = process.cpu_times()
        return [(times.user, ("user",)), (times.system, ("system",))]

    instruments.observe(CPU, cpu)
    instruments.value(MEMORY, lambda: process.memory_info().rss)
    instruments.value(FILES, process.num_fds)
    instruments.value(UPTIME, lambda: time.time() - process.create_time())
