"""Images to begin with, made of Debian's packages, for a machine that reaches no registry.

With a registry the official ones of the Dockerfiles are better: others look after them.
"""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.images.engine import Engine, ImagesFailed, run

# Where programs build: a whole small Debian.
BUILDER = "localhost/meterpark/base-builder:12"
# What programs need to run and nothing else: packages are laid out, not installed. There is no shell in them.
# The tag counts its recipes: a store that holds an older one makes it anew.
PYTHON = "localhost/meterpark/base-python:12-2"
NODE = "localhost/meterpark/base-node:12"
# For the neighbours of the demo profile: a Java, and what mongod needs.
JAVA = "localhost/meterpark/base-java:12"

_LAID_OUT = {
    PYTHON: "python3-minimal,libpython3.11-stdlib,libstdc++6,libssl3,tzdata",
    NODE: "libc6,libstdc++6,libgcc-s1",
    JAVA: "openjdk-17-jre-headless,libcurl4,liblzma5,libssl3,libstdc++6",
}
# dpkg and tar come along, and are of no use in an image that is never changed.
_USELESS = (
    *("usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/bug", "usr/share/lintian"),
    *("usr/bin/dpkg*", "usr/lib/dpkg", "usr/share/dpkg", "var/lib/dpkg/info/*.list", "bin/tar"),
    *("usr/sbin/tarcat", "sbin/start-stop-daemon", "var/cache/apt", "etc/apt", "etc/cron.daily"),
    # The machine's own.
    *("etc/hostname", "etc/resolv.conf"),
)


def debian_bases(engine: Engine, environment: Mapping[str, str], wanted: Sequence[str]) -> None:
    """Make those of `wanted` that the engine's store does not hold yet.

    Raises:
        ImagesFailed: this engine or this machine cannot.
    """
    missing = [tag for tag in wanted if not engine.has(tag)]
    if not missing:
        return
    if engine.name != "buildah" or not shutil.which("mmdebstrap", path=environment.get("PATH")):
        raise ImagesFailed(
            "bases are made of Debian's packages by mmdebstrap and buildah: install both"
        )
    for tag in missing:
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder) / "base.tar"
            print(f"  {tag} ...", flush=True)
            run(["mmdebstrap", "--quiet", *_recipe(tag), "bookworm", archive])
            file = Path(folder) / "Dockerfile"
            file.write_text("FROM scratch\nADD base.tar /\n")
            engine.build(tag, file, Path(folder), {})


def _recipe(tag: str) -> tuple[str, ...]:
    if tag == BUILDER:
        return ("--variant=minbase", "--include=ca-certificates")
    useless = " ".join(f'"$1"/{path}' for path in _USELESS)
    return (
        "--variant=extract",
        f"--include={_LAID_OUT[tag]}",
        f"--customize-hook=rm -rf {useless}",
    )
