"""The router's npm packages, as their lock file has them: versions, checksums, licences."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from deploy.audit.inventory import Part
from deploy.runtime.node import ROUTER_SOURCE

LOCK = ROUTER_SOURCE / "package-lock.json"
_EXACT = re.compile(r"\d+\.\d+\.\d+[\w.-]*")


def npm_parts(lock: Path) -> list[Part]:
    """Return every package of a `package-lock.json` but the project itself, each version once."""
    return sorted(
        {
            Part(
                name=_name(place),
                version=package["version"],
                purl=f"pkg:npm/{quote(_name(place), safe='/')}@{quote(package['version'])}",
                of="router",
            )
            for place, package in _packages(lock).items()
        }
    )


def npm_licences(lock: Path) -> dict[str, list[str]]:
    """Return what all versions of a package declare, by `npm:NAME`; an empty text where one declares nothing."""
    declared: dict[str, set[str]] = defaultdict(set)
    for place, package in _packages(lock).items():
        declared[f"npm:{_name(place)}"].add(package.get("license", ""))
    return {name: sorted(licences) for name, licences in declared.items()}


def npm_findings(folder: Path) -> list[str]:
    """Everything that is asked for has one exact version, every package a checksum, none an address of its own."""
    lock = folder / "package-lock.json"
    asked: Mapping[str, Any] = json.loads((folder / "package.json").read_text())
    named = {**asked.get("dependencies", {}), **asked.get("overrides", {})}
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
