"""Runs mongodump and mongorestore: the password on standard input, their progress passed on, and their end awaited."""

import json
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from park_backup.failures import BackupFailed

Tell = Callable[[str], None]

_LINES_KEPT: Final = 8
_STOP_SECONDS: Final = 3


@dataclass(frozen=True, slots=True)
class Tool:
    """One of MongoDB's own tools. ``url`` is whole, with its password."""

    program: str
    url: str = field(repr=False)

    def version(self) -> str:
        """Return its version.

        Raises:
            BackupFailed: it is not there.
        """
        with self._running(["--version"], stdout=subprocess.PIPE) as process:
            said, _ = process.communicate()
        # Behind "mongodump version: ".
        return said.partition(b"\n")[0].rpartition(b" ")[2].decode(errors="replace")

    def run(self, words: Sequence[str], tell: Tell) -> None:
        """Run it to its end.

        Raises:
            BackupFailed: it failed; the text holds its last lines.
        """
        said: deque[str] = deque(maxlen=_LINES_KEPT)
        # YAML, of which JSON is a part. On standard input, so that it lies in no file and on no command line.
        settings = json.dumps({"uri": self.url}).encode()
        with self._running(
            ["--config=/dev/stdin", *words], stdin=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            if process.stdin is None or process.stderr is None:
                raise TypeError("a process without the pipes that were asked for")
            # One that has ended by now says on the other pipe why.
            with suppress(BrokenPipeError), process.stdin as sink:
                sink.write(settings)
            for line in process.stderr:
                text = self._without_secret(line.decode(errors="replace")).rstrip()
                # Most lines begin with a time.
                text = text.partition("\t")[2] or text
                if text:
                    said.append(text)
                    tell(text)
            code = process.wait()
        if code != 0:
            raise BackupFailed(f"{self.program} ended with {code}: {' / '.join(said)}")

    @contextmanager
    def _running(
        self,
        words: Sequence[str],
        *,
        stdin: int = subprocess.DEVNULL,
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Start it; when the block is left, it has ended."""
        with ExitStack() as ending:
            # Else one that was started in that moment would be nobody's, and hold the folder's lock.
            with _signals_wait():
                process = self._started(words, stdin=stdin, stdout=stdout, stderr=stderr)
                ending.enter_context(process)
                ending.callback(_end, process)
            yield process

    def _started(
        self,
        words: Sequence[str],
        *,
        stdin: int,
        stdout: int | None,
        stderr: int | None,
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(  # noqa: S603 - a program that a setting names, words of ours, no shell
                [self.program, *words],
                # Ctrl-C is for this process, which then ends the tool.
                start_new_session=True,
                # The lock of the folder goes with it: a tool whose caller was killed still writes there.
                close_fds=False,
                # What it writes is for its owner alone.
                umask=0o077,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
            )
        except OSError as error:
            raise BackupFailed(
                f"{self.program} cannot be started: {error.strerror}; `make runtime` brings it"
            ) from None

    def _without_secret(self, text: str) -> str:
        login, at, _ = self.url.partition("@")
        password = login.rpartition(":")[2] if at and login.count(":") > 1 else ""
        return text.replace(password, "...") if password else text


@contextmanager
def _signals_wait() -> Iterator[None]:
    """Let SIGINT and SIGTERM take effect when the block is over, not within it."""
    if threading.current_thread() is not threading.main_thread():
        # Signals are handled in the main thread alone.
        yield
        return
    came: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: came.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)
        for number in came:
            signal.raise_signal(number)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it if it runs, politely first: it then ends its work in the database."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
