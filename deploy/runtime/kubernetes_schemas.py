"""JSON schemas of the kinds that the Helm charts make, and Dapr's own chart, for the tests of the chart alone.

All of it comes out of Go modules, which are data here and not compiled: Kubernetes' own description of its API, and
the definitions of Dapr's and the Gateway API's resources. A schema refuses fields that it does not know, as a cluster
does when it validates strictly.
"""

import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.runtime.cache import Component, install_once
from deploy.runtime.go_builds import KUBERNETES_VERSION, environment_of_go
from deploy.runtime.progress import InstallFailed, Progress
from deploy.runtime.python_packages import go


@dataclass(frozen=True, slots=True, kw_only=True)
class _Module:
    path: str
    version: str
    # As Go counts it, of all files.
    checksum: str

    @property
    def pin(self) -> str:
        return f"{self.path}@v{self.version}"


_KUBERNETES = _Module(
    path="k8s.io/kubernetes",
    version=KUBERNETES_VERSION,
    checksum="h1:qDQdoMiluAE2Eab6Fa52YV+WjiGz9mZFFoagEA6cI+o=",
)
_DAPR = _Module(
    path="github.com/dapr/dapr",
    version="1.18.2",
    checksum="h1:yT1BXImaUiYtIKaKVnOBiWVFqQU1ckQaiXkXEO2+Dh0=",
)
_GATEWAY_API = _Module(
    path="sigs.k8s.io/gateway-api",
    version="1.4.1",
    checksum="h1:NPxFutNkKNa8UfLd2CMlEuhIPMQgDQ6DXNKG9sHbJU8=",
)
_MODULES: Final = (_KUBERNETES, _DAPR, _GATEWAY_API)

_KINDS: Final = (
    *("v1/ConfigMap", "v1/Secret", "v1/Service", "v1/ServiceAccount", "apps/v1/Deployment"),
    *("apps/v1/StatefulSet", "batch/v1/Job"),
    *("networking.k8s.io/v1/Ingress", "networking.k8s.io/v1/NetworkPolicy"),
    *("policy/v1/PodDisruptionBudget", "batch/v1/CronJob", "v1/PersistentVolumeClaim"),
)
_DEFINITIONS = "#/definitions/"
_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"

KUBERNETES_SCHEMAS: Final = Component(
    name="kubernetes-schemas",
    version=KUBERNETES_VERSION,
    recipe=b"\n".join(
        [
            *(f"{module.pin} {module.checksum}".encode() for module in _MODULES),
            Path(__file__).read_bytes(),
        ]
    ),
)


def kubernetes_schemas(cache: Path, progress: Progress, environment: Mapping[str, str]) -> Path:
    """Return a folder with `schemas/` (names as kubeconform builds them) and Dapr's chart in `dapr/`.

    Raises:
        InstallFailed: a module is not to be had, or is another one than was pinned.
    """

    def install(folder: Path) -> None:
        work = cache / f".{KUBERNETES_SCHEMAS.name}.build"
        work.mkdir(exist_ok=True)
        progress.run(
            KUBERNETES_SCHEMAS.title,
            [
                go(cache, progress, environment),
                *("mod", "download"),
                *(module.pin for module in _MODULES),
            ],
            environment=environment_of_go(environment, work),
            cwd=work,
            tries=5,
            expect="a download of 30 MB, for the tests of the Helm chart",
        )
        schemas = folder / "schemas"
        schemas.mkdir()
        with _opened(work, _KUBERNETES) as archive:
            swagger = json.loads(_read(archive, _KUBERNETES, "api/openapi-spec/swagger.json"))
            for name, schema in _schemas_of_kubernetes(swagger["definitions"]):
                (schemas / f"{name}.json").write_text(json.dumps(schema))
        for module, under in ((_DAPR, "charts/dapr/crds/"), (_GATEWAY_API, "config/crd/standard/")):
            with _opened(work, module) as archive:
                for name, schema in _schemas_of_definitions(archive, module, under):
                    (schemas / f"{name}.json").write_text(json.dumps(schema))
        with _opened(work, _DAPR) as archive:
            _take_chart(archive, folder / "dapr")
        shutil.rmtree(work, ignore_errors=True)

    return install_once(KUBERNETES_SCHEMAS, cache, progress, install)


