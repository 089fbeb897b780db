"""`make abuse`: every attack, on a stack of its own."""

import asyncio
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.abuse.all_attacks import ATTACKS
from tests.abuse.run import run_attacks
from tests.abuse.target import WHOLE
from tests.neighbours.stack import RunningStack


def main() -> int:
    started = time.monotonic()

    def tell(text: str) -> None:
        sys.stderr.write(f"  {time.monotonic() - started:5.1f} s  {text}\n")

    wanted = sys.argv[1:]
    unknown = set(wanted) - {attack.name for attack in ATTACKS}
    if unknown:
        known = "\n  ".join(attack.name for attack in ATTACKS)
        sys.stderr.write(
            f"no attack is called {', '.join(sorted(unknown))}; there are\n  {known}\n"
        )
        return 2
    attacks = [attack for attack in ATTACKS if not wanted or attack.name in wanted]
    # A Unix socket's path has to be short.
    folder = Path(tempfile.mkdtemp(prefix="mp-"))
    tell("starting a stack")
    try:
        stack = RunningStack.started(folder, os.environ)
        try:
            findings = asyncio.run(run_attacks(stack, attacks, WHOLE, tell))
        finally:
            stack.stop()
    finally:
        shutil.rmtree(folder)
    if not findings.fine:
        sys.stdout.write(f"{findings.explanation()}\n")
    sys.stdout.write(f"{findings.line()}\n")
    return 0 if findings.fine else 1


if __name__ == "__main__":
    sys.exit(main())
