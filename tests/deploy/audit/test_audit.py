"""What `make audit` promises; what of it needs no internet is checked here on every run."""

import asyncio
import json
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from deploy.audit.__main__ import tell
from deploy.audit.allowed import Allowed, read_allowed
from deploy.audit.bill_of_materials import installed_python, write_bill
from deploy.audit.inventory import Part, go_parts, jar_part, python_parts, runtime_parts
from deploy.audit.licences import check_licences, is_allowed
from deploy.audit.npm import npm_findings, npm_licences, npm_parts
from deploy.audit.pins import (
    bootstrap_findings,
    check_pins,
    go_findings,
    lock_findings,
    pom_findings,
)
from deploy.audit.report import Checked, ToolFailed
from deploy.audit.secrets_scan import check_secrets, committed_files
from deploy.audit.vulnerabilities import check_vulnerabilities
from deploy.runtime.cache import cache_root
from deploy.runtime.paths import installed_activemq, installed_runtime
from deploy.runtime.progress import Progress
from deploy.runtime.python_packages import go
from tests.neighbours.ports import free_ports

ROOT = Path(__file__).resolve().parents[3]
JINJA = Part(name="jinja2", version="2.4.1", purl="pkg:pypi/jinja2@2.4.1", of="python")
LOG4J = Part(
    name="log4j-core",
    version="2.14.0",
    purl="pkg:maven/org.apache.logging.log4j/log4j-core@2.14.0",
    of="activemq",
)


@pytest.fixture(scope="module")
def allowed() -> Allowed:
    return read_allowed()


@pytest.fixture(scope="module")
def compiler() -> Path:
    cache = cache_root(os.environ)
    return go(cache, Progress(logs=cache / "logs"), os.environ)


@pytest.fixture(scope="module")
def runtime(allowed: Allowed, compiler: Path) -> list[Part]:
    return runtime_parts(installed_runtime(os.environ), allowed.maven_groups, go=compiler)


@pytest.fixture(scope="module")
def python() -> list[Part]:
    return python_parts(ROOT / "uv.lock")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return installed_python(ROOT)


def with_(allowed: Allowed, **entries: Any) -> Allowed:
    return Allowed.model_validate(allowed.model_dump() | entries)


def test_everything_that_is_fetched_is_pinned() -> None:
    assert check_pins(ROOT, os.environ).findings == []


def test_every_licence_is_allowed_or_an_exception_with_a_reason(
    python: list[Part], document: dict[str, Any], runtime: list[Part], allowed: Allowed
) -> None:
    assert (
        check_licences(python, document["components"], npm_licences(), runtime, allowed).findings
        == []
    )


def test_nothing_that_looks_like_a_secret_is_committed(allowed: Allowed) -> None:
    assert check_secrets(ROOT, committed_files(ROOT), allowed).findings == []


def test_the_bill_of_materials_names_each_thing_once_and_what_runs_beside_us(
    python: list[Part], document: dict[str, Any], runtime: list[Part], tmp_path: Path
) -> None:
    bill = tmp_path / "bill.json"
    write_bill(document, [*python, *npm_parts(), *runtime], bill)
    first = bill.read_bytes()
    write_bill(document, [*python, *npm_parts(), *runtime], bill)
    assert bill.read_bytes() == first

    written = json.loads(first)
    assert written["bomFormat"] == "CycloneDX"
    references = [one["bom-ref"] for one in written["components"]]
    assert len(references) == len(set(references))
    named = {re.sub(r"@.*", "", one.get("purl", "")) for one in written["components"]}
    assert named >= {
        "pkg:pypi/grpcio",
        "pkg:golang/github.com/dapr/dapr",
        "pkg:golang/stdlib",
        "pkg:golang/github.com/Azure/azure-sdk-for-go/sdk/azcore",
        "pkg:golang/github.com/f1bonacc1/process-compose",
        "pkg:generic/mongodb",
        "pkg:generic/nodejs",
        "pkg:npm/%40graphql-hive/gateway-runtime",
        "pkg:npm/graphql",
        "pkg:maven/org.apache.activemq/activemq-broker",
        "pkg:maven/org.springframework/spring-core",
        "pkg:maven/org.keycloak/keycloak-quarkus-dist",
    }
    assert str(ROOT) not in first.decode(), "it is about the system, not about this machine"


