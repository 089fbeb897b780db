"""The settings that every service reads from its environment. A wrong or missing one ends the start with one line."""

import sys
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings

SettingsT = TypeVar("SettingsT", bound=BaseSettings)

EXIT_BAD_SETTINGS = 2
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
_WEB_ADDRESS = r"^https?://[^\s/]+(/\S*)?$"


def _content(file: object) -> str:
    try:
        content = Path(str(file)).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        # Say only what is wrong; never show the content.
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ValueError(f"the file cannot be read: {reason}") from None
    if not content:
        raise ValueError("the file is empty")
    return content


SecretFromFile = Annotated[SecretStr, BeforeValidator(_content)]
"""A setting that names a file; its value is the file's content, without space around it."""


class SidecarSettings(BaseSettings):
    """Where the own sidecar listens; the names are Dapr's own."""

    dapr_grpc_port: int = Field(default=50001, ge=1, le=65535)
    dapr_api_token: str | None = Field(default=None, repr=False)


class OwnSidecarSettings(BaseSettings):
    """The token by which the app knows its own sidecar; the name is Dapr's.

    Required: without it the service would answer anybody who finds its port, so it does not start.
    """

    app_api_token: SecretStr = Field(min_length=32)


class TokenSettings(BaseSettings):
    """The issuer whose tokens a service accepts. Each service reads these settings with its own prefix."""

    # Exactly as in the tokens' claim "iss". The keys may lie elsewhere: the issuer is a public address.
    token_issuer: str = Field(pattern=_WEB_ADDRESS)
    token_jwks_url: str = Field(pattern=_WEB_ADDRESS)
    # How far the issuer's clock and this one's may be apart.
    token_leeway_seconds: int = Field(default=2, ge=0, le=60)


def load_settings(kind: type[SettingsT]) -> SettingsT:
    """Read ``kind`` from the environment, or end the process with one line for each wrong variable."""
    try:
        return kind()
    except ValidationError as error:
        prefix = str(kind.model_config.get("env_prefix") or "")
        for wrong in error.errors(include_url=False, include_input=False):
            name = prefix + "_".join(str(part) for part in wrong["loc"])
            sys.stderr.write(f"setting {name.upper()}: {wrong['msg'].lower()}\n")
        raise SystemExit(EXIT_BAD_SETTINGS) from None
