"""The command as a person starts it: a process of its own."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[3]
_PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one line on standard error."""
        (line,) = self.err.splitlines()
        return line


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Starts `meterpark` with nothing of this machine's environment but what is said here."""

    environment: dict[str, str]

    @classmethod
    def asking(cls, port: int, home: Path, **more: str) -> "Command":
        return cls(environment={**bare(home), "METERPARK_SIDECAR": f"127.0.0.1:{port}", **more})

    async def start(self, *arguments: str, stdout: int = asyncio.subprocess.PIPE) -> "Running":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "meterpark_cli",
            *arguments,
            cwd=_ROOT,
            env=self.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=stdout,
            stderr=asyncio.subprocess.PIPE,
        )
        return Running(process=process)

    async def __call__(self, *arguments: str) -> Ended:
        return await (await self.start(*arguments)).end()


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    process: asyncio.subprocess.Process

    async def line_with(self, text: str) -> str:
        """Return the first line from now on that holds ``text``."""
        return await _line_with(text, self.process.stdout)

    async def complaint_with(self, text: str) -> str:
        """Return the first line from now on that holds ``text`` on standard error."""
        return await _line_with(text, self.process.stderr)

    async def end(self, number: int | None = None) -> Ended:
        """Send the signal, if any, and return how it ended."""
        if number is not None:
            self.process.send_signal(number)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            out, err = await self.process.communicate()
        assert self.process.returncode is not None
        assert b"Traceback" not in err, err.decode()
        return Ended(code=self.process.returncode, out=out or b"", err=err.decode())


async def _line_with(text: str, stream: asyncio.StreamReader | None) -> str:
    assert stream is not None
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while line := (await stream.readline()).decode():
            if text in line:
                return line
    raise AssertionError(f"ended without {text!r}")


def bare(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_STATE_HOME": str(home),
        "TZ": "UTC",
        "LANG": "C.UTF-8",
    }
