"""No committed file holds a text that looks like a secret, except those that were checked and are none."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.plugins.keyword import KeywordDetector
from detect_secrets.settings import default_settings

from deploy.audit.allowed import Allowed
from deploy.audit.report import Checked, ToolFailed

# Checksums by the thousand, the checksums of what was found, and code that is generated from files that are scanned.
_NOT_SCANNED = (
    *(
        "uv.lock",
        "go.sum",
        "package-lock.json",
        "bff/trusted_documents.json",
        "deploy/audit/allowed.toml",
    ),
    *("_pb2.py", "_pb2.pyi", "_pb2_grpc.py", "_pb2_grpc.pyi"),
)


def committed_files(root: Path) -> list[str]:
    """Return what git knows and will know, below `root`; what it ignores is not there."""
    answer = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        raise ToolFailed(f"git ls-files: {answer.stderr.strip()}")
    return [name for name in answer.stdout.split("\0") if name]


def check_secrets(root: Path, files: Sequence[str], allowed: Allowed) -> Checked:
    """Scan `files` below `root` for passwords, tokens and keys."""
    scanned = [
        name for name in files if not name.endswith(_NOT_SCANNED) and (root / name).is_file()
    ]
    found = SecretsCollection(root=str(root))
    with default_settings():
        for name in scanned:
            found.scan_file(name)
    known = {(one.file, one.sha1) for one in allowed.secrets_that_are_none}
    seen = {
        (name, one.secret_hash): f"{name}:{one.line_number}: {one.type}, sha1 {one.secret_hash}"
        for name, one in found
        # Names such as "password" before a text: in Python ruff checks that (S105 to S107).
        if not (name.endswith(".py") and one.type == KeywordDetector.secret_type)
    }
    findings = [text for key, text in sorted(seen.items()) if key not in known]
    findings += [
        f"{name}: allowed.toml knows a secret there (sha1 {sha1}) that is there no more"
        for name, sha1 in sorted(known - seen.keys())
    ]
    return Checked(
        check="secrets",
        seen=f"{len(scanned)} files, {len(known)} known to be none",
        findings=findings,
    )
