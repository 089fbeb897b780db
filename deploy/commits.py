"""New commits say what they do, and why: a subject that fits a line, a body, and no merges. Part of `make lint`.

"New" means after the marked commit. Older commits stay as they are, as history is not rewritten.
"""

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
# Everything up to this commit is older than the rules.
MARKED = "50107e207fb21826eb45a3e32086e2d9e004c6a9"
_LONGEST_SUBJECT = 72
_SHOWN = 8
_SHOWN_OF_SUBJECT = 50
_FIELDS = "%H%x00%P%x00%B%x00%(trailers)%x00"


class NoHistory(Exception):
    """The commits cannot be read; the text says why."""


def new_commits_findings(root: Path, marked: str = MARKED) -> list[str]:
    """Return a line per broken rule in the commits of the checkout `root` since `marked`.

    A shallow clone may end before that commit: then the commits that it has are checked.

    Raises:
        NoHistory: `root` is no checkout, or `marked` is not in its whole history.
    """
    known = subprocess.run(
        ["git", "merge-base", "--is-ancestor", marked, "HEAD"],
        cwd=root,
        capture_output=True,
        check=False,
    )
    shallow = _git(root, "rev-parse", "--is-shallow-repository") == "true"
    if known.returncode != 0 and not shallow:
        raise NoHistory(
            f"the marked commit {marked[:_SHOWN]} is not in this history: rebase on main; if "
            "main itself was written anew, set MARKED in deploy/commits.py"
        )
    new = f"{marked}..HEAD" if known.returncode == 0 else "HEAD"
    fields = iter(_git(root, "log", "--reverse", f"--format={_FIELDS}", new).split("\0"))
    return [
        f"{commit.strip()[:_SHOWN]} ({_subject(message)[:_SHOWN_OF_SUBJECT]}): {finding}"
        for commit, parents, message, trailers in zip(fields, fields, fields, fields, strict=False)
        for finding in _findings(parents.split(), message, trailers)
    ]


def _findings(parents: list[str], message: str, trailers: str) -> list[str]:
    subject = _subject(message)
    rest = message.strip().removeprefix(subject).removeprefix("\n")
    findings = []
    if len(parents) > 1:
        findings.append("is a merge; put your commits on top of main instead: git rebase main")
    if len(subject) > _LONGEST_SUBJECT:
        findings.append(
            f"its subject has {len(subject)} characters, {_LONGEST_SUBJECT} is the most"
        )
    if not subject:
        findings.append("has no subject")
    if rest and not rest.startswith("\n"):
        findings.append("a blank line is missing between subject and body")
    if not rest.strip().removesuffix(trailers.strip()).strip():
        findings.append("has no body; say in a sentence or two why it is done")
    return findings


def _subject(message: str) -> str:
    return message.strip().partition("\n")[0]


def _git(root: Path, *words: str) -> str:
    answer = subprocess.run(["git", *words], cwd=root, capture_output=True, check=False)
    if answer.returncode != 0:
        raise NoHistory(answer.stderr.decode(errors="replace").strip())
    return answer.stdout.decode(errors="replace").strip()


def main() -> int:
    if not (_ROOT / ".git").exists():
        print("commits are not checked: this is no git checkout")
        return 0
    try:
        findings = new_commits_findings(_ROOT)
    except NoHistory as error:
        findings = [str(error)]
    for finding in findings:
        print(f"commit {finding}", file=sys.stderr)
    if findings:
        print(
            "to fix a message: git commit --amend for the last commit, else git rebase -i COMMIT^ "
            "with `reword`",
            file=sys.stderr,
        )
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
