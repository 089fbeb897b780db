"""The bill of materials of an image (CycloneDX JSON): what syft finds in its archive."""

import json
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from deploy.images.context import ROOT
from deploy.images.engine import ImagesFailed

# It asks nobody whether there is a newer one of it.
_QUIET: Final = {"SYFT_CHECK_FOR_APP_UPDATE": "false"}
_NAME = re.compile(r"[\w.-]+")

Bill = dict[str, Any]


def write_bill(syft: Path, name: str, archive: Path, *, kind: str) -> str:
    """Write the bill of the image `name` beside its archive, which is one of `kind`; return what was found.

    Raises:
        ImagesFailed: syft failed, or it did not find what is known to be in the image.
    """
    answer = subprocess.run(
        [syft, "scan", "--quiet", "--output", "cyclonedx-json", f"{kind}:{archive}"],
        env={**os.environ, **_QUIET},
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        raise ImagesFailed(f"{archive}: syft: {answer.stderr.strip()}")
    bill = without_its_moment(json.loads(answer.stdout), name)
    if lacks := sorted(known_parts(name) - set(found_parts(bill))):
        raise ImagesFailed(f"{archive}: the bill of materials lacks {', '.join(lacks)}")
    file = archive.with_suffix(".cdx.json")
    file.write_text(json.dumps(bill, indent=1) + "\n")
    return f"{file.name}, {len(set(found_parts(bill)))} packages"


def without_its_moment(bill: Bill, name: str) -> Bill:
    """Return the bill without what differs from run to run, and from checkout to checkout."""
    metadata = {key: value for key, value in bill["metadata"].items() if key != "timestamp"}
    component = {**metadata["component"], "name": f"meterpark/{name}"}
    kept = {key: value for key, value in bill.items() if key != "serialNumber"}
    return {**kept, "metadata": {**metadata, "component": component}}


def found_parts(bill: Bill) -> Iterator[str]:
    """Yield kind and name of each package: `pypi/grpcio`, `npm/graphql`, `deb/tzdata`, `golang/stdlib`."""
    for component in bill["components"]:
        if purl := component.get("purl"):
            kind = purl.removeprefix("pkg:").partition("/")[0]
            group = f"{component['group']}/" if kind == "npm" and component.get("group") else ""
            yield f"{kind}/{group}{_even(component['name'], kind)}"


def known_parts(name: str) -> set[str]:
    """Return what has to be in an image, as its sources say: what we name ourselves, and Go's own library."""
    if name == "web":
        packages = json.loads((ROOT / "deploy" / "router" / "package.json").read_text())
        return {f"npm/{package}" for package in packages["dependencies"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = [_NAME.match(one) for one in project["dependencies"] if ";" not in one]
    return {"golang/stdlib", *(f"pypi/{_even(found[0], 'pypi')}" for found in named if found)}


def _even(name: str, kind: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower() if kind == "pypi" else name
