"""The journal's promises without a database: one commit per revision, one commit per report, chains without holes."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field

from device_hub.turns.history import (
    AlreadyCommitted,
    Commit,
    HistoryMoved,
    Memory,
    Stored,
)


@dataclass
class InMemoryHistory:
    """The journal's two promises: one commit per revision, one commit per report."""

    commits: list[Commit] = field(default_factory=list)
    recalled: int = 0
    looked_up: int = 0
    chains: list[int] = field(default_factory=list)
    # Runs before a commit is looked at: what another writer does meanwhile.
    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def newest(self, device_id: str, after_revision: int) -> Memory | None:
        self.recalled += 1
        newer = [
            commit
            for commit in self.commits
            if commit.device_id == device_id and commit.revision > after_revision
        ]
        return Memory(device=newer[-1].after, revision=newer[-1].revision) if newer else None

    async def find(self, device_id: str, report_ids: Collection[str]) -> dict[str, int]:
        self.looked_up += 1
        return {
            commit.report_id: commit.revision
            for commit in self.commits
            if commit.device_id == device_id and commit.report_id in report_ids
        }

    async def commit(self, chain: Sequence[Commit]) -> Stored:
        self.chains.append(len(chain))
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        for place, commit in enumerate(chain):
            stop = self._stop(commit)
            if stop is not None:
                return Stored(place, stop)
            self.commits.append(commit)
        return Stored(len(chain))

    def _stop(self, commit: Commit) -> Exception | None:
        of_device = [other for other in self.commits if other.device_id == commit.device_id]
        for other in of_device:
            if other.report_id == commit.report_id:
                return AlreadyCommitted(other.revision)
        if any(other.revision == commit.revision for other in of_device):
            return HistoryMoved(f"revision {commit.revision} is taken")
        return None
