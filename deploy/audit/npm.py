"""The npm packages of the router and of the page's build, as their locks have them: versions, checksums, licences."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from deploy.audit.inventory import Part
from deploy.runtime.node import ROUTER_SOURCE
from deploy.runtime.page import PAGE_SOURCE

# Folders with a lock of their own, and their purpose.
NPM_SOURCES: Final = {"router": ROUTER_SOURCE, "page": PAGE_SOURCE}
_LOCK: Final = "package-lock.json"
_EXACT = re.compile(r"\d+\.\d+\.\d+[\w.-]*")


def npm_parts(sources: Mapping[str, Path] = NPM_SOURCES) -> list[Part]:
    """Return every package of the locks but the projects themselves, each version of each project once."""
    return sorted(
        {
            Part(
                name=_name(place),
                version=package["version"],
                purl=f"pkg:npm/{quote(_name(place), safe='/')}@{quote(package['version'])}",
                of=of,
            )
            for of, source in sources.items()
            for place, package in _packages(source / _LOCK).items()
        }
    )


def npm_licences(sources: Mapping[str, Path] = NPM_SOURCES) -> dict[str, list[str]]:
    """Return what all versions of a package declare, by `npm:NAME`; an empty text where one declares nothing."""
    declared: dict[str, set[str]] = defaultdict(set)
    for place, package in (
        one for source in sources.values() for one in _packages(source / _LOCK).items()
    ):
        declared[f"npm:{_name(place)}"].add(package.get("license", ""))
    return {name: sorted(licences) for name, licences in declared.items()}


def npm_findings(folder: Path) -> list[str]:
    """Everything that is asked for has one exact version, every package a checksum, none an address of its own."""
    lock = folder / _LOCK
    asked: Mapping[str, Any] = json.loads((folder / "package.json").read_text())
    named = {
        name: version
        for kind in ("dependencies", "devDependencies", "overrides")
        for name, version in asked.get(kind, {}).items()
    }
    locked: Mapping[str, Any] = json.loads(lock.read_text())["packages"][""]
    findings = [
        f"package.json: {name} has no exact version ({version!r})"
        for name, version in named.items()
        if not _EXACT.fullmatch(version)
    ]
    if locked.get("dependencies") != asked.get("dependencies"):
        findings.append(f"{lock.name} does not fit package.json")
    for place, package in _packages(lock).items():
        if not package.get("integrity", "").startswith("sha512-"):
            findings.append(f"{lock.name}: {_name(place)} has no checksum")
        if "resolved" in package:
            findings.append(f"{lock.name}: {_name(place)} names where it comes from")
    return findings


def _packages(lock: Path) -> dict[str, Mapping[str, Any]]:
    packages: dict[str, Mapping[str, Any]] = json.loads(lock.read_text())["packages"]
    return {place: package for place, package in packages.items() if place}


def _name(place: str) -> str:
    return place.rpartition("node_modules/")[2]
