"""Settings of backups, read from the environment, each with the prefix PARK_BACKUP_."""

import re
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from service_chassis.settings import SecretFromFile

_USER: Final = re.compile(r"^(mongodb(?:\+srv)?://[^/@:]+)@")
_NAME: Final = r"^[A-Za-z0-9_-]{1,63}$"


def _readable(url: SecretStr) -> SecretStr:
    try:
        parse_uri(url.get_secret_value(), connect_timeout=5)
    except (PyMongoError, ValueError) as error:
        # Only what is wrong, never the text itself: it may hold a password.
        raise ValueError(f"no MongoDB connection string: {type(error).__name__}") from None
    return url


class FolderSettings(BaseSettings):
    """Where backups lie."""

    model_config = SettingsConfigDict(env_prefix="PARK_BACKUP_")

    folder: Path
    # After each backup older ones are removed until so many are there; 0: none is removed.
    keep: int = Field(default=0, ge=0, le=100_000)


class BackupSettings(FolderSettings):
    """And where the park is."""

    model_config = SettingsConfigDict(env_prefix="PARK_BACKUP_")

    mongodb_url: Annotated[SecretStr, AfterValidator(_readable)]
    # For a URL that names a user and no password.
    mongodb_password_file: SecretFromFile | None = None
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
