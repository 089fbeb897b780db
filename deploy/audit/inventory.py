"""The parts of the system: locked Python packages, and the programs of the runtime with their contents."""

import json
import re
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from deploy.audit.report import ToolFailed
from deploy.runtime.go_builds import DAPR_PROGRAMS
from deploy.runtime.keycloak import KEYCLOAK
from deploy.runtime.node import NODE
from deploy.runtime.paths import Runtime
from deploy.runtime.python_packages import MONGOD

_POM_PROPERTIES = re.compile(r"META-INF/maven/[^/]+/[^/]+/pom\.properties")
# Keycloak names its jars group.artifact-version.jar, Maven artifact-version.jar.
_JAR = re.compile(r"(?:(?P<group>[a-z][\w.-]*)\.)?(?P<artifact>[^.]+)-(?P<version>\d[\w.-]*)\.jar")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Part:
    """`purl` is how databases name it (https://github.com/package-url); empty when that is not known."""

    name: str
    version: str
    purl: str
    # What it is part of: "python", or a program of the runtime.
    of: str


def python_parts(lock: Path) -> list[Part]:
    """Return every package of a `uv.lock` except the project itself, for all platforms."""
    return [
        Part(
            name=package["name"],
            version=package["version"],
            purl=_purl("pypi", package["name"], package["version"]),
            of="python",
        )
        for package in tomllib.loads(lock.read_text())["package"]
        if "editable" not in package["source"]
    ]


def runtime_parts(runtime: Runtime, maven_groups: Mapping[str, str], *, go: Path) -> list[Part]:
    """Return the programs of the runtime, the Go modules linked into them, the jars beside them; each once."""
    parts = {
        Part(
            name="mongod",
            version=MONGOD.version,
            purl=_purl("generic", "mongodb", MONGOD.version),
            of="mongod",
        ),
        Part(
            name="keycloak",
            version=KEYCLOAK.version,
            purl=_purl("maven", "org.keycloak/keycloak-quarkus-dist", KEYCLOAK.version),
            of="keycloak",
        ),
        Part(
            name="node",
            version=NODE.version,
            purl=_purl("generic", "nodejs", NODE.version),
            of="node",
        ),
    }
    for program in DAPR_PROGRAMS:
        parts.update(go_parts(getattr(runtime, program), go=go, of="dapr"))
    parts.update(go_parts(runtime.process_compose, go=go, of="process-compose"))
    for tool in (runtime.mongodump, runtime.mongorestore):
        parts.update(go_parts(tool, go=go, of="database-tools"))
    parts.update(go_parts(runtime.grpc_health_probe, go=go, of="grpc-health-probe"))
    for jar in runtime.activemq_jars.glob("*.jar"):
        parts.add(jar_part(jar, maven_groups, of="activemq"))
    for jar in (runtime.keycloak / "lib" / "lib").rglob("*.jar"):
        parts.add(jar_part(jar, maven_groups, of="keycloak"))
    return sorted(parts)


def go_parts(program: Path, *, go: Path, of: str) -> Iterator[Part]:
    """Yield the Go release and every module that is linked into `program`, as `go` reads them from it.

    Raises:
        ToolFailed: no Go program, or one without its list.
    """
    answer = subprocess.run(
        [go, "version", "-m", "-json", program], capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        raise ToolFailed(f"go version -m: {answer.stderr.strip()[-300:]}")
    said = json.loads(answer.stdout)
    version = said["GoVersion"].split()[0].removeprefix("go")
    yield Part(name="stdlib", version=version, purl=_purl("golang", "stdlib", version), of=of)
    for listed in [said["Main"], *said.get("Deps", [])]:
        module = listed.get("Replace", listed)
        name, version = module["Path"], module["Version"]
        # Ours has no version, and is in no database.
        purl = "" if version == "(devel)" else _purl("golang", name, version)
        yield Part(name=name, version=version, purl=purl, of=of)


def jar_part(jar: Path, maven_groups: Mapping[str, str], *, of: str) -> Part:
    """Return what a jar says of itself; else what its name says, with the group from the table."""
    with zipfile.ZipFile(jar) as archive:
        found = [name for name in archive.namelist() if _POM_PROPERTIES.fullmatch(name)]
        # More than one: others are packed into it.
        said = archive.read(found[0]).decode() if len(found) == 1 else ""
    own = dict(line.split("=", maxsplit=1) for line in said.splitlines() if "=" in line)
    if {"groupId", "artifactId", "version"} <= own.keys():
        group, artifact, version = (
            own[key].strip() for key in ("groupId", "artifactId", "version")
        )
    else:
        named = _JAR.fullmatch(jar.name)
        if not named:
            return Part(name=jar.stem, version="", purl="", of=of)
        artifact, version = named["artifact"], named["version"]
        by_table = (to for begins, to in maven_groups.items() if artifact.startswith(begins))
        group = named["group"] or next(by_table, "")
    purl = _purl("maven", f"{group}/{artifact}", version) if group else ""
    return Part(name=artifact, version=version, purl=purl, of=of)


def _purl(kind: str, name: str, version: str) -> str:
    return f"pkg:{kind}/{quote(name)}@{quote(version)}"
