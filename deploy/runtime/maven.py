"""Running Maven for what it delivers; versions stand where the component is described."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.runtime.progress import InstallFailed, Progress

# By its version, as each Maven would choose another one.
_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"


def deliver(
    title: str,
    goal: str,
    options: Sequence[str],
    *,
    folder: Path,
    progress: Progress,
    environment: Mapping[str, str],
    expect: str,
) -> None:
    """Run a goal of Maven's dependency plugin (`unpack`, `copy`, ...) in `folder`.

    Raises:
        InstallFailed: no Maven here, or it fails again and again.
    """
    maven = shutil.which("mvn", path=environment.get("PATH"))
    if not maven:
        raise InstallFailed("mvn is not installed; deploy/bootstrap.sh installs it (make runtime)")
    progress.run(
        title,
        [maven, "--batch-mode", "--no-transfer-progress", f"{_PLUGIN}:{goal}", *options],
        environment=environment,
        cwd=folder,
        tries=4,
        expect=expect,
    )


def unpack(
    title: str,
    artifact: str,
    *,
    folder: Path,
    progress: Progress,
    environment: Mapping[str, str],
    expect: str,
) -> None:
    """Fill `folder` with what is in the one folder of a tar.gz (`group:name:version:tar.gz[:classifier]`).

    Raises:
        InstallFailed: as `deliver`, or the archive is broken.
    """
    # The plugin's own unpacking leaves marks of it behind.
    deliver(
        title,
        "copy",
        [f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"],
        folder=folder,
        progress=progress,
        environment=environment,
        expect=expect,
    )
    archives = list(folder.glob("*.tar.gz"))
    if len(archives) != 1:
        raise InstallFailed(f"{title}: Maven delivered no archive")
    progress.run(
        f"{title}: unpack",
        ["tar", "--extract", "--gzip", "--strip-components=1", "--file", archives[0]],
        environment=environment,
        cwd=folder,
    )
    archives[0].unlink()
