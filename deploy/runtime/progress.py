"""Runs long work and shows the user its progress, its duration and its log."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from service_chassis.retries import Backoff

_BACKOFF = Backoff(first_seconds=2.0, ceiling_seconds=60.0)
_HEARTBEAT_SECONDS = 15.0
_TAIL_LINES = 12


class InstallFailed(Exception):
    """A step failed for good; the text is one line for the user, log file included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Prints progress for the user; keeps the output of tools in log files under `logs`."""

    logs: Path
    out: TextIO = sys.stderr

    def say(self, text: str) -> None:
        print(text, file=self.out, flush=True)

    def run(
        self,
        what: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        cwd: Path,
        tries: int = 1,
        expect: str = "",
        hint: str = "",
    ) -> None:
        """Run `command`; on failure repeat it with growing pauses, at most `tries` times in all.

        `expect` says what takes long, `hint` what the user can do after a final failure.

        Raises:
            InstallFailed: naming the log file, after the log's last lines were shown.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{what.split(':', maxsplit=1)[0].replace(' ', '-').lower()}.log"
        self.say(f"  {what}{f' ({expect})' if expect else ''} ...")
        started = time.monotonic()
        for attempt in range(1, tries + 1):
            code = self._attempt(what, command, environment, cwd, log)
            if code == 0:
                self.say(f"  {what}: done in {_spell(time.monotonic() - started)}")
                return
            if attempt < tries:
                pause = _BACKOFF.seconds(attempt)
                self.say(
                    f"  {what}: failed (exit {code}), trying again in {pause:.0f} s; log: {log}"
                )
                time.sleep(pause)
        for line in log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]:
            self.say(f"    | {line}")
        raise InstallFailed(f"{what} failed{f'; {hint}' if hint else ''}; see the log: {log}")

    def _attempt(
        self,
        what: str,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        cwd: Path,
        log: Path,
    ) -> int:
        started = time.monotonic()
        with log.open("a") as sink:
            sink.write(f"\n$ {' '.join(map(str, command))}\n")
            sink.flush()
            process = subprocess.Popen(
                [str(word) for word in command],
                env=dict(environment),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                while True:
                    try:
                        return process.wait(timeout=_HEARTBEAT_SECONDS)
                    except subprocess.TimeoutExpired:
                        elapsed = _spell(time.monotonic() - started)
                        self.say(f"  {what}: still running, {elapsed} so far")
            finally:
                # Interrupted: a build left behind would go on writing for minutes.
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()


def _spell(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
