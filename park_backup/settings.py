"""Settings of backups, read from the environment, each with the prefix PARK_BACKUP_."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from mongodb_login import MongodbSettings

_USER: Final = re.compile(r"^(mongodb(?:\+srv)?://[^/@:]+)@")
_NAME: Final = r"^[A-Za-z0-9_-]{1,63}$"


class FolderSettings(BaseSettings):
    """Where backups lie."""

    model_config = SettingsConfigDict(env_prefix="PARK_BACKUP_")

    folder: Path
    # After each backup older ones are removed until so many are there; 0: none is removed.
    keep: int = Field(default=0, ge=0, le=100_000)


class BackupSettings(FolderSettings, MongodbSettings):
    """And where the park is."""

    model_config = SettingsConfigDict(env_prefix="PARK_BACKUP_")

    hub_database: str = Field(default="device_hub", pattern=_NAME)
    register_database: str = Field(default="smoc", pattern=_NAME)
    # MongoDB's own tools; by these names they are looked for on the PATH.
    mongodump: str = "mongodump"
    mongorestore: str = "mongorestore"

    @property
    def databases(self) -> tuple[str, str]:
        return self.hub_database, self.register_database

    @property
    def whole_url(self) -> str:
        """The URL with the password in it: for a client or a tool, never for a log or a command line."""
        url = self.mongodb_url.get_secret_value()
        if self.mongodb_password_file is None:
            return url
        password = quote(self.mongodb_password_file.get_secret_value(), safe="")
        return _USER.sub(lambda found: f"{found[1]}:{password}@", url)
