"""ActiveMQ Artemis, for the tests of the transports alone: no stack starts it."""

from collections.abc import Mapping
from pathlib import Path

from deploy.runtime.cache import Component, install_once
from deploy.runtime.maven import unpack
from deploy.runtime.progress import Progress

# Its jars do not resolve one by one, the archive does.
_ARCHIVE = "org.apache.artemis:apache-artemis:2.56.0:tar.gz:bin"

ARTEMIS = Component(name="artemis", version="2.56.0", recipe=_ARCHIVE.encode())


def artemis(cache: Path, progress: Progress, environment: Mapping[str, str]) -> Path:
    """Return the folder of the broker; its jars are in `lib`."""

    def install(folder: Path) -> None:
        unpack(
            ARTEMIS.title,
            _ARCHIVE,
            folder=folder,
            progress=progress,
            environment=environment,
            expect="an archive of 49 MB, for the tests",
        )

    return install_once(ARTEMIS, cache, progress, install)
