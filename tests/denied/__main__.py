"""`make denied`: the matrix alone, on a stack of its own."""

import asyncio
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.denied.matrix import run_matrix
from tests.neighbours.stack import RunningStack


def main() -> int:
    started = time.monotonic()

    def tell(text: str) -> None:
        sys.stderr.write(f"  {time.monotonic() - started:5.1f} s  {text}\n")

    # A Unix socket's path has to be short.
    folder = Path(tempfile.mkdtemp(prefix="mp-"))
    tell("starting a stack")
    try:
        stack = RunningStack.started(folder, os.environ)
        try:
            findings = asyncio.run(run_matrix(stack, tell))
        finally:
            stack.stop()
    finally:
        shutil.rmtree(folder)
    for answer, count in findings.answers.most_common():
        tell(f"{count:6,} {answer}")
    if not findings.fine:
        sys.stdout.write(f"{findings.explanation()}\n")
    sys.stdout.write(f"{findings.line()}\n")
    return 0 if findings.fine else 1


if __name__ == "__main__":
    sys.exit(main())
