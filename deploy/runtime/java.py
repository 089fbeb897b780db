"""The machine's Java; unlike the rest it comes from the system's packages (deploy/bootstrap.sh)."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploy.runtime.progress import InstallFailed

_AT_LEAST = 17


def java(environment: Mapping[str, str]) -> Path:
    """Return a `java` that can run the broker.

    Raises:
        InstallFailed: none on this machine is new enough.
    """
    home = environment.get("JAVA_HOME")
    candidates = [
        str(Path(home) / "bin" / "java") if home else None,
        shutil.which("java", path=environment.get("PATH")),
        *sorted(map(str, Path("/usr/lib/jvm").glob("*/bin/java")), reverse=True),
    ]
    for candidate in candidates:
        if candidate and _major_version(candidate) >= _AT_LEAST:
            return Path(candidate)
    raise InstallFailed(
        f"no Java {_AT_LEAST} or newer is installed; deploy/bootstrap.sh installs one"
    )


def _major_version(program: str) -> int:
    try:
        answer = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    number = re.search(r'version "(\d+)', answer.stderr)
    return int(number[1]) if number else 0