def _opened(work: Path, module: _Module) -> zipfile.ZipFile:
    archive = (
        work / "modules" / "cache" / "download" / module.path / "@v" / f"v{module.version}.zip"
    )
    found = archive.with_suffix(".ziphash").read_text().strip()
    if found != module.checksum:
        raise InstallFailed(f"{module.pin} is not what was pinned: {found}, not {module.checksum}")
    return zipfile.ZipFile(archive)


def _read(archive: zipfile.ZipFile, module: _Module, file: str) -> bytes:
    return archive.read(f"{module.pin}/{file}")


def _take_chart(archive: zipfile.ZipFile, into: Path) -> None:
    root = f"{_DAPR.pin}/charts/dapr/"
    for name in archive.namelist():
        if name.startswith(root):
            file = into / name.removeprefix(root)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(archive.read(name))


def _schemas_of_kubernetes(definitions: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield name and schema of each kind of `_KINDS`; a schema holds what it refers to."""
    strict = {name: _strict(one) for name, one in definitions.items()}
    strict[_QUANTITY] = {"type": ["string", "number"]}
    wanted = set(_KINDS)
    for name, definition in definitions.items():
        for said in definition.get("x-kubernetes-group-version-kind", []):
            kind = "/".join(filter(None, (said["group"], said["version"], said["kind"])))
            if kind in wanted:
                wanted.remove(kind)
                needed: dict[str, Any] = {}
                _gather(strict[name], strict, needed)
                yield (
                    _file_name(said["group"], said["version"], said["kind"]),
                    {**strict[name], "definitions": needed},
                )
    if wanted:
        raise InstallFailed(f"Kubernetes {KUBERNETES_VERSION} has no {', '.join(sorted(wanted))}")


def _gather(schema: Any, definitions: Mapping[str, Any], into: dict[str, Any]) -> None:
    if isinstance(schema, list):
        for one in schema:
            _gather(one, definitions, into)
    elif isinstance(schema, dict):
        name = str(schema.get("$ref", "")).removeprefix(_DEFINITIONS)
        if name and name not in into:
            into[name] = definitions[name]
            _gather(definitions[name], definitions, into)
        for one in schema.values():
            _gather(one, definitions, into)


def _schemas_of_definitions(
    archive: zipfile.ZipFile, module: _Module, under: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    root = f"{module.pin}/{under}"
    for file in archive.namelist():
        if not file.startswith(root) or not file.endswith(".yaml"):
            continue
        for document in yaml.load_all(archive.read(file), yaml.CSafeLoader):
            if document is None or document["kind"] != "CustomResourceDefinition":
                continue
            spec = document["spec"]
            for version in spec["versions"]:
                schema = _strict(version["schema"]["openAPIV3Schema"])
                # A definition does not repeat what every resource has.
                schema["properties"]["metadata"] = {"type": "object"}
                yield _file_name(spec["group"], version["name"], spec["names"]["kind"]), schema


def _strict(schema: Any) -> Any:
    """Return the schema as JSON Schema knows it, with no field beside those that it names."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("format") == "int-or-string" or schema.get("x-kubernetes-int-or-string"):
        return {"type": ["string", "integer"]}
    strict = {
        key: _strict(value)
        for key, value in schema.items()
        # Texts for people; and rules and formats that no program here reads.
        if not (key in {"description", "format"} and isinstance(value, str))
        and not key.startswith("x-kubernetes-")
    }
    closed = isinstance(strict.get("properties"), dict) and "additionalProperties" not in strict
    if closed and not schema.get("x-kubernetes-preserve-unknown-fields"):
        strict["additionalProperties"] = False
    return strict


def _file_name(group: str, version: str, kind: str) -> str:
    return "-".join(filter(None, (kind.lower(), group.partition(".")[0], version)))
