"""Keycloak, from Maven's archive of it, built once for the options that cannot change at a start."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from deploy.runtime.activemq import MAVEN_DEPENDENCY_PLUGIN
from deploy.runtime.cache import Component, install_once
from deploy.runtime.java import java
from deploy.runtime.progress import InstallFailed, Progress

_VERSION = "26.7.3"
_NAME = "keycloak-quarkus-dist"
# What no part of this system uses is not there to be attacked, and a start is shorter without it.
_WITHOUT = (
    "admin-fine-grained-authz",
    "authorization",
    "ciba",
    "client-policies",
    "impersonation",
    "kerberos",
    "opentelemetry",
    "organization",
    "par",
    "passkeys",
    "token-exchange-standard",
    "web-authn",
)
_BUILD = (
    "build",
    "--db=dev-file",
    "--health-enabled=true",
    f"--features-disabled={','.join(_WITHOUT)}",
)

KEYCLOAK = Component(name="keycloak", version=_VERSION, recipe=" ".join(_BUILD).encode())


def keycloak(cache: Path, progress: Progress, environment: Mapping[str, str]) -> Path:
    """Return the folder of a built Keycloak; a stack reads it and writes elsewhere."""

    def install(folder: Path) -> None:
        maven = shutil.which("mvn", path=environment.get("PATH"))
        if not maven:
            raise InstallFailed("mvn is not here; deploy/bootstrap.sh installs it (make runtime)")
        archive = folder / f"{_NAME}-{_VERSION}.tar.gz"
        progress.run(
            KEYCLOAK.title,
            [
                maven,
                *("--batch-mode", "--no-transfer-progress"),
                f"{MAVEN_DEPENDENCY_PLUGIN}:copy",
                f"-Dartifact=org.keycloak:{_NAME}:{_VERSION}:tar.gz",
                f"-DoutputDirectory={folder}",
            ],
            environment=environment,
            cwd=folder,
            tries=4,
            expect="an archive of 176 MB",
        )
        if not archive.is_file():
            raise InstallFailed(f"{KEYCLOAK.title}: Maven delivered no {archive.name}")
        progress.run(
            f"{KEYCLOAK.title}: unpack",
            ["tar", "--extract", "--gzip", "--strip-components=1", "--file", archive],
            environment=environment,
            cwd=folder,
        )
        archive.unlink()
        progress.run(
            f"{KEYCLOAK.title}: build",
            [folder / "bin" / "kc.sh", *_BUILD],
            environment={**environment, "JAVA": str(java(environment))},
            cwd=folder,
            expect="20 s to a minute",
        )

    return install_once(KEYCLOAK, cache, progress, install)
