"""Programs that are built from Go modules: Dapr's, the supervisor, the health probe, tools of database and chart.

The go.mod and go.sum beside this file pin every module; builds read them and never change them.
"""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.runtime.cache import Component, install_once
from deploy.runtime.progress import InstallFailed, Progress
from deploy.runtime.python_packages import go

_HERE = Path(__file__).parent
_DAPR_VERSION = "1.18.2"
_PROCESS_COMPOSE_VERSION = "1.87.0"
_HELM_VERSION = "3.22.0"
_TOXIPROXY_VERSION = "2.5.0"
# Later ones need a later Go than the rest.
_SYFT_VERSION = "1.50.0"
_ACTIONLINT_VERSION = "1.7.12"
# The tools have no tags that Go reads as versions: this is what their main branch was on 2025-07-15.
_DATABASE_TOOLS_VERSION = "100.12.2"
_DATABASE_TOOLS_COMMIT = "887641268977"
# Of which charts are rendered when no cluster is asked; Helm's own default is far older.
KUBERNETES_VERSION = "1.36.3"
DAPR_PROGRAMS = ("daprd", "placement", "scheduler", "sentry")
_GIGABYTE = 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class _Build:
    component: Component
    module: Path
    packages: tuple[str, ...]
    programs: tuple[str, ...]
    flags: tuple[str, ...]
    expect: str
    disk_gigabytes: int
    # Whether the packages are made one by one: programs whose packages have one name would overwrite each other.
    one_by_one: bool = False
    # Whether every module that go.mod names is loaded, or those alone that the programs import: some are not to be had.
    every_module: bool = False
    expect_download: str = "1 to 3 minutes"


def _recipe(module: Path, *flags: str) -> bytes:
    files = [module / "go.mod", module / "go.sum", *sorted(module.rglob("*.go"))]
    return b"\n".join([*(file.read_bytes() for file in files), *map(str.encode, flags)])


# daprd without the tag has no components and panics at its start.
_DAPR_FLAGS = (
    "-tags=stablecomponents",
    f"-ldflags=-s -w -X github.com/dapr/dapr/pkg/buildinfo.version={_DAPR_VERSION}",
)
_TOOLS_FLAGS = (
    (
        "-ldflags=-s -w "
        f"-X github.com/f1bonacc1/process-compose/src/config.Version=v{_PROCESS_COMPOSE_VERSION}"
    ),
)

DAPR = _Build(
    component=Component(
        name="dapr", version=_DAPR_VERSION, recipe=_recipe(_HERE / "dapr", *_DAPR_FLAGS)
    ),
    module=_HERE / "dapr",
    packages=("./daprd", *(f"github.com/dapr/dapr/cmd/{program}" for program in DAPR_PROGRAMS[1:])),
    programs=DAPR_PROGRAMS,
    flags=_DAPR_FLAGS,
    expect="6 to 10 minutes on two cores, once",
    disk_gigabytes=8,
)

TOOLS = _Build(
    component=Component(
        name="process-compose",
        version=_PROCESS_COMPOSE_VERSION,
        recipe=_recipe(_HERE / "tools", *_TOOLS_FLAGS),
    ),
    module=_HERE / "tools",
    packages=("tool",),
    programs=("process-compose", "grpc-health-probe"),
    flags=_TOOLS_FLAGS,
    expect="1 to 2 minutes, once",
    disk_gigabytes=2,
    every_module=True,
    expect_download="seconds",
)

_DATABASE_TOOLS_FLAGS = (
    (
        f"-ldflags=-s -w -X main.VersionStr={_DATABASE_TOOLS_VERSION}+ "
        f"-X main.GitCommit={_DATABASE_TOOLS_COMMIT}"
    ),
)

DATABASE_TOOLS = _Build(
    component=Component(
        name="database-tools",
        version=_DATABASE_TOOLS_VERSION,
        recipe=_recipe(_HERE / "database_tools", *_DATABASE_TOOLS_FLAGS),
    ),
    module=_HERE / "database_tools",
    packages=tuple(
        f"github.com/mongodb/mongo-tools/{program}/main"
        for program in ("mongodump", "mongorestore")
    ),
    programs=("mongodump", "mongorestore"),
    flags=_DATABASE_TOOLS_FLAGS,
    expect="a minute, once, for backups",
    disk_gigabytes=1,
    one_by_one=True,
    expect_download="seconds",
)

