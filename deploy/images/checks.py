"""What a finished image must do and must not have; it is started for that, without a network where the engine can."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.images.engine import Engine, ImagesFailed

_PYTHON: Final = "/app/.venv/bin/python"
_NODE: Final = "/usr/local/bin/node"
_ROUTER: Final = "/app/deploy/router/main.mjs"
# Whoever breaks into a container shall find nothing to go on with.
_ABSENT: Final = ("sh", "bash", "gcc", "cc", "apt-get", "pip", "uv", "npm")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    command: tuple[str, ...]
    # What stands in the answer, and how the command ends.
    says: str
    code: int = 0


def _starts(service: str, says: str) -> _Check:
    """A service without settings ends with a line for each; so all that it imports is there."""
    return _Check(command=(_PYTHON, "-m", service), says=says, code=2)


_WHO = "import os; print(os.getuid(), os.getgid())"
_LIBRARIES = "import ssl, proton, numpy; assert proton.SSL.present(); ssl.create_default_context(); print('good')"
# The connector reads times that say no zone as those of the source's own.
_ZONES = "from zoneinfo import ZoneInfo; ZoneInfo('UTC'); ZoneInfo('Europe/Berlin'); print('good')"
_PAGE = (
    "for (const one of ['en', 'de']) require('node:fs').statSync(`/app/page/${one}/index.html`);"
    "console.log('good')"
)

_HERE: Final = Path(__file__).parent
_SERVES: Final = "/healthz answers 200"

_CHECKS: Final[dict[str, tuple[_Check, ...]]] = {
    "services": (
        _Check(command=(_PYTHON, "-c", _WHO), says="10001 10001"),
        _Check(command=(_PYTHON, "-c", _LIBRARIES), says="good"),
        _Check(command=(_PYTHON, "-c", _ZONES), says="good"),
        _starts("device_hub", "setting DEVICE_HUB_MONGODB_URL: field required"),
        _starts("smoc_service", "setting SMOC_SERVICE_MONGODB_URL: field required"),
        _starts("iec_connector", "setting IEC_CONNECTOR_CONFIG: field required"),
        _starts("bff", "setting BFF_PUBLIC_URL: field required"),
        _Check(command=(_PYTHON, "-m", "meterpark_cli", "--help"), says="meter park"),
        _Check(command=(_PYTHON, "-m", "hes_simulator", "--help"), says="run"),
        _Check(command=(_PYTHON, "-m", "park_backup", "--help"), says="PARK_BACKUP_MONGODB_URL"),
        _Check(command=("mongodump", "--version"), says="mongodump version: 100."),
        _Check(command=("mongorestore", "--version"), says="mongorestore version: 100."),
        _Check(command=(_PYTHON, "-c", (_HERE / "serves.py").read_text()), says=_SERVES),
        _Check(
            command=("grpc-health-probe", "-addr=127.0.0.1:1"), says="failed to connect", code=2
        ),
    ),
    "web": (
        _Check(
            command=(_NODE, "-p", "[process.getuid(), process.getgid()].join(' ')"),
            says="10001 10001",
        ),
        _Check(command=(_NODE, "-e", _PAGE), says="good"),
        _Check(
            command=(_NODE, "--input-type=module", "-e", (_HERE / "serves.mjs").read_text()),
            says=_SERVES,
        ),
        _Check(command=(_NODE, _ROUTER), says="router: ROUTER_PORT: a whole number", code=2),
    ),
}


def check_image(engine: Engine, name: str, tag: str) -> int:
    """Return how many things were looked at.

    Raises:
        ImagesFailed: one of them is not as it has to be.
    """
    for check in _CHECKS[name]:
        answer = engine.answer(tag, check.command)
        said = answer.stdout + answer.stderr
        # buildah ends with 1 when a command in it ends with anything but 0, and says with what.
        code = 2 if "exit status 2" in said or "exited with status 2" in said else answer.returncode
        if code != check.code or check.says not in said:
            raise ImagesFailed(
                f"{tag}: {' '.join(check.command)} ended with {code}: {said.strip()}"
            )
    if there := _there(engine, name, tag):
        raise ImagesFailed(f"{tag}: {', '.join(there)} must not be in it")
    return len(_CHECKS[name]) + len(_ABSENT)


def _there(engine: Engine, name: str, tag: str) -> list[str]:
    """Return the files of programs that must not be there."""
    places = ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/app/.venv/bin")
    files = json.dumps([f"{place}/{program}" for place in places for program in _ABSENT])
    if name == "services":
        code = (
            f"import json, os; print(json.dumps([one for one in {files} if os.path.exists(one)]))"
        )
        answer = engine.answer(tag, (_PYTHON, "-c", code))
    else:
        code = f"JSON.stringify({files}.filter(one => require('node:fs').existsSync(one)))"
        answer = engine.answer(tag, (_NODE, "-p", code))
    if answer.returncode != 0:
        raise ImagesFailed(f"{tag}: its files cannot be listed: {answer.stderr.strip()}")
    found: list[str] = json.loads(answer.stdout)
    return found
