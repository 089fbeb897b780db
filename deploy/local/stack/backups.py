"""`make backup` and `make restore`: `park_backup` for the database of this stack, whether the stack is up or down."""

import contextlib
import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from deploy.local.facts.mongod_files import MongodFiles
from deploy.local.facts.ports import choose_ports
from deploy.local.processes.mongod import MongodNotReady, ensure_replica_set, mongod_command
from deploy.local.processes.mongod_access import BACKUP, RESTORE, prepare_mongod, service_users
from deploy.local.stack.stack import Stack, StackFailed
from deploy.local.supervision.supervisor import MARK, end_processes, processes_of_stack
from deploy.runtime.paths import Runtime

_URL = "PARK_BACKUP_MONGODB_URL"
_READY_SECONDS = 60
_STOP_SECONDS = 30


def backups_folder(stack: Stack, environment: Mapping[str, str]) -> Path:
    """Return where this stack's backups lie: beside all stacks, so that `make reset` does not erase them."""
    named = environment.get("PARK_BACKUP_FOLDER")
    return (
        Path(named)
        if named
        else stack.state.root.parents[1] / "meterpark-backups" / stack.settings.stack
    )


def run_backup(
    stack: Stack, runtime: Runtime, words: Sequence[str], environment: Mapping[str, str]
) -> int:
    """Run `python -m park_backup WORDS`, which tells its progress; return its exit code.

    Of a stack that is down mongod alone runs meanwhile, and `make up` waits. Settings of the user's
    environment win; one that names another database is taken as it is.

    Raises:
        StackFailed: the database cannot be reached.
    """
    with contextlib.ExitStack() as meanwhile:
        told = {
            **environment,
            "PARK_BACKUP_FOLDER": str(backups_folder(stack, environment).absolute()),
            "PARK_BACKUP_MONGODUMP": environment.get(
                "PARK_BACKUP_MONGODUMP", str(runtime.mongodump)
            ),
            "PARK_BACKUP_MONGORESTORE": environment.get(
                "PARK_BACKUP_MONGORESTORE", str(runtime.mongorestore)
            ),
        }
        if words[0] in {"make", "restore"} and _URL not in environment:
            if others := [
                name
                for name in ("DEVICE_HUB_MONGODB_URL", "SMOC_SERVICE_MONGODB_URL")
                if name in environment
            ]:
                raise StackFailed(f"{others[0]} names a database of your own: set {_URL} as well")
            port, files = meanwhile.enter_context(_database(stack, runtime, environment))
            user = BACKUP if words[0] == "make" else RESTORE
            if not files.password_file(user).exists():
                raise StackFailed(
                    f"this stack has no user {user} yet: make down && make up makes it"
                )
            hub, register = (one.database for one in service_users(environment))
            told |= {
                _URL: files.url(port, user),
                "PARK_BACKUP_MONGODB_PASSWORD_FILE": str(files.password_file(user)),
                "PARK_BACKUP_HUB_DATABASE": hub,
                "PARK_BACKUP_REGISTER_DATABASE": register,
            }
        process = subprocess.Popen(
            # However this process ends, that one does not go on without it.
            ["setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "park_backup", *words],
            env=told,
        )
        try:
            return process.wait()
        except KeyboardInterrupt:
            # It hears Ctrl-C as well, and puts away what it had begun.
            return process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()


@contextlib.contextmanager
def _database(
    stack: Stack, runtime: Runtime, environment: Mapping[str, str]
) -> Iterator[tuple[int, MongodFiles]]:
    """Yield port and files of the stack's mongod, after starting it if the stack is down."""
    state = stack.state
    if stack.is_up():
        plain = state.mongod(tls=False)
        tls = "tls=true" in plain.operator_url.read_text()
        yield int(stack.description()["ports"]["mongod"]), state.mongod(tls=tls)
        return
    with stack.held():
        end_processes(processes_of_stack(state.root), patience_seconds=20)
        port = choose_ports(state.ports, stack.settings.port_base)["mongod"]
        files = state.mongod(tls=stack.settings.mongodb_tls)
        users = service_users(environment)
        prepare_mongod(files, users, port=port, now=dt.datetime.now(dt.UTC))
        with _mongod_alone(stack, runtime, files, port):
            try:
                ensure_replica_set(port, files, users, timeout_seconds=_READY_SECONDS)
            except MongodNotReady as error:
                raise StackFailed(f"{error}; see {_log(stack)}") from error
            yield port, files


@contextlib.contextmanager
def _mongod_alone(stack: Stack, runtime: Runtime, files: MongodFiles, port: int) -> Iterator[None]:
    stack.state.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    command = mongod_command(mongod=runtime.mongod, files=files, port=port, test_commands=False)
    with _log(stack).open("wb") as output:
        mongod = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *command],
            env={MARK: str(stack.state.root), "PATH": os.environ.get("PATH", os.defpath)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for those who work on it.
            start_new_session=True,
        )
    try:
        yield
    finally:
        mongod.terminate()
        mongod.wait(_STOP_SECONDS)


def _log(stack: Stack) -> Path:
    return stack.state.log("mongod-for-backup")
