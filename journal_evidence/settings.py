"""Settings of who verifies, read from the environment, each with the prefix JOURNAL_EVIDENCE_."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from service_chassis.settings import SecretFromFile


def _readable(url: SecretStr) -> SecretStr:
    try:
        parse_uri(url.get_secret_value(), connect_timeout=5)
    except (PyMongoError, ValueError) as error:
        # Only what is wrong, never the text itself: it may hold a password.
        raise ValueError(f"no MongoDB connection string: {type(error).__name__}") from None
    return url


class EvidenceSettings(BaseSettings):
    """A user who may read the hub's database is enough."""

    model_config = SettingsConfigDict(env_prefix="JOURNAL_EVIDENCE_")

    mongodb_url: Annotated[SecretStr, AfterValidator(_readable)]
    # For a URL that names a user and no password.
    mongodb_password_file: SecretFromFile | None = None
    mongodb_database: str = "device_hub"
    # PEM files, as a JSON list; none: signatures are not looked at, which is said.
    public_keys: tuple[Path, ...] = ()
    # Readers at once, a process each; one reads in its own process.
    processes: int = Field(default=2, ge=1, le=64)

    @property
    def login(self) -> dict[str, Any]:
        password = self.mongodb_password_file
        return {"password": password.get_secret_value()} if password else {}
