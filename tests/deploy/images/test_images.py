"""What goes into the images, and that image and chart fit each other.

`make images` builds them, and starts each program in them.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.images.context import ROOT, committed, packages, services_context
from deploy.images.engine import REPOSITORY
from tests.deploy.helm.rendered import containers, pods

DOCKERFILES = {
    name: ROOT / "deploy" / "images" / f"{name}.Dockerfile" for name in ("services", "web")
}
IMPORT_ALL = """
import importlib, pkgutil, sys
# Nothing of the checkout, which the environment of the tests has on its path.
sys.path = [place for place in sys.path if not place.startswith(sys.argv[1]) or "site-packages" in place]
sys.path.insert(0, sys.argv[2])
for package in sys.argv[3:]:
    for module in pkgutil.walk_packages([f"{sys.argv[2]}/{package}"], f"{package}."):
        if not module.name.endswith("__main__"):
            assert importlib.import_module(module.name).__file__.startswith(sys.argv[2])
"""


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images") / "services"
    services_context(folder, os.environ)
    return folder


def test_every_module_finds_in_the_image_what_it_imports(context: Path) -> None:
    code = context / "code"
    imported = subprocess.run(
        [sys.executable, "-B", "-c", IMPORT_ALL, str(ROOT), str(code), *packages().values()],
        cwd=context,
        capture_output=True,
        text=True,
        check=False,
    )
    assert imported.returncode == 0, imported.stderr


def test_the_image_holds_no_tests_and_nothing_that_deploys(context: Path) -> None:
    assert {folder.name for folder in (context / "code").iterdir()} == set(packages().values())
    assert not {"tests", "deploy", "benchmarks", "faults"} & set(packages().values())


def test_nothing_that_git_does_not_know_gets_into_an_image(context: Path) -> None:
    assert [*(ROOT / "bff").rglob("*.pyc")]
    assert not [*(context / "code").rglob("*.pyc")]
    known = {name for package in packages() for name in committed(package)}
    held = [file for file in (context / "code").rglob("*") if file.is_file()]
    assert len(held) == len(known)


def test_a_cluster_looks_for_an_image_by_the_name_that_its_archive_has() -> None:
    host = REPOSITORY.partition("/")[0]
    # A first part that is no host means docker.io to containerd.
    assert host == "localhost" or "." in host
    assert host in (ROOT / "docs" / "deploy.md").read_text()


@pytest.mark.parametrize("name", DOCKERFILES)
def test_an_image_runs_as_the_user_of_the_chart(name: str) -> None:
    users = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILES[name].read_text(), re.MULTILINE)
    for pod in pods("production").values():
        said = pod["spec"]["securityContext"]
        assert [(str(said["runAsUser"]), str(said["runAsGroup"]))] == users


def test_the_chart_starts_programs_that_are_in_the_images(context: Path) -> None:
    web = DOCKERFILES["web"].read_text()
    placed = {f"/app/{name}" for name in committed("deploy/router")}
    for name, pod in pods("production").items():
        for container in containers(pod):
            image = container["image"].partition(":")[0]
            if name == "meterpark-cli":
                assert container["command"] == ["python", "-c"]
            elif container["name"] == "page":
                assert "/app/page" in container["args"][1]
                assert "COPY page /app/page\n" in web
            elif image == "meterpark/web":
                assert container["args"][-1] in placed
                assert 'ENTRYPOINT ["/usr/local/bin/node"]' in web
            else:
                [module, *_] = container["args"]
                assert (context / "code" / module / "__main__.py").is_file()


def test_an_image_ends_without_what_built_it() -> None:
    """The last stage begins with a base of its own, and takes over nothing but files."""
    for file in DOCKERFILES.values():
        last = re.split(r"^FROM ", file.read_text(), flags=re.MULTILINE)[-1]
        assert last.startswith("${BASE}\n")
        assert not re.search(r"^(RUN|ADD) ", last, re.MULTILINE)