_, _KUBERNETES_MINOR, _ = KUBERNETES_VERSION.split(".")
_CHARTS_FLAGS = (
    (
        "-ldflags=-s -w "
        f"-X helm.sh/helm/v3/internal/version.version=v{_HELM_VERSION} "
        "-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1 "
        f"-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor={_KUBERNETES_MINOR}"
    ),
)

# Only the tests need them.
CHART_TOOLS = _Build(
    component=Component(
        name="chart-tools",
        version=_HELM_VERSION,
        recipe=_recipe(_HERE / "charts", *_CHARTS_FLAGS),
    ),
    module=_HERE / "charts",
    packages=("tool",),
    programs=("helm", "helm-docs", "helm-unittest", "kubeconform"),
    flags=_CHARTS_FLAGS,
    expect="3 to 5 minutes, once, for the tests of the Helm chart",
    disk_gigabytes=4,
)

# Only `make lint` and the tests need it.
ACTIONLINT = _Build(
    component=Component(
        name="actionlint", version=_ACTIONLINT_VERSION, recipe=_recipe(_HERE / "pipeline")
    ),
    module=_HERE / "pipeline",
    packages=("tool",),
    programs=("actionlint",),
    flags=("-ldflags=-s -w",),
    expect="half a minute, once, for `make lint`",
    disk_gigabytes=1,
    expect_download="seconds",
)

# Only `make images` needs it.
SYFT = _Build(
    component=Component(name="syft", version=_SYFT_VERSION, recipe=_recipe(_HERE / "image_bills")),
    module=_HERE / "image_bills",
    packages=("tool",),
    programs=("syft",),
    flags=(f"-ldflags=-s -w -X main.version={_SYFT_VERSION}",),
    expect="3 to 8 minutes, once, for the bills of materials of images",
    disk_gigabytes=5,
)

# Only `make faults` needs it.
TOXIPROXY = _Build(
    component=Component(
        name="toxiproxy", version=_TOXIPROXY_VERSION, recipe=_recipe(_HERE / "toxiproxy")
    ),
    module=_HERE / "toxiproxy",
    packages=("tool",),
    programs=("server",),
    flags=(),
    expect="1 to 4 minutes, once, for `make faults`",
    disk_gigabytes=1,
    expect_download="seconds",
)

_KUBERNETES_FLAGS = (
    "-ldflags=-s -w "
    + " ".join(
        f"-X {package}.gitVersion=v{KUBERNETES_VERSION} "
        f"-X {package}.gitMajor=1 -X {package}.gitMinor={_KUBERNETES_MINOR}"
        for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    ),
)

# These three are for `make test-cluster` alone.
KUBERNETES = _Build(
    component=Component(
        name="kubernetes",
        version=KUBERNETES_VERSION,
        recipe=_recipe(_HERE / "kubernetes", *_KUBERNETES_FLAGS),
    ),
    module=_HERE / "kubernetes",
    packages=("tool", "./coredns", "./pause"),
    programs=(
        *("kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler"),
        *("kubectl", "kubelet", "coredns", "pause"),
    ),
    flags=_KUBERNETES_FLAGS,
    expect="15 to 30 minutes on two cores, once, for a cluster on this machine",
    disk_gigabytes=10,
)

NETWORK_POLICIES = _Build(
    component=Component(
        name="network-policies", version="2.1.0", recipe=_recipe(_HERE / "network_policies")
    ),
    module=_HERE / "network_policies",
    packages=("tool",),
    programs=("kube-router",),
    flags=("-ldflags=-s -w",),
    expect="3 to 6 minutes, once, for a cluster on this machine",
    disk_gigabytes=5,
)

