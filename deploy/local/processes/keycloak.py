"""Keycloak for one machine: what it needs, how it is started, and its first start.

The install in the cache is only read: `kc.home.dir` is a folder of the stack, with the database,
temporary files and configuration in it, and a link to the install's programs.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.local.facts.addresses import keycloak_url
from deploy.local.facts.keycloak_files import KeycloakFiles
from deploy.local.facts.secret_files import secret, write_private
from deploy.local.facts.stack_facts import StackFacts
from deploy.local.processes.keycloak_realm import filled_realm
from deploy.local.processes.keycloak_theme import write_theme
from deploy.local.processes.process_plan import ANY_PATH, After, HttpProbe, ProcessPlan

ADMIN: Final = "admin"
REALM_STEP: Final = "keycloak-realm"

# Erase the database ($1) if the file of the first start ($0) is still there; then be the program.
_UNLESS_COMPLETE = 'if [ -e "$0" ]; then rm -rf "$1"; fi; shift; exec "$@"'
_THREAD_FACTORY = "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory"


def prepare_keycloak(files: KeycloakFiles, *, install: Path, ports: Mapping[str, int]) -> None:
    """Make what this start needs; database and secrets stay as the first start made them."""
    files.folder.mkdir(exist_ok=True, mode=0o700)
    if files.is_new:
        write_private(files.realm_to_import, filled_realm(files.secrets))
    temporary = files.home / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True, mode=0o700)
    # Keycloak looks there whether it was built; what runs comes from the class path.
    programs = files.home / "lib"
    programs.unlink(missing_ok=True)
    programs.symlink_to(install / "lib")
    write_theme(files.home)
    options = {
        "cache": "local",
        "hostname": keycloak_url(ports),
        "http-enabled": "true",
        "http-host": "127.0.0.1",
        "http-port": ports["keycloak"],
        "http-management-host": "127.0.0.1",
        "http-management-port": ports["keycloak-management"],
        "bootstrap-admin-username": ADMIN,
        "bootstrap-admin-password": secret(files.secrets.admin),
        # Probes that come before it is ready are no news.
        "log-level": "info,io.smallrye.health:warn",
        # Logins and their means: one line each in this process's log.
        "spi-events-listener--jboss-logging--success-level": "info",
    }
    write_private(
        files.home / "conf" / "keycloak.conf",
        "# Written by deploy/local at each start; changes here are lost.\n"
        + "".join(f"{name}={value}\n" for name, value in options.items()),
    )


def keycloak_command(*, java: Path, install: Path, files: KeycloakFiles) -> list[str]:
    """Keycloak in the foreground, without the shell script around it: SIGTERM stops it cleanly.

    An interrupted first start begins anew: Keycloak cannot continue with half a schema. Options of the virtual machine
    are those of `kc.sh`, but for memory and compiler.
    """
    packages = ("java.util", "java.util.concurrent", "java.security", "java.lang")
    return [
        *("sh", "-c", _UNLESS_COMPLETE, str(files.realm_to_import), str(files.database)),
        str(java),
        # Measured for a stack of one machine: small and quick to start beats fast later.
        *("-Xms64m", "-Xmx256m", "-XX:MaxMetaspaceSize=256m"),
        *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"),
        "-XX:+ExitOnOutOfMemoryError",
        *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in packages),
        "--enable-native-access=ALL-UNNAMED",
        *("-Dfile.encoding=UTF-8", "-Duser.language=en", "-Duser.country=US"),
        f"-Djava.io.tmpdir={files.home / 'tmp'}",
        f"-Djava.util.concurrent.ForkJoinPool.common.threadFactory={_THREAD_FACTORY}",
        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
        "-Dpicocli.disable.closures=true",
        f"-Dkc.home.dir={files.home}",
        f"-Djboss.server.config.dir={files.home / 'conf'}",
        *("-cp", str(install / "lib" / "quarkus-run.jar")),
        "io.quarkus.bootstrap.runner.QuarkusEntryPoint",
        *("start", "--optimized", "--import-realm"),
    ]


def keycloak_plans(facts: StackFacts) -> list[ProcessPlan]:
    """Return Keycloak, and the step that ends its first start.

    No process waits for them: services retry until they get keys and tokens.
    """
    runtime, files = facts.runtime, facts.state.keycloak
    return [
        ProcessPlan(
            name="keycloak",
            command=tuple(
                keycloak_command(java=runtime.java, install=runtime.keycloak, files=files)
            ),
            environment=ANY_PATH,
            probe=HttpProbe(port=facts.ports["keycloak-management"], path="/health/ready"),
            probe_seconds=1,
            stop_seconds=20,
        ),
        # The realm is imported by now: its file with all the secrets goes, and its absence says
        # that the first start came to its end.
        ProcessPlan(
            name=REALM_STEP,
            command=("rm", "-f", str(files.realm_to_import)),
            after={"keycloak": After.HEALTHY},
            once=True,
        ),
    ]
