"""What a backup says of itself: of when it is, what it holds, and what can read it."""

from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from park_backup.failures import BackupFailed

MANIFEST: Final = "manifest.json"


class Manifest(BaseModel):
    """The stored form; it only grows, and what cannot be read by what knew the last one gets another ``version``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    # All that is in it was so at this point of the database's time.
    as_of: datetime
    # That point, as the database counts: seconds, and which change within them.
    point: tuple[int, int]
    begun_at: datetime
    ended_at: datetime
    # Of the database and of its tools.
    mongodb: str
    tools: str
    hub_database: str
    register_database: str

    @property
    def release(self) -> str:
        """The release of the database, such as 6.0: the log of changes in a backup can be read by the same only."""
        return release_of(self.mongodb)


def release_of(version: str) -> str:
    return ".".join(version.split(".")[:2])


def read_manifest(backup: Path) -> Manifest:
    """Return it.

    Raises:
        BackupFailed: there is none, or one of a version that is not known.
    """
    file = backup / MANIFEST
    try:
        return Manifest.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        raise BackupFailed(f"{backup} is no backup: it has no {MANIFEST}") from None
    except OSError as error:
        raise BackupFailed(f"{file} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        [first, *_] = error.errors(include_url=False, include_input=False)
        where = ".".join(str(part) for part in first["loc"])
        raise BackupFailed(
            f"{file} is of another version, or damaged: {where or 'all of it'}: {first['msg']}"
        ) from None
