"""`make lint` looks at new commits: what it finds, what it leaves alone, and where it works."""

import subprocess
from pathlib import Path

import pytest

from deploy.commits import NoHistory, new_commits_findings

WHY = "The old way lost a report when the broker went away."


class Repository:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.old = self.commit("An old commit without a body")

    def git(self, *words: str) -> str:
        me = (
            "-c",
            "user.name=somebody",
            "-c",
            "user.email=somebody@example.org",
            "-c",
            "commit.gpgSign=false",
        )
        return subprocess.run(
            ["git", *me, *words], cwd=self.folder, capture_output=True, text=True, check=True
        ).stdout.strip()

    def commit(self, *paragraphs: str) -> str:
        messages = [word for paragraph in paragraphs for word in ("-m", paragraph)]
        self.git("commit", "--quiet", "--allow-empty", *messages)
        return self.git("rev-parse", "HEAD")

    def findings(self) -> list[str]:
        return new_commits_findings(self.folder, self.old)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def test_a_commit_with_a_short_subject_and_a_why_is_fine(repository: Repository) -> None:
    repository.commit("A report waits for its broker", WHY)
    assert repository.findings() == []


def test_commits_up_to_the_marked_one_are_left_alone(repository: Repository) -> None:
    assert repository.findings() == []


def test_a_subject_may_have_72_characters_and_no_more(repository: Repository) -> None:
    repository.commit("ä" * 72, WHY)
    long = repository.commit("ä" * 73, WHY)
    assert repository.findings() == [
        f"{long[:8]} ({'ä' * 50}): its subject has 73 characters, 72 is the most"
    ]


@pytest.mark.parametrize("trailers", [(), ("Signed-off-by: Ada <ada@example.org>",)])
def test_a_commit_without_a_why_is_found_and_a_trailer_is_none(
    repository: Repository, trailers: tuple[str, ...]
) -> None:
    bare = repository.commit("A report waits", *trailers)
    assert repository.findings() == [
        f"{bare[:8]} (A report waits): has no body; say in a sentence or two why it is done"
    ]


def test_a_why_before_a_trailer_counts(repository: Repository) -> None:
    repository.commit("A report waits", WHY, "Signed-off-by: Ada <ada@example.org>")
    assert repository.findings() == []


def test_a_commit_without_any_message_is_found(repository: Repository) -> None:
    repository.git("commit", "--quiet", "--allow-empty", "--allow-empty-message", "-m", "")
    assert [finding.split(": ")[1][:14] for finding in repository.findings()] == [
        "has no subject",
        "has no body; s",
    ]


def test_a_subject_of_two_lines_is_found(repository: Repository) -> None:
    repository.commit(f"A report waits\n{WHY}")
    [finding] = repository.findings()
    assert finding.endswith("a blank line is missing between subject and body")


def test_a_merge_is_found_and_how_to_do_without(repository: Repository) -> None:
    repository.git("switch", "--quiet", "--create", "aside")
    repository.commit("Aside", WHY)
    repository.git("switch", "--quiet", "main")
    repository.commit("Ahead", WHY)
    repository.git("merge", "--quiet", "-m", "Both", "-m", WHY, "aside")
    [finding] = repository.findings()
    assert finding.endswith("is a merge; put your commits on top of main instead: git rebase main")


@pytest.mark.parametrize("depth", [1, 2, 9])
def test_a_shallow_clone_looks_at_the_new_commits_that_it_has(
    repository: Repository, tmp_path: Path, depth: int
) -> None:
    repository.commit("Whole", WHY)
    bare = repository.commit("Bare")
    origin = f"file://{repository.folder}"
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", f"--depth={depth}", origin, str(clone))
    [finding] = new_commits_findings(clone, repository.old)
    assert finding.startswith(f"{bare[:8]} (Bare): has no body")


def test_a_history_without_the_marked_commit_is_not_called_good(repository: Repository) -> None:
    with pytest.raises(NoHistory, match="is not in this history: rebase on main"):
        new_commits_findings(repository.folder, "1" * 40)


def test_a_folder_that_is_no_checkout_is_not_called_good(tmp_path: Path) -> None:
    with pytest.raises(NoHistory, match="not a git repository"):
        new_commits_findings(tmp_path, "1" * 40)
