"""Prometheus, from the distribution's packages: unpacked into the cache, not installed, so no service of theirs starts.

Only `make up WITH=observability` and the tests need it.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.runtime.cache import Component, install_once
from deploy.runtime.progress import InstallFailed, Progress

# What its page loads: without them it has no scripts.
_PAGE: Final = (
    *("fonts-glyphicons-halflings", "libjs-bootstrap4", "libjs-d3", "libjs-jquery"),
    *("libjs-eonasdan-bootstrap-datetimepicker", "libjs-jquery-hotkeys", "libjs-moment"),
    *("libjs-moment-timezone", "libjs-mustache", "libjs-popper.js", "libjs-rickshaw"),
)
_PACKAGES: Final = ("prometheus", *_PAGE)

# The distribution chooses the version.
PROMETHEUS: Final = Component(
    name="prometheus", version="distribution", recipe=" ".join(_PACKAGES).encode()
)


def prometheus(cache: Path, progress: Progress, environment: Mapping[str, str]) -> Path:
    """Return the folder that holds `usr/bin/prometheus`, `usr/bin/promtool` and the page.

    Raises:
        InstallFailed: no Debian or Ubuntu, or the packages are not to be had.
    """

    def install(folder: Path) -> None:
        if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
            raise InstallFailed(
                "Prometheus comes from packages of Debian or Ubuntu, and this is neither"
            )
        work = cache / f".{PROMETHEUS.name}.download"
        shutil.rmtree(work, ignore_errors=True)
        (work / "lists" / "partial").mkdir(parents=True)
        # Lists of its own: the machine's may be old or absent, and only root may renew them.
        apt = (
            *("apt-get", "-o", f"Dir::State::Lists={work / 'lists'}"),
            *("-o", f"Dir::Cache={work}", "-o", "APT::Sandbox::User=root"),
        )
        for title, verb, expect in (
            (f"{PROMETHEUS.title}: lists of packages", ("update",), "up to a minute"),
            (PROMETHEUS.title, ("download", *_PACKAGES), "20 MB of packages"),
        ):
            progress.run(
                title, [*apt, *verb], environment=environment, cwd=work, tries=3, expect=expect
            )
        for package in sorted(work.glob("*.deb")):
            progress.run(
                f"{PROMETHEUS.title}: unpack {package.name.partition('_')[0]}",
                ["dpkg-deb", "-x", package, folder],
                environment=environment,
                cwd=work,
            )
        shutil.rmtree(work)

    return install_once(PROMETHEUS, cache, progress, install)
