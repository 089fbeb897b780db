"""The software bill of materials: CycloneDX JSON of all that the system is made of."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deploy.audit.inventory import Part
from deploy.audit.report import Checked, ToolFailed

_PROGRAMS = frozenset({"mongod", "keycloak", "node"})


def installed_python(root: Path) -> dict[str, Any]:
    """Return the CycloneDX document of the Python environment that runs this, licences included."""
    answer = subprocess.run(
        [
            *(sys.executable, "-m", "cyclonedx_py", "environment", sys.executable),
            *("--pyproject", "pyproject.toml", "--output-reproducible", "--of", "JSON"),
            # Its own check of its own output takes ten seconds.
            "--no-validate",
        ],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        raise ToolFailed(f"cyclonedx-py: {answer.stderr.strip()[-300:]}")
    document: dict[str, Any] = json.loads(answer.stdout)
    return document


def write_bill(document: dict[str, Any], parts: Sequence[Part], file: Path) -> Checked:
    """Add `parts` that the document lacks, and write it; the same input gives the same bytes."""
    components = list(document["components"])
    known = {component.get("purl") for component in components}
    users: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for part in parts:
        if not part.purl or part.purl not in known:
            users[part.name, part.version, part.purl].append(part.of)
    components += [
        {
            "type": "application" if name in _PROGRAMS else "library",
            "bom-ref": purl or f"{used_by[0]}/{name}@{version}",
            "name": name,
            "version": version,
            **({"purl": purl} if purl else {}),
            "properties": [{"name": "meterpark:part-of", "value": of} for of in sorted(used_by)],
        }
        for (name, version, purl), used_by in sorted(users.items())
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({**document, "components": components}, indent=1) + "\n")
    return Checked(
        check="bill of materials", seen=f"{len(components)} components, written to {file.name}"
    )
