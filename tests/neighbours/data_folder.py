"""Where the data of a run's neighbours lies: in memory where there is room for it, else on the disk.

A test may kill any process, and what it had written is still there: memory keeps it as a disk does. No test stops the
machine itself. Waiting for the disk would be a quarter of the time of the register's tests.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

import psutil

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - folders in it are made by mkdtemp, for their owner alone
_ROOM_AT_LEAST: Final = 6 * 2**30
_PREFIX: Final = "mp-"


def data_folder() -> Path:
    """Return a new folder, with a short path: that of a Unix socket has to be. Who made it removes it."""
    room = shutil.disk_usage(_MEMORY).free if os.access(_MEMORY, os.W_OK) else 0
    parent = _MEMORY if room >= _ROOM_AT_LEAST else None
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))


def remove_those_of_ended_runs() -> None:
    """Remove what runs left in memory that were killed: nobody else would give it back."""
    for folder in _MEMORY.glob(f"{_PREFIX}*-*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if (
            pid.isdigit()
            and not psutil.pid_exists(int(pid))
            and folder.stat().st_uid == os.getuid()
        ):
            shutil.rmtree(folder, ignore_errors=True)
