"""How much memory processes take, told by the kernel."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_PEAK: Final = "VmHWM"
_NOW: Final = "VmRSS"
_KIBIBYTES_PER_MEBIBYTE: Final = 1024


def peaks(pids: Mapping[str, int]) -> dict[str, float]:
    """Return the most that each process has held since its start, in MiB; one that has ended is left out."""
    return _of_each(pids, _PEAK)


def held(pids: Mapping[str, int]) -> dict[str, float]:
    """Return what each process holds now, in MiB; one that has ended is left out."""
    return _of_each(pids, _NOW)


def _of_each(pids: Mapping[str, int], word: str) -> dict[str, float]:
    found = {}
    for name, pid in pids.items():
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                what, _, value = line.partition(":")
                if what == word:
                    found[name] = int(value.split()[0]) / _KIBIBYTES_PER_MEBIBYTE
    return found
