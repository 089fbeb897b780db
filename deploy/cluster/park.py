"""Dapr, the neighbours and the park on a cluster, each by its chart."""

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from deploy.cluster.kubernetes import Kubernetes
from deploy.cluster.secrets_of_park import NEIGHBOURS, PARK, make_secrets
from deploy.local.certificates.authority import Authority, key_pem, pem

DAPR: Final = "dapr-system"
DAPR_VERSION: Final = "1.18.2"
_CHARTS: Final = Path(__file__).resolve().parents[1] / "helm"
CHART: Final = _CHARTS / "meterpark"
_ENFORCE = "pod-security.kubernetes.io/enforce"
# Pods that break these rules are refused.
_STRICTEST: Final = {_ENFORCE: "restricted"}

Tell = Callable[[str], None]


def install_dapr(cluster: Kubernetes, chart: Path) -> None:
    """Install Dapr by its own chart unless it is there; return when it is ready.

    With an authority of ours from the start: one that sentry makes comes late, and pods that start before it wait.
    """
    if "dapr" in cluster.helm("list", "-n", DAPR, "--deployed", "--short").split():
        return
    root = Authority.new("meterpark mesh root", now=dt.datetime.now(dt.UTC))
    issuer = root.below("meterpark mesh issuer", now=dt.datetime.now(dt.UTC))
    with tempfile.TemporaryDirectory() as folder:
        files = {
            "root.certPEM": pem(root.certificate),
            "issuer.certPEM": pem(issuer.certificate),
            "issuer.keyPEM": key_pem(issuer.key),
        }
        given = []
        for name, content in files.items():
            file = Path(folder) / name
            file.write_bytes(content)
            given += ["--set-file", f"dapr_sentry.tls.{name}={file}"]
        cluster.helm(
            *("upgrade", "--install", "dapr", str(chart), "-n", DAPR, "--create-namespace"),
            *("--set", f"global.tag={DAPR_VERSION}"),
            # Nothing that matters is scheduled.
            *("--set", "dapr_scheduler.cluster.inMemoryStorage=true"),
            *("--set", "dapr_sidecar_injector.sidecarDropALLCapabilities=true"),
            *given,
            *("--wait", "--timeout", "10m"),
        )


def make_namespaces(cluster: Kubernetes) -> None:
    for name in (NEIGHBOURS, PARK):
        cluster.apply(
            {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": name, "labels": _STRICTEST},
            }
        )


def install_neighbours(cluster: Kubernetes, *values: str) -> None:
    """Install the neighbours and return when they are ready; their Secrets are made first, once."""
    make_namespaces(cluster)
    make_secrets(cluster)
    cluster.helm(
        *("upgrade", "--install", "neighbours", str(_CHARTS / "neighbours"), "-n", NEIGHBOURS),
        *values,
        *("--wait", "--wait-for-jobs", "--timeout", "10m"),
    )


def install_park(cluster: Kubernetes, *values: str) -> None:
    """Install the park as `values-demo.yaml` has it and return when every pod is ready."""
    cluster.helm(*park_release("upgrade", "--install", values=values))


def park_release(*verb: str, values: Sequence[str]) -> tuple[str, ...]:
    """Return Helm's words for a release of the park."""
    return (
        *verb,
        *("park", str(CHART), "-n", PARK, "-f", str(CHART / "values-demo.yaml")),
        *values,
        *("--wait", "--timeout", "12m"),
    )
