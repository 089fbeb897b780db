"""A new authority for the mesh while it works: added, used, and then the only one.

In: a stack that is up. Out: every process of the mesh has a certificate under the new root and
trusts no other; all of them have new tokens for Sentry. At every moment each trusts what any
other one shows: first all learn to trust the new root, then all get certificates under it, then
the old root is forgotten.

daprd 1.18.2 takes its trust anchors from its environment, at its start and never again, so it is
restarted for each of the three. Callers try again meanwhile, as after any restart.
"""

import datetime as dt
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psutil

from deploy.local.certificates.mesh_authority import (
    is_issuing,
    issue_authority,
    issue_with,
    issuer_key_identifier,
    trust_also,
    trust_anchors_file,
    trust_only,
)
from deploy.local.certificates.mesh_identity import issue_tokens
from deploy.local.certificates.presented_certificate import presented_certificate
from deploy.local.facts.ports import APPS, CALLERS
from deploy.local.processes.file_variables import TRUST_ANCHORS
from deploy.local.stack.stack import Stack
from deploy.local.supervision.supervisor import SupervisorAway

_GLANCE_SECONDS = 0.2
# Those first whom the others ask while they start. Sidecars go together: there is one of each, so the
# chain is broken while any of them is away, and taking them in turn would make that longer.
_WAVES = (
    ("sentry",),
    ("placement", "scheduler"),
    tuple(f"{app}-sidecar" for app in (*APPS, *CALLERS)),
)


class RotationFailed(Exception):
    """It got no further; the text says where, and that it may be started again."""


def rotate_certificates(stack: Stack, say: Callable[[str], None], *, now: dt.datetime) -> None:
    """Rotate, and `say` each finished step, a line at a time.

    Steps that an interrupted rotation has finished are not repeated.

    Raises:
        RotationFailed: the stack is down, or a process of the mesh is not there, or not ready in time.
    """
    started = time.monotonic()
    rotation = _Rotation(
        stack=stack,
        tell=lambda what: say(f"  {time.monotonic() - started:5.1f} s  {what}"),
        patience_seconds=stack.settings.ready_timeout_seconds,
    )
    name = stack.settings.stack
    if not stack.is_up():
        raise RotationFailed(f"stack {name} is down (make up starts it)")
    with stack.held():
        rotation.check()
        say(
            f"new root certificate for the sidecars of stack {name}; calls are delayed for seconds. "
            "After an interruption the same command continues where it stopped"
        )
        try:
            rotation.run(now=now)
        except SupervisorAway:
            log = stack.state.supervisor_log
            raise RotationFailed(f"the supervisor ended; see {log}") from None
    say("done: every certificate is new, and the old root is no longer trusted")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rotation:
    stack: Stack
    tell: Callable[[str], None]
    patience_seconds: float

    def check(self) -> None:
        """Raise RotationFailed unless all of the mesh is the supervisor's to start again."""
        there = {state.name for state in self.stack.supervisor.processes()}
        if missing := [name for wave in _WAVES for name in wave if name not in there]:
            raise RotationFailed(
                f"this stack does not run {', '.join(missing)}, so they cannot be restarted: stop what "
                f"uses the stack, make down, remove the folder {self.stack.state.mesh}, start again"
            )

    def run(self, *, now: dt.datetime) -> None:
        mesh, upcoming = self.stack.state.mesh, self.stack.state.next_authority
        issue_authority(upcoming, now=now)
        trust_also(mesh, upcoming)
        self._renew("trusts the new root", self._holds_trust)
        if not is_issuing(mesh, upcoming):
            issue_tokens(mesh, (*APPS, *CALLERS), now=now)
            issue_with(mesh, upcoming)
        self._renew("has a certificate under the new root", self._is_certified)
        trust_only(mesh, upcoming)
        self._renew("trusts the new root alone", self._holds_trust)
        shutil.rmtree(upcoming)

    def _renew(self, goal: str, reached: Callable[[str, int], bool]) -> None:
        for wave in _WAVES:
            pids = {state.name: state.pid for state in self.stack.supervisor.processes()}
            behind = [name for name in wave if not reached(name, pids[name])]
            with ThreadPoolExecutor(len(wave)) as all_at_once:
                list(all_at_once.map(self.stack.supervisor.restart, behind))
            self._wait(wave, goal, reached)
            for name in wave:
                self.tell(f"{name} {goal}{' (restarted)' if name in behind else ''}")

    def _wait(self, wave: tuple[str, ...], goal: str, reached: Callable[[str, int], bool]) -> None:
        deadline = time.monotonic() + self.patience_seconds
        while True:
            states = {state.name: state for state in self.stack.supervisor.processes()}
            waiting = [
                name
                for name in wave
                if not (states[name].ready and reached(name, states[name].pid))
            ]
            if not waiting:
                return
            if time.monotonic() > deadline:
                raise RotationFailed(
                    f"{', '.join(waiting)}: none that {goal} after "
                    f"{self.patience_seconds:.0f} s; see make status, then start the rotation again"
                )
            time.sleep(_GLANCE_SECONDS)

    def _holds_trust(self, name: str, pid: int) -> bool:
        """Whether the process was started with the trust anchors of this moment."""
        del name
        trusted = trust_anchors_file(self.stack.state.mesh).read_text().strip()
        try:
            return psutil.Process(pid).environ().get(TRUST_ANCHORS) == trusted
        except psutil.Error:
            return False

    def _is_certified(self, name: str, pid: int) -> bool:
        """Whether the process shows a certificate under the next authority."""
        del pid
        ports = self.stack.description()["ports"]
        try:
            shown = presented_certificate(ports.get(f"{name}-internal") or ports[name])
        except OSError:
            return False
        return shown.issuer == issuer_key_identifier(self.stack.state.next_authority)