# What Dapr has on a cluster alone.
DAPR_ON_CLUSTER = _Build(
    component=Component(
        name="dapr-on-cluster",
        version=_DAPR_VERSION,
        recipe=_recipe(_HERE / "dapr", *_DAPR_FLAGS, "injector operator"),
    ),
    module=_HERE / "dapr",
    packages=("github.com/dapr/dapr/cmd/injector", "github.com/dapr/dapr/cmd/operator"),
    programs=("injector", "operator"),
    flags=_DAPR_FLAGS,
    expect="5 to 10 minutes, once, for a cluster on this machine",
    disk_gigabytes=8,
)


def dapr(cache: Path, progress: Progress, environment: Mapping[str, str]) -> Path:
    """Return the folder with Dapr's programs: those of `dapr init` if they fit, else our build."""
    return dapr_of_this_person(environment) or build(DAPR, cache, progress, environment)


def dapr_of_this_person(environment: Mapping[str, str]) -> Path | None:
    """`~/.dapr/bin`, if it holds all four programs and daprd says that it is exactly our version.

    Only daprd can say its version; `dapr init` installs the four together.
    """
    home = environment.get("HOME")
    if not home:
        return None
    folder = Path(home) / ".dapr" / "bin"
    if not all((folder / program).is_file() for program in DAPR_PROGRAMS):
        return None
    answer = subprocess.run(
        [folder / "daprd", "--version"], capture_output=True, text=True, check=False
    )
    return folder if answer.stdout.strip() == _DAPR_VERSION else None


def build(order: _Build, cache: Path, progress: Progress, environment: Mapping[str, str]) -> Path:
    """Return the folder with the programs of `order`, after building them if needed."""

    def install(folder: Path) -> None:
        compiler = go(cache, progress, environment)
        # Go's own caches, for this build alone: they survive an interruption, so that the next
        # run continues where this one stopped, and are deleted when the programs are built (6 GB).
        work = cache / f".{order.component.name}.build"
        work.mkdir(exist_ok=True)
        free = shutil.disk_usage(work).free / _GIGABYTE
        if free < order.disk_gigabytes:
            raise InstallFailed(
                f"{order.component.title} needs {order.disk_gigabytes} GB of disk to build, "
                f"{free:.1f} GB are free in {cache}"
            )
        go_environment = environment_of_go(environment, work)
        progress.run(
            f"{order.component.title}: download",
            [compiler, "mod", "download"]
            if order.every_module
            else _download_needed(compiler, order),
            environment=go_environment,
            cwd=order.module,
            tries=5,
            expect=order.expect_download,
        )
        for goal, packages in _goals(order, folder):
            progress.run(
                f"{order.component.title}: build",
                [compiler, "build", "-trimpath", *order.flags, "-o", goal, *packages],
                environment=go_environment,
                cwd=order.module,
                tries=2,
                expect=order.expect,
            )
        absent = [name for name in order.programs if not (folder / name).is_file()]
        if absent:
            raise InstallFailed(f"{order.component.title}: the build made no {', '.join(absent)}")
        shutil.rmtree(work, ignore_errors=True)

    return install_once(order.component, cache, progress, install)


def _goals(order: _Build, folder: Path) -> Sequence[tuple[str, Sequence[str]]]:
    """Return where each call of the compiler writes, and what it builds."""
    if not order.one_by_one:
        return [(f"{folder}/", order.packages)]
    pairs = zip(order.programs, order.packages, strict=True)
    return [(f"{folder}/{program}", [package]) for program, package in pairs]


def environment_of_go(environment: Mapping[str, str], work: Path) -> dict[str, str]:
    """Return `environment` with all of Go's caches below `work`, and with a Go that changes no go.mod."""
    return {
        **environment,
        "GOPATH": str(work / "path"),
        "GOMODCACHE": str(work / "modules"),
        "GOCACHE": str(work / "objects"),
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=readonly -buildvcs=false -modcacherw",
        "GOWORK": "off",
        "CGO_ENABLED": "0",
    }


def _download_needed(compiler: Path, order: _Build) -> Sequence[str | Path]:
    # `go list -deps` loads just the modules that the programs import; `go mod download` would
    # load every named module, some of which no server offers any more.
    return [compiler, "list", "-deps", *order.flags[:1], *order.packages]
