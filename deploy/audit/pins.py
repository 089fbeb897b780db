"""Everything that is fetched is pinned, by version and where the tool can by checksum."""

import re
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from deploy.audit.npm import NPM_SOURCES, npm_findings
from deploy.audit.report import Checked
from deploy.runtime.python_packages import uv_program

_MAVEN = "{http://maven.apache.org/POM/4.0.0}"
_EXACT = re.compile(r"\d[\w.-]*")
_GO_REQUIRED = re.compile(
    r"^\s*(?:require\s+)?(?P<module>[\w./~-]+\.[\w./~-]+) (?P<version>v\S+)", re.MULTILINE
)


def check_pins(root: Path, environment: Mapping[str, str]) -> Checked:
    """Check every file that says what is fetched; call no registry."""
    go_modules = sorted((root / "deploy" / "runtime").rglob("go.mod"))
    poms = sorted((root / "deploy" / "runtime").rglob("pom.xml"))
    findings = [
        *_lock_in_step(root, environment),
        *lock_findings(root / "uv.lock"),
        *(finding for file in go_modules for finding in go_findings(file)),
        *(finding for file in poms for finding in pom_findings(file)),
        *(finding for folder in NPM_SOURCES.values() for finding in npm_findings(folder)),
        *bootstrap_findings(root / "deploy" / "bootstrap.sh"),
    ]
    return Checked(
        check="pins",
        seen=f"uv.lock, {len(NPM_SOURCES)} package-lock.json, {len(go_modules)} go.mod, "
        f"{len(poms)} pom.xml, bootstrap.sh",
        findings=findings,
        not_covered=["packages of the system: the distribution chooses their versions"],
    )


def _lock_in_step(root: Path, environment: Mapping[str, str]) -> list[str]:
    uv = uv_program(environment)
    if uv is None:
        return ["uv is missing, so it is unknown whether uv.lock fits pyproject.toml (make set-up)"]
    answer = subprocess.run(
        [uv, "lock", "--check", "--offline"], cwd=root, capture_output=True, text=True, check=False
    )
    if answer.returncode == 0:
        return []
    return [f"uv.lock does not fit pyproject.toml: {answer.stderr.strip().splitlines()[-1]}"]


def lock_findings(lock: Path) -> list[str]:
    """Every file of every package in a `uv.lock` has a checksum."""
    packages = tomllib.loads(lock.read_text())["package"]
    return [
        f"{lock.name}: {package['name']} has a file without checksum"
        for package in packages
        if "registry" in package["source"]
        for file in [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
        if not str(file.get("hash", "")).startswith("sha256:")
    ] + [
        f"{lock.name}: {package['name']} comes from {', '.join(package['source'])}, not from a registry"
        for package in packages
        if not {"registry", "editable"} & package["source"].keys()
    ]


def go_findings(module: Path) -> list[str]:
    """Every module that a go.mod requires has a checksum in the go.sum beside it."""
    sums = {tuple(line.split()[:2]) for line in (module.parent / "go.sum").read_text().splitlines()}
    text = module.read_text()
    replaced = set(re.findall(r"^(?:replace\s+|\s+)(\S+)(?: v\S+)? =>", text, re.MULTILINE))
    return [
        f"{module.parent.name}/go.sum: no checksum of {found['module']} {found['version']}"
        for found in _GO_REQUIRED.finditer(text)
        if found["module"] not in replaced
        and (found["module"], f"{found['version']}/go.mod") not in sums
    ]


def pom_findings(pom: Path) -> list[str]:
    """Every dependency in a pom.xml has one exact version."""
    project = ET.parse(pom).getroot()  # noqa: S314 - ours, committed
    properties: dict[str, str | None] = {}
    for block in project.iter(f"{_MAVEN}properties"):
        properties |= {one.tag.removeprefix(_MAVEN): one.text for one in block}
    findings = []
    for dependency in project.iter(f"{_MAVEN}dependency"):
        said = dependency.findtext(f"{_MAVEN}version") or ""
        if named := re.fullmatch(r"\$\{(.+)\}", said):
            said = properties.get(named[1]) or ""
        if not _EXACT.fullmatch(said) or said.endswith("SNAPSHOT"):
            name = dependency.findtext(f"{_MAVEN}artifactId")
            findings.append(f"{pom.parent.name}/pom.xml: {name} has no exact version ({said!r})")
    return findings


def bootstrap_findings(script: Path) -> list[str]:
    """The one program that is fetched before anything else is uv."""
    text = script.read_text()
    if re.search(r"^uv_version=\d+\.\d+\.\d+$", text, re.MULTILINE) and '"uv==$uv_version"' in text:
        return []
    return [f"{script.name}: uv is not pinned"]
