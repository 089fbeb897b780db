"""Prometheus, from the distribution's packages. Only `make up WITH=observability` and the tests need it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.runtime.cache import Component
from deploy.runtime.distribution import VERSION, unpacked
from deploy.runtime.progress import Progress

# What its page loads: without them it has no scripts.
_PAGE: Final = (
    *("fonts-glyphicons-halflings", "libjs-bootstrap4", "libjs-d3", "libjs-jquery"),
    *("libjs-eonasdan-bootstrap-datetimepicker", "libjs-jquery-hotkeys", "libjs-moment"),
    *("libjs-moment-timezone", "libjs-mustache", "libjs-popper.js", "libjs-rickshaw"),
)
_PACKAGES: Final = ("prometheus", *_PAGE)

PROMETHEUS: Final = Component(
    name="prometheus", version=VERSION, recipe=" ".join(_PACKAGES).encode()
)


def prometheus(cache: Path, progress: Progress, environment: Mapping[str, str]) -> Path:
    """Return the folder that holds `usr/bin/prometheus`, `usr/bin/promtool` and the page.

    Raises:
        InstallFailed: no Debian or Ubuntu, or the packages are not to be had.
    """
    return unpacked(PROMETHEUS, _PACKAGES, cache, progress, environment, expect="20 MB of packages")
