"""Asking a cluster: kubectl and Helm, with one kubeconfig and nothing else of this person's settings."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class ClusterFailed(Exception):
    """A cluster did not do what it was asked for; the text is what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kubernetes:
    """A cluster, as whoever holds `kubeconfig`."""

    kubeconfig: Path
    kubectl_program: Path
    helm_program: Path

    def kubectl(self, *words: str, given: str | None = None, seconds: float = 300) -> str:
        """Return what it printed.

        Raises:
            ClusterFailed: it ended with an error, or not within `seconds`.
        """
        return self._run([str(self.kubectl_program), *words], given, seconds)

    def helm(self, *words: str, seconds: float = 900) -> str:
        """Return what it printed.

        Raises:
            ClusterFailed: it ended with an error, or not within `seconds`.
        """
        return self._run([str(self.helm_program), *words], None, seconds)

    def read(self, *words: str) -> Any:
        """Return what `kubectl get` says, read from JSON."""
        return json.loads(self.kubectl("get", *words, "-o", "json"))

    def apply(self, *resources: dict[str, Any]) -> None:
        """Make the resources, or make them as said here."""
        listed = {"apiVersion": "v1", "kind": "List", "items": list(resources)}
        self.kubectl("apply", "--server-side", "-f", "-", given=json.dumps(listed))

    def is_there(self, kind: str, name: str, namespace: str) -> bool:
        found = self.kubectl("-n", namespace, "get", kind, name, "--ignore-not-found", "-o", "name")
        return bool(found.strip())

    def answers(self) -> bool:
        """Whether the API server says that it is ready."""
        try:
            return self.kubectl("get", "--raw", "/readyz", seconds=5).strip() == "ok"
        except ClusterFailed:
            return False

    def environment(self) -> dict[str, str]:
        return {**os.environ, "KUBECONFIG": str(self.kubeconfig)}

    def _run(self, command: Sequence[str], given: str | None, seconds: float) -> str:
        words = [Path(command[0]).name, *command[1:]]
        try:
            done = subprocess.run(
                command,
                env=self.environment(),
                input=given,
                stdin=None if given is not None else subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise ClusterFailed(f"{' '.join(words)}: no end within {seconds:.0f} s") from late
        if done.returncode != 0:
            raise ClusterFailed(f"{' '.join(words)}: {done.stderr.strip()}")
        return done.stdout