def test_every_jar_of_the_broker_has_a_name_that_databases_know(allowed: Allowed) -> None:
    jars = sorted(installed_activemq(os.environ).glob("*.jar"))
    assert jars
    for jar in jars:
        assert jar_part(jar, allowed.maven_groups, of="activemq").purl, jar.name


def test_a_program_without_a_list_of_its_modules_is_not_passed_over(compiler: Path) -> None:
    with pytest.raises(ToolFailed, match="not a Go executable"):
        list(go_parts(Path(shutil.which("git") or ""), go=compiler, of="git"))


# --- what must be found -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "covered"),
    [
        ("MIT", True),
        ("AGPL-3.0-only", False),
        ("AGPL-3.0-only OR MIT", True),
        ("AGPL-3.0-only AND MIT", False),
        ("MIT AND ISC OR AGPL-3.0-only", True),
        ("(MIT OR AGPL-3.0-only) AND ISC", False),
        ("", False),
    ],
)
def test_of_two_licences_one_or_both_must_be_allowed(expression: str, *, covered: bool) -> None:
    assert is_allowed(expression, ["MIT", "ISC"]) is covered


def test_a_licence_that_is_not_on_the_list_and_one_that_is_not_known_are_found(
    allowed: Allowed,
) -> None:
    installed = [{"name": "Jinja2", "licenses": [{"license": {"id": "AGPL-3.0-only"}}]}]
    bare = with_(allowed, licence_exceptions=[], runtime_licences={})
    found = check_licences([JINJA], installed, {"npm:left-pad": ["WTFPL"]}, [LOG4J], bare).findings
    assert found == [
        "activemq: no licence known, which is not on the list",
        "jinja2: AGPL-3.0-only, which is not on the list",
        "npm:left-pad: WTFPL, which is not on the list",
    ]


def test_an_npm_package_without_checksum_exact_version_or_with_an_address_is_found(
    tmp_path: Path,
) -> None:
    asked = {"left-pad": "^1.3.0"}
    packages = {
        "": {"dependencies": {"left-pad": "1.3.0"}},
        "node_modules/left-pad": {"version": "1.3.0", "resolved": "https://mirror.test/left-pad"},
    }
    (tmp_path / "package.json").write_text(json.dumps({"dependencies": asked}))
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": packages}))
    assert npm_findings(tmp_path) == [
        "package.json: left-pad has no exact version ('^1.3.0')",
        "package-lock.json does not fit package.json",
        "package-lock.json: left-pad has no checksum",
        "package-lock.json: left-pad names where it comes from",
    ]


def test_an_exception_that_nothing_needs_any_more_is_found(allowed: Allowed) -> None:
    gone = {"component": "gone", "licence": "SSPL-1.0", "reason": "there was one once"}
    found = check_licences([], [], {}, [], with_(allowed, licence_exceptions=[gone])).findings
    assert found == ["gone: excepted from the list of licences, but nothing of that name is used"]


def test_an_exception_without_a_reason_is_refused(allowed: Allowed) -> None:
    with pytest.raises(ValidationError, match="reason"):
        with_(allowed, licence_exceptions=[{"component": "x", "licence": "MIT", "reason": ""}])


def test_a_committed_secret_is_found_with_its_place(tmp_path: Path, allowed: Allowed) -> None:
    # In two halves, or it would be found here.
    key = "-----BEGIN RSA " + "PRIVATE KEY-----"
    (tmp_path / "deploy.py").write_text(f'first = 1\nKEY = """{key}\nMIIE..."""\n')
    known = with_(allowed, secrets_that_are_none=[])
    [found] = check_secrets(tmp_path, ["deploy.py"], known).findings
    assert found.startswith("deploy.py:2: Private Key, sha1 ")

    sha1 = found.rsplit(" ", maxsplit=1)[1]
    excused = {"file": "deploy.py", "sha1": sha1, "reason": "an example that opens nothing"}
    known = with_(allowed, secrets_that_are_none=[excused])
    assert check_secrets(tmp_path, ["deploy.py"], known).findings == []
    (tmp_path / "deploy.py").write_text("first = 1\n")
    [found] = check_secrets(tmp_path, ["deploy.py"], known).findings
    assert found.startswith("deploy.py: allowed.toml knows a secret there")


def _changed(folder: Path, source: str, change: Callable[[str], str]) -> Path:
    """Copy a committed file and what lies beside it, with one change."""
    file = folder / Path(source).name
    for beside in (ROOT / source).parent.glob("go.sum"):
        shutil.copy(beside, folder)
    text = (ROOT / source).read_text()
    assert change(text) != text
    file.write_text(change(text))
    return file


