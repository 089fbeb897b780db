"""The chart as a cluster would get it, for each set of values that is kept with it."""

import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from deploy.runtime.paths import installed_chart_tools, installed_kubernetes_schemas

ROOT = Path(__file__).resolve().parents[3]
CHART = ROOT / "deploy" / "helm" / "meterpark"
NAMESPACE = "park"
# Names of the values, and what Helm is told for them.
PROFILES = {
    "demo": ("-f", str(CHART / "values-demo.yaml")),
    "production": ("-f", str(CHART / "values-production.yaml")),
    "production behind an ingress": (
        *("-f", str(CHART / "values-production.yaml")),
        *("--set", "public.via=ingress,public.gke.enabled=false,public.ingress.className=nginx"),
    ),
}

Resource = dict[str, Any]


def program(name: str) -> str:
    return str(installed_chart_tools(os.environ) / name)


def schemas() -> Path:
    return installed_kubernetes_schemas(os.environ) / "schemas"


def dapr_chart() -> Path:
    return installed_kubernetes_schemas(os.environ) / "dapr"


def helm(*words: str) -> subprocess.CompletedProcess[str]:
    """Run Helm with nothing of this person's own settings or clusters."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    return subprocess.run(
        [program("helm"), *words], capture_output=True, text=True, check=False, env=environment
    )


def manifests(profile: str, *more: str) -> str:
    """Return what `helm install` would send."""
    answer = helm("template", "park", str(CHART), "-n", NAMESPACE, *PROFILES[profile], *more)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@cache
def resources(profile: str, *more: str) -> tuple[Resource, ...]:
    documents = yaml.load_all(manifests(profile, *more), yaml.CSafeLoader)
    return tuple(document for document in documents if document)


def of_kind(profile: str, kind: str, *more: str) -> dict[str, Resource]:
    """Return the resources of that kind by name."""
    return {
        one["metadata"]["name"]: one for one in resources(profile, *more) if one["kind"] == kind
    }


def pods(profile: str) -> dict[str, Resource]:
    """Return the template of each pod by the name of what makes it."""
    jobs = {name: one["spec"]["jobTemplate"] for name, one in of_kind(profile, "CronJob").items()}
    return {
        name: one["spec"]["template"]
        for name, one in (of_kind(profile, "Deployment") | jobs).items()
    }


def containers(pod: Resource) -> Iterator[Resource]:
    spec = pod["spec"]
    yield from (*spec.get("initContainers", []), *spec["containers"])


def variables(pod: Resource) -> dict[str, str]:
    """Return the variables of the app that have their values in the manifest."""
    [app] = pod["spec"]["containers"]
    return {entry["name"]: entry["value"] for entry in app["env"] if "value" in entry}
