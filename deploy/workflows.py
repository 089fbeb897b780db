"""The workflows of CI are well formed, as actionlint reads them. Part of `make lint`, which builds it once."""

import os
import subprocess
import sys
from pathlib import Path

from deploy.runtime.cache import cache_root
from deploy.runtime.go_builds import ACTIONLINT, build
from deploy.runtime.progress import InstallFailed, Progress

_WORKFLOWS = Path(__file__).resolve().parents[1] / ".github" / "workflows"


def workflow_findings(folder: Path) -> str:
    """Return what actionlint finds in the workflows of `folder`; nothing if they are well formed.

    Raises:
        InstallFailed: actionlint is not there and cannot be built.
    """
    cache = cache_root(os.environ)
    programs = build(ACTIONLINT, cache, Progress(logs=cache / "logs"), os.environ)
    # Without programs of this machine that it would call where they are there: all machines find the same.
    alone = ("-no-color", "-oneline", "-shellcheck=", "-pyflakes=")
    answer = subprocess.run(
        [programs / "actionlint", *alone, *sorted(folder.glob("*.y*ml"))],
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout + answer.stderr


def main() -> int:
    try:
        found = workflow_findings(_WORKFLOWS)
    except InstallFailed as failure:
        found = f"workflows: {failure}\n"
    sys.stderr.write(found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
