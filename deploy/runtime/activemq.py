"""ActiveMQ Classic and its Java client, as jars that Maven resolves from a committed pom."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from deploy.runtime.cache import Component, install_once
from deploy.runtime.maven import deliver
from deploy.runtime.progress import InstallFailed, Progress

_POM = Path(__file__).parent / "activemq" / "pom.xml"

ACTIVEMQ = Component(name="activemq", version="6.3.1", recipe=_POM.read_bytes())


def activemq(cache: Path, progress: Progress, environment: Mapping[str, str]) -> Path:
    """Return the folder with the broker's jars, the Java client among them."""

    def install(folder: Path) -> None:
        # Maven writes beside the pom of a project; the checkout stays as it is.
        project = folder / "project"
        project.mkdir()
        shutil.copy(_POM, project)
        deliver(
            ACTIVEMQ.title,
            "copy-dependencies",
            ["-DincludeScope=runtime", f"-DoutputDirectory={folder}"],
            folder=project,
            progress=progress,
            environment=environment,
            expect="jars of 16 MB",
        )
        shutil.rmtree(project)
        if not list(folder.glob(f"activemq-broker-{ACTIVEMQ.version}.jar")):
            raise InstallFailed(f"{ACTIVEMQ.title}: Maven delivered no broker jar")

    return install_once(ACTIVEMQ, cache, progress, install)
