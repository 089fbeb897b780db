"""What the system is made of: locked Python packages, and the programs of the runtime with what is in them."""

import mmap
import re
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from deploy.runtime.go_builds import DAPR_PROGRAMS
from deploy.runtime.keycloak import KEYCLOAK
from deploy.runtime.node import NODE
from deploy.runtime.paths import Runtime
from deploy.runtime.python_packages import MONGOD

_POM_PROPERTIES = re.compile(r"META-INF/maven/[^/]+/[^/]+/pom\.properties")
# Keycloak names its jars group.artifact-version.jar, Maven artifact-version.jar.
_JAR = re.compile(r"(?:(?P<group>[a-z][\w.-]*)\.)?(?P<artifact>[^.]+)-(?P<version>\d[\w.-]*)\.jar")
# A Go program carries a list of the modules that it was built from, as text, behind this mark.
_GO_MARK = b"\xff Go buildinf:\x08\x02"
_GO_HEADER = 200
_GO_VERSION = re.compile(rb"go(1\.[0-9.]+)")
_LONGEST_GO_LIST = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Part:
    """`purl` is how databases name it (https://github.com/package-url); empty when that is not known."""

    name: str
    version: str
    purl: str
    # What it is part of: "python", or a program of the runtime.
    of: str


def python_parts(lock: Path) -> list[Part]:
    """Return every package of a `uv.lock` but the project itself, for whatever platform it is."""
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


def runtime_parts(runtime: Runtime, maven_groups: Mapping[str, str]) -> list[Part]:
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
        parts.update(go_parts(getattr(runtime, program), of="dapr"))
    parts.update(go_parts(runtime.process_compose, of="process-compose"))
    parts.update(go_parts(runtime.grpc_health_probe, of="grpc-health-probe"))
    for jar in runtime.activemq_jars.glob("*.jar"):
        parts.add(jar_part(jar, maven_groups, of="activemq"))
    for jar in (runtime.keycloak / "lib" / "lib").rglob("*.jar"):
        parts.add(jar_part(jar, maven_groups, of="keycloak"))
    return sorted(parts)


def go_parts(program: Path, *, of: str) -> Iterator[Part]:
    """Yield the Go release and every module that is linked into `program`.

    Raises:
        ValueError: no Go program, or one without its list.
    """
    with program.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        place = text.find(_GO_MARK)
        start = text.find(b"path\t", place, place + _GO_HEADER)
        if place < 0 or start < 0:
            raise ValueError(f"{program} does not say which Go modules it was built from")
        release = _GO_VERSION.search(text[place:start])
        listed = text[start : start + _LONGEST_GO_LIST]
    if release:
        version = release[1].decode()
        yield Part(name="stdlib", version=version, purl=_purl("golang", "stdlib", version), of=of)
    module: tuple[str, str] | None = None
    for line in listed.decode(errors="replace").splitlines():
        kind, *words = line.split("\t")
        if kind not in {"path", "mod", "dep", "=>", "build"}:
            break
        if module and kind != "=>":
            yield _module(*module, of=of)
            module = None
        if kind in {"mod", "dep", "=>"}:
            module = (words[0], words[1])


def _module(name: str, version: str, *, of: str) -> Part:
    # Ours has no version, and is in no database.
    known = version != "(devel)"
    return Part(
        name=name, version=version, purl=_purl("golang", name, version) if known else "", of=of
    )


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
