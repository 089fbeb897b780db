"""What goes into each image: what is committed, and programs of the runtime; never what lies about in a checkout."""

import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path

from deploy.images.engine import ImagesFailed
from deploy.runtime.paths import installed_runtime
from deploy.runtime.python_packages import AUTHORITIES, uv_program

ROOT = Path(__file__).resolve().parents[2]
# Folders of the wheel that no service imports.
_NOT_SERVED = frozenset({"benchmarks", "deploy", "faults"})
_ROUTER = ("deploy/router", "bff/trusted_documents.json")
_LOCKED = ("pyproject.toml", "uv.lock", "README.md", "LICENSE")


def packages() -> dict[str, str]:
    """Return the folders of Python code that an image holds, with their places in it: those of the wheel."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    served = [package for package in wheel["packages"] if package not in _NOT_SERVED]
    # A source that is left out of a place: proto/python/meterpark becomes meterpark.
    left_out = [f"{source}/" for source, instead in wheel["sources"].items() if instead == ""]
    return {package: _without(package, left_out) for package in served}


def _without(package: str, sources: list[str]) -> str:
    for source in sources:
        package = package.removeprefix(source)
    return package


def services_context(folder: Path, environment: Mapping[str, str]) -> None:
    """Fill `folder` for services.Dockerfile."""
    uv = uv_program(environment)
    if uv is None:
        raise ImagesFailed("uv is not installed: make set-up")
    _begin(folder)
    for name in _LOCKED:
        _copy(ROOT / name, folder / "project" / name)
    for package, place in packages().items():
        for file in committed(package):
            _copy(ROOT / file, folder / "code" / place / Path(file).relative_to(package))
    _copy(uv, folder / "uv")
    runtime = installed_runtime(environment)
    _copy(runtime.grpc_health_probe, folder / "grpc-health-probe")
    for tool in (runtime.mongodump, runtime.mongorestore):
        _copy(tool, folder / "database-tools" / tool.name)


def web_context(folder: Path, environment: Mapping[str, str]) -> None:
    """Fill `folder` for web.Dockerfile."""
    runtime = installed_runtime(environment)
    _begin(folder)
    for file in (file for place in _ROUTER for file in committed(place)):
        _copy(ROOT / file, folder / "code" / file)
    _copy(runtime.node, folder / "node")
    _copy(AUTHORITIES, folder / "ca-certificates.crt")
    shutil.copytree(
        runtime.router_packages / "node_modules",
        folder / "node_modules",
        symlinks=True,
        # Maps are for debuggers, types for editors.
        ignore=shutil.ignore_patterns("*.map", "*.d.ts", "*.d.cts", "*.d.mts"),
    )
    shutil.copytree(runtime.page, folder / "page")


def committed(*under: str) -> list[str]:
    """Return the files below `under` that git knows."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *under],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [name for name in listed.stdout.split("\0") if name]


def _begin(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