def test_what_is_not_pinned_is_found(tmp_path: Path) -> None:
    def changed(source: str, old: str, new: str) -> Path:
        return _changed(tmp_path, source, lambda text: text.replace(old, new, 1))

    lock = changed("uv.lock", "sha256:", "md5:")
    assert "has a file without checksum" in lock_findings(lock)[0]
    pom = changed("deploy/runtime/activemq/pom.xml", "7.0.8", "[7.0,8.0)")
    assert "spring-context has no exact version" in pom_findings(pom)[0]
    pom = changed("deploy/runtime/activemq/pom.xml", "6.3.1", "LATEST")
    assert "activemq-broker has no exact version ('LATEST')" in pom_findings(pom)[0]
    module = changed(
        "deploy/runtime/tools/go.mod", "dario.cat/mergo v1.0.2", "dario.cat/mergo v1.9.9"
    )
    assert go_findings(module) == [f"{tmp_path.name}/go.sum: no checksum of dario.cat/mergo v1.9.9"]
    script = changed("deploy/bootstrap.sh", '"uv==$uv_version"', "uv")
    assert bootstrap_findings(script) == ["bootstrap.sh: uv is not pinned"]


def test_every_waiver_of_a_security_rule_says_why() -> None:
    waiver = re.compile(r"noqa: S\d+(?P<why>.*)")
    for name in committed_files(ROOT):
        if name.endswith(".py") and not name.startswith(("tests/", "proto/python/")):
            for found in waiver.finditer((ROOT / name).read_text()):
                assert len(found["why"].strip(" #-")) > 3, f"{name}: {found[0]}"


# --- vulnerabilities: a server here answers as the database's documentation says ----------------------------------


@asynccontextmanager
async def database(vulnerable: dict[str, list[str]]) -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        queries = (await request.json())["queries"]
        assert len(queries) <= 1000
        found = [vulnerable.get(query["package"]["purl"], []) for query in queries]
        results = [
            {"vulns": [{"id": one, "modified": "x"} for one in ids]} if ids else {} for ids in found
        ]
        return web.json_response({"results": results})

    app = web.Application()
    app.router.add_post("/v1/querybatch", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    [port] = free_ports(1)
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}"
    await runner.cleanup()


async def test_a_known_vulnerability_is_found_unless_it_is_accepted_with_a_reason(
    allowed: Allowed, runtime: list[Part]
) -> None:
    async with database(
        {JINJA.purl: ["GHSA-462w-v97r-4m45"], LOG4J.purl: ["GHSA-jfh8-c2jp-5v3q"]}
    ) as url:
        parts = [*runtime, JINJA, LOG4J]
        found = await check_vulnerabilities(parts, allowed, url=url)
        accepted = {
            "id": "GHSA-jfh8-c2jp-5v3q",
            "component": LOG4J.purl,
            "reason": "an example of this test",
        }
        fewer = await check_vulnerabilities(
            parts, with_(allowed, accepted_vulnerabilities=[accepted]), url=url
        )
    assert [finding.split(" (")[0] for finding in found.findings] == [
        "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.0: GHSA-jfh8-c2jp-5v3q",
        "pkg:pypi/jinja2@2.4.1: GHSA-462w-v97r-4m45",
    ]
    assert len(fewer.findings) == 1
    assert any(gap.startswith("mongod 6.0.5: ") for gap in found.not_covered)


async def test_a_database_that_cannot_be_asked_is_no_finding_and_no_all_clear(
    allowed: Allowed, capsys: pytest.CaptureFixture[str]
) -> None:
    [closed] = free_ports(1)
    async with asyncio.timeout(60):
        asked = await check_vulnerabilities([JINJA], allowed, url=f"http://127.0.0.1:{closed}")
    assert asked.findings == []
    assert tell([Checked(check="pins", seen="all"), asked]) == 0
    said = capsys.readouterr().out
    assert "NOT CHECKED" in said
    assert said.splitlines()[-1] == "audit: 0 findings in 1 checks; NOT MADE: vulnerabilities"


def test_a_finding_ends_the_audit_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell([Checked(check="pins", seen="all", findings=["uv is not pinned"])]) == 1
    assert "FOUND        pins: uv is not pinned" in capsys.readouterr().out
