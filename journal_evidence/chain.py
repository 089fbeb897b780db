"""One device's commits, one after the other: what is wrong with them."""

from dataclasses import dataclass

from journal_evidence.roots import Leaf
from journal_evidence.seal import NOTHING, Looked


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where; without a device: it concerns more than one."""

    device_id: str = ""
    revision: int = 0
    what: str = ""

    def __str__(self) -> str:
        return (
            f"{self.device_id}, revision {self.revision}: {self.what}"
            if self.device_id
            else self.what
        )


class Chain:
    """Takes a device's commits in order of revision. ``until_ms``: the end of the day whose root is compared."""

    def __init__(self, device_id: str, until_ms: int | None) -> None:
        self.device_id = device_id
        self.revision = 0
        self.unsealed = 0
        self.unsealed_behind = 0
        # The last commit of that day.
        self.leaf: Leaf | None = None
        self.problems: list[Problem] = []
        self._until_ms = until_ms
        # The seal of the last commit.
        self._seal = NOTHING
        self._sealed_before = False
        self._reports: set[str] = set()

    def add(self, commit: Looked) -> None:
        if commit.revision != self.revision + 1:
            self._wrong(commit.revision, f"revision {self.revision + 1} should be here")
        self.revision = commit.revision
        if commit.report_id in self._reports:
            self._wrong(commit.revision, f"report {commit.report_id} counts again")
        self._reports.add(commit.report_id)
        self._look_at_seal(commit)
        if self._until_ms is not None and commit.committed_ms < self._until_ms:
            self.leaf = Leaf(self.device_id, commit.revision, commit.digest)

    def end(self, head: int) -> None:
        """No commit follows; ``head`` is how far the device's head says that its journal goes."""
        if head > self.revision:
            self._wrong(self.revision, f"the journal ends here, and its head is at revision {head}")

    def _look_at_seal(self, commit: Looked) -> None:
        seal = commit.seal
        if seal is None:
            self.unsealed += 1
            self.unsealed_behind += self._sealed_before
            self._seal = NOTHING
            return
        if seal.before != self._seal:
            self._wrong(
                commit.revision,
                "the commit before it is another one than when this one was written",
            )
        if commit.after is not None and commit.after != seal.after:
            self._wrong(commit.revision, "the state beside it was changed after it was written")
        if commit.digest != seal.digest:
            self._wrong(commit.revision, "it was changed after it was written")
        self._seal = seal.digest
        self._sealed_before = True

    def _wrong(self, revision: int, what: str) -> None:
        self.problems.append(Problem(self.device_id, revision, what))
