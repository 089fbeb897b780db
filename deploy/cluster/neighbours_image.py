"""The image of MongoDB, ActiveMQ and Keycloak, for the demo profile: to try things out, and for tests."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from deploy.images.bases import JAVA, debian_bases
from deploy.images.engine import Engine
from deploy.local.processes.broker import CONFIGURATION, LOGGING
from deploy.local.processes.keycloak_theme import write_theme
from deploy.runtime.paths import Runtime

_FILE = Path(__file__).with_name("neighbours.Dockerfile")


def build_neighbours_image(
    engine: Engine,
    runtime: Runtime,
    environment: Mapping[str, str],
    *,
    tag: str,
    labels: Mapping[str, str],
    own_bases: bool,
) -> None:
    """Build it, from Debian's own packages if `own_bases` says so.

    Raises:
        ImagesFailed: the engine failed.
    """
    if own_bases:
        debian_bases(engine, environment, [JAVA])
    with tempfile.TemporaryDirectory(prefix="meterpark-neighbours-") as folder:
        context = Path(folder)
        _fill(context / "rootfs", runtime)
        engine.build(tag, _FILE, context, {**labels, **({"BASE": JAVA} if own_bases else {})})


def _fill(root: Path, runtime: Runtime) -> None:
    # Packages that are laid out, not installed, have none, and Keycloak does not start without.
    trusted = root / "etc" / "ssl" / "certs" / "java"
    trusted.mkdir(parents=True)
    java_home = runtime.java.resolve().parents[1]
    shutil.copy(java_home / "lib" / "security" / "cacerts", trusted / "cacerts")
    programs = root / "usr" / "local" / "bin"
    programs.mkdir(parents=True)
    shutil.copy(runtime.mongod, programs / "mongod")
    activemq = root / "opt" / "activemq"
    shutil.copytree(runtime.activemq_jars, activemq / "lib")
    shutil.copy(CONFIGURATION, activemq)
    shutil.copy(LOGGING, activemq)
    shutil.copytree(runtime.keycloak / "lib", root / "opt" / "keycloak" / "lib", symlinks=True)
    home = root / "keycloak"
    for place in ("conf", "data", "providers"):
        (home / place).mkdir(parents=True)
    # Keycloak looks there whether it was built; what runs comes from the class path.
    (home / "lib").symlink_to("/opt/keycloak/lib")
    write_theme(home)
