"""A tool is ended with the program that started it, whenever that is interrupted."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

PROGRAM = """
import signal, subprocess, sys
from park_backup.tools import Tool
signal.signal(signal.SIGTERM, signal.default_int_handler)
if sys.argv[3] == "while it is started":
    class Interrupted(subprocess.Popen):
        def __init__(self, *words, **how):
            super().__init__(*words, **how)
            with open(sys.argv[4], "a") as pids:
                print(self.pid, file=pids)
            signal.raise_signal(signal.SIGTERM)
    subprocess.Popen = Interrupted
try:
    tool = Tool(program=sys.argv[1], url="mongodb://a.database")
    tool.version() if sys.argv[2] == "version" else tool.run([], print)
except KeyboardInterrupt:
    sys.exit(130)
"""
# It tells who it is, and interrupts: at that time the program waits for its word.
TOOL = """#!/bin/sh
echo $$ >> {pids}
kill -TERM $PPID
exec sleep 60
"""


@pytest.mark.parametrize("when", ["while it is started", "while it works"])
@pytest.mark.parametrize("asked", ["run", "version"])
def test_a_tool_ends_with_the_program_that_is_interrupted(
    tmp_path: Path, asked: str, when: str
) -> None:
    pids = tmp_path / "pids"
    tool = tmp_path / "tool"
    tool.write_text(TOOL.format(pids=pids))
    tool.chmod(0o700)
    for _ in range(5):
        command = [sys.executable, "-c", PROGRAM, str(tool), asked, when, str(pids)]
        ended = subprocess.run(command, env=dict(os.environ), check=False, timeout=60)
        assert ended.returncode == 130
    assert len(begun := set(pids.read_text().split())) == 5
    assert [pid for pid in begun if psutil.pid_exists(int(pid))] == []
