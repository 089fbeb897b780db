"""Make every check, say what came out, exit with 1 when something was found."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from deploy.audit.allowed import read_allowed
from deploy.audit.bill_of_materials import installed_python, write_bill
from deploy.audit.inventory import python_parts, runtime_parts
from deploy.audit.licences import check_licences
from deploy.audit.npm import npm_licences, npm_parts
from deploy.audit.pins import check_pins
from deploy.audit.report import Checked, ToolFailed
from deploy.audit.secrets_scan import check_secrets, committed_files
from deploy.audit.vulnerabilities import OSV_URL, check_vulnerabilities
from deploy.runtime.cache import cache_root
from deploy.runtime.paths import RuntimeMissing, installed_runtime
from deploy.runtime.progress import InstallFailed, Progress
from deploy.runtime.python_packages import go

_ROOT = Path(__file__).resolve().parents[2]
_BILL = Path("dist") / "meterpark.cdx.json"
_FOUND, _NOT_MADE = 1, 2


def main() -> int:
    try:
        return tell(_checks(_ROOT))
    except (InstallFailed, RuntimeMissing, ToolFailed) as error:
        print(f"audit: {error}", file=sys.stderr)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        place = ".".join(map(str, wrong["loc"]))
        print(f"audit: allowed.toml: {place}: {wrong['msg']}", file=sys.stderr)
    return _NOT_MADE


def _checks(root: Path) -> list[Checked]:
    allowed = read_allowed()
    python = python_parts(root / "uv.lock")
    cache = cache_root(os.environ)
    compiler = go(cache, Progress(logs=cache / "logs"), os.environ)
    runtime = runtime_parts(installed_runtime(os.environ), allowed.maven_groups, go=compiler)
    npm = npm_parts()
    document = installed_python(root)
    url = os.environ.get("METERPARK_OSV_URL", OSV_URL)
    return [
        write_bill(document, [*python, *npm, *runtime], root / _BILL),
        check_pins(root, os.environ),
        check_licences(python, document["components"], npm_licences(), runtime, allowed),
        check_secrets(root, committed_files(root), allowed),
        asyncio.run(check_vulnerabilities([*python, *npm, *runtime], allowed, url=url)),
    ]


def tell(checks: Sequence[Checked]) -> int:
    """Print findings and gaps, then a line per check; return the exit code."""
    for one in checks:
        for gap in one.not_covered:
            print(f"not covered  {one.check}: {gap}")
    for one in checks:
        for finding in one.findings:
            print(f"FOUND        {one.check}: {finding}")
    print()
    for one in checks:
        made = "not made" if one.seen == "nothing" else "ok"
        outcome = f"{len(one.findings)} found" if one.findings else made
        print(f"{one.check:18} {outcome:10} {one.seen}")
    found = sum(len(one.findings) for one in checks)
    not_made = [one.check for one in checks if one.seen == "nothing"]
    gap = f"; NOT MADE: {', '.join(not_made)}" if not_made else ""
    print(f"\naudit: {found} findings in {len(checks) - len(not_made)} checks{gap}")
    return _FOUND if found else 0


if __name__ == "__main__":
    sys.exit(main())
