"""The verbs of a stack: up, status, logs, rotate-certificates, backup, restore, down, reset."""

import argparse
import contextlib
import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial

from pydantic import ValidationError

from deploy.local.facts.ports import PortTaken
from deploy.local.facts.settings import StackSettings
from deploy.local.facts.state_directory import UnusableStateDirectory
from deploy.local.stack.backups import run_backup
from deploy.local.stack.health import explain, tell_health
from deploy.local.stack.rotation import RotationFailed, rotate_certificates
from deploy.local.stack.stack import Stack, StackFailed
from deploy.local.stack.welcome import way_in, welcome
from deploy.local.supervision.supervisor import ProcessState, SupervisorAway
from deploy.runtime.paths import RuntimeMissing, installed_runtime
from deploy.runtime.progress import InstallFailed

_UNHEALTHY = 1
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    said = _parser().parse_args(arguments)
    # `make status | head` is no error.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        stack = Stack.named(StackSettings(), os.environ)
        return _do(stack, said)
    except KeyboardInterrupt:
        print(
            "interrupted; started processes keep running: make status, make down. "
            "A rotation continues where it stopped when you start it again",
            file=sys.stderr,
        )
        return _INTERRUPTED
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        name = f"METERPARK_{wrong['loc'][0]}".upper()
        return _fail(f"setting {name}: {wrong['msg'].lower()}")
    except (
        InstallFailed,
        PortTaken,
        RotationFailed,
        RuntimeMissing,
        StackFailed,
        UnusableStateDirectory,
    ) as error:
        return _fail(str(error))
    except OSError as error:
        # A state directory that cannot be written, a full disk: nothing of ours would say it better.
        return _fail(
            f"{error.filename or 'the stack'}: {error.strerror or error}; "
            "set XDG_STATE_HOME to use another place for the stack's data"
        )


def _do(stack: Stack, said: argparse.Namespace) -> int:
    match said.verb:
        case "up":
            return _up(stack)
        case "status":
            return tell_health(stack)
        case "logs":
            return _logs(stack, said.process)
        case "rotate-certificates":
            rotate_certificates(stack, partial(print, flush=True), now=dt.datetime.now(dt.UTC))
            return 0
        case "backup" | "backups" | "restore":
            return _copies(stack, said)
        case "down":
            return _down(stack)
        case _:
            return _reset(stack, sure=said.yes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("up", help="start the stack and return when it is ready")
    verbs.add_parser("status", help="exit 0 if everything works, else 1 with what does not")
    logs = verbs.add_parser("logs", help="follow the logs of one process, or of all")
    logs.add_argument("process", nargs="?")
    verbs.add_parser(
        "rotate-certificates",
        help="give the sidecars a new root certificate while they work; may be interrupted and repeated",
    )
    verbs.add_parser("backup", help="make a backup of journal and register; the stack may be up")
    back = verbs.add_parser(
        "restore", help="restore a backup; services must be down, and no park be there"
    )
    back.add_argument("backup", help="a path, the name of a backup, or latest")
    back.add_argument("--replace", action="store_true", help="delete the park that is there")
    verbs.add_parser("backups", help="list the backups of the stack")
    verbs.add_parser("down", help="stop everything that the stack started; the data stays")
    reset = verbs.add_parser("reset", help="stop, and erase the stack's data")
    reset.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def _copies(stack: Stack, said: argparse.Namespace) -> int:
    words = {"backup": ["make"], "backups": ["list"]}.get(said.verb)
    if words is None:
        words = ["restore", said.backup, *(["--replace"] if said.replace else [])]
    return run_backup(stack, installed_runtime(os.environ), words, os.environ)


def _up(stack: Stack) -> int:
    started = time.monotonic()

    def tell(state: ProcessState) -> None:
        word = "done" if state.is_step else "ready"
        print(f"  {time.monotonic() - started:5.1f} s  {state.name} {word}", flush=True)

    def remind(waiting: list[ProcessState]) -> None:
        names = ", ".join(f"{state.name} ({state.trouble})" for state in waiting)
        print(f"  {time.monotonic() - started:5.1f} s  still waiting for {names}", flush=True)

    with stack.held():
        if stack.is_up():
            print(f"stack {stack.settings.stack} is already up")
            print(way_in(stack))
            return tell_health(stack)
        print(f"starting stack {stack.settings.stack} in {stack.state.root}", flush=True)
        first_start = stack.state.keycloak.is_new
        stack.start(installed_runtime(os.environ), os.environ)
        try:
            waiting = stack.wait_until_ready(stack.settings.ready_timeout_seconds, tell, remind)
        except SupervisorAway:
            return _fail(f"the supervisor ended; see {stack.state.supervisor_log}")
    if waiting:
        for state in waiting:
            explain(state, stack.state)
        return _fail(
            f"not ready after {stack.settings.ready_timeout_seconds:.0f} s: "
            f"{', '.join(state.name for state in waiting)}. "
            "It keeps trying. See make status and make logs P=NAME; make down stops it"
        )
    seconds = time.monotonic() - started
    print(welcome(stack, first_start=first_start, seconds=seconds), flush=True)
    return 0


def _logs(stack: Stack, process: str | None) -> int:
    logs = [stack.state.log(process)] if process else sorted(stack.state.logs.glob("*.log"))
    if not logs or not all(log.exists() for log in logs):
        known = ", ".join(sorted(log.stem for log in stack.state.logs.glob("*.log")))
        return _fail(f"no log of {process or 'anything'}; logs exist of: {known or 'nothing'}")
    with contextlib.suppress(KeyboardInterrupt):
        subprocess.run(["tail", "-n", "40", "-F", *logs], check=False)
    return 0


def _down(stack: Stack) -> int:
    if not stack.state.root.is_dir():
        print(f"stack {stack.settings.stack} was never up")
        return 0
    with stack.held():
        left = stack.stop()
    if left:
        return _fail(f"still running: {', '.join(f'{one.name()} ({one.pid})' for one in left)}")
    print(f"stack {stack.settings.stack} is down; its data is kept in {stack.state.root}")
    return 0


def _reset(stack: Stack, *, sure: bool) -> int:
    if not stack.state.root.is_dir():
        print(f"stack {stack.settings.stack} has no data")
        return 0
    if not sure:
        if not sys.stdin.isatty():
            return _fail("reset erases all data of the stack: confirm with YES=1")
        if input(f"erase all data in {stack.state.root}? (yes/no) ").strip() != "yes":
            return _fail("nothing was erased")
    code = _down(stack)
    if code == 0:
        stack.erase()
        print(f"erased {stack.state.root}")
    return code


def _fail(text: str) -> int:
    print(text, file=sys.stderr)
    return _UNHEALTHY


if __name__ == "__main__":
    sys.exit(main())
