"""Settings of who verifies, read from the environment, each with the prefix JOURNAL_EVIDENCE_."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from mongodb_login import MongodbSettings


class EvidenceSettings(MongodbSettings):
    """A user who may read the hub's database is enough."""

    model_config = SettingsConfigDict(env_prefix="JOURNAL_EVIDENCE_")

    mongodb_database: str = "device_hub"
    # PEM files, as a JSON list; none: signatures are not looked at, which is said.
    public_keys: tuple[Path, ...] = ()
    # Readers at once, a process each; one reads in its own process.
    processes: int = Field(default=2, ge=1, le=64)
