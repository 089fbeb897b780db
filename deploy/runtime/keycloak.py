"""Keycloak, from Maven's archive of it, built once for the options that cannot change at a start."""

from collections.abc import Mapping
from pathlib import Path

from deploy.runtime.cache import Component, install_once
from deploy.runtime.java import java
from deploy.runtime.maven import unpack
from deploy.runtime.progress import Progress

_VERSION = "26.7.3"
_ARCHIVE = f"org.keycloak:keycloak-quarkus-dist:{_VERSION}:tar.gz"
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
        unpack(
            KEYCLOAK.title,
            _ARCHIVE,
            folder=folder,
            progress=progress,
            environment=environment,
            expect="an archive of 176 MB",
        )
        progress.run(
            f"{KEYCLOAK.title}: build",
            [folder / "bin" / "kc.sh", *_BUILD],
            environment={**environment, "JAVA": str(java(environment))},
            cwd=folder,
            expect="20 s to a minute",
        )

    return install_once(KEYCLOAK, cache, progress, install)
