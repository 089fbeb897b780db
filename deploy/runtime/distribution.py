"""Programs of the distribution, from its packages: unpacked into the cache, not installed, so that nothing starts."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.runtime.cache import Component, install_once
from deploy.runtime.progress import InstallFailed, Progress

# The distribution chooses the versions.
VERSION = "distribution"


def unpacked(
    component: Component,
    packages: Sequence[str],
    cache: Path,
    progress: Progress,
    environment: Mapping[str, str],
    *,
    expect: str,
    finish: Callable[[Path], None] = lambda _folder: None,
) -> Path:
    """Return the component's folder with all files of `packages`, below it as below `/`.

    What they depend on is not there unless it is named, too. `finish` gets the folder before it is complete.

    Raises:
        InstallFailed: no Debian or Ubuntu, or the packages are not to be had.
    """

    def install(folder: Path) -> None:
        if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
            raise InstallFailed(
                f"{component.name} comes from packages of Debian or Ubuntu, and this is neither"
            )
        work = cache / f".{component.name}.download"
        shutil.rmtree(work, ignore_errors=True)
        (work / "lists" / "partial").mkdir(parents=True)
        # Lists of its own: the machine's may be old or absent, and only root may renew them.
        apt = (
            *("apt-get", "-o", f"Dir::State::Lists={work / 'lists'}"),
            *("-o", f"Dir::Cache={work}", "-o", "APT::Sandbox::User=root"),
        )
        for title, verb, takes in (
            (f"{component.title}: lists of packages", ("update",), "up to a minute"),
            (component.title, ("download", *packages), expect),
        ):
            progress.run(
                title, [*apt, *verb], environment=environment, cwd=work, tries=3, expect=takes
            )
        for package in sorted(work.glob("*.deb")):
            progress.run(
                f"{component.title}: unpack {package.name.partition('_')[0]}",
                ["dpkg-deb", "-x", package, folder],
                environment=environment,
                cwd=work,
            )
        finish(folder)
        shutil.rmtree(work)

    return install_once(component, cache, progress, install)
