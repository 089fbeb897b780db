"""CI: each job is a verb of the Makefile, which a person can type; GitHub and Cloud Build run the same."""

import re
from pathlib import Path
from typing import Any

import yaml

from deploy.workflows import workflow_findings

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"
VERBS = set(re.findall(r"^([a-z-]+):.* ## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def read(file: Path) -> dict[str, Any]:
    # BaseLoader: YAML 1.1 would read the key "on" as true.
    document: dict[str, Any] = yaml.load(file.read_text(), yaml.BaseLoader)  # noqa: S506 - reads nothing but text
    return document


def verbs_of(job: dict[str, Any]) -> list[str]:
    """Return the verbs that a job of GitHub makes."""
    *_, command = [step["run"] for step in job["steps"] if "run" in step]
    if command == '.ci/on-debian "$VERB"':
        verbs: list[str] = job["strategy"]["matrix"]["verb"]
        return verbs
    return [command.removeprefix("make ")]


def test_actionlint_finds_nothing_to_say_against_the_workflows() -> None:
    assert not workflow_findings(WORKFLOWS)


def test_actionlint_finds_what_is_wrong(tmp_path: Path) -> None:
    text = (WORKFLOWS / "ci.yaml").read_text()
    (tmp_path / "ci.yaml").write_text(text.replace("matrix.verb", "matrix.word"))
    assert 'property "word" is not defined' in workflow_findings(tmp_path)


def test_each_job_is_a_verb_of_the_makefile() -> None:
    jobs = read(WORKFLOWS / "ci.yaml")["jobs"]
    made = [verb for job in jobs.values() for verb in verbs_of(job)]
    assert made == ["lint", "specs", "test", "audit", "images"]
    assert set(made) <= VERBS


def test_a_checkout_in_a_bare_container_has_its_history() -> None:
    """The action takes files without a history where there is no git."""
    for job in read(WORKFLOWS / "ci.yaml")["jobs"].values():
        before = [step.get("run", "") for step in job["steps"]]
        checkout = next(
            i for i, step in enumerate(job["steps"]) if "checkout" in step.get("uses", "")
        )
        assert "container" not in job or any(" git" in run for run in before[:checkout])


def test_cloud_build_makes_the_same_checks() -> None:
    steps = read(ROOT / "cloudbuild.yaml")["steps"]
    assert {step["entrypoint"] for step in steps} == {".ci/on-debian"}
    checks = read(WORKFLOWS / "ci.yaml")["jobs"]["checks"]
    assert [step["args"] for step in steps] == [[verb] for verb in verbs_of(checks)]


def test_what_others_wrote_is_pinned_by_the_commit_and_may_only_read() -> None:
    for file in WORKFLOWS.iterdir():
        workflow = read(file)
        assert workflow["permissions"] == {"contents": "read"}
        used = re.findall(r"uses: (\S+)", file.read_text())
        assert used
        assert not [one for one in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", one)]
