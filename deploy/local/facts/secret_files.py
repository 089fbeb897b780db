"""Secrets of a stack: made at its first start, one per file, readable by their owner alone."""

import os
import secrets
from pathlib import Path


def secret(file: Path, *, random_bytes: int = 32) -> str:
    """Return the secret in `file`; make one of `random_bytes` if there is none yet."""
    if not file.exists():
        write_private(file, secrets.token_urlsafe(random_bytes))
    return file.read_text()


def write_private(file: Path, content: str | bytes) -> None:
    """Write `file` whole or not at all; at no moment can anyone but its owner read it."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as sink:
        sink.write(content.encode() if isinstance(content, str) else content)
    partial.replace(file)
