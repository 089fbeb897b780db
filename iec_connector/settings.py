"""What the connector is told by its environment; the rest is in the configuration file."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ConnectorSettings(BaseSettings):
    """``IEC_CONNECTOR_CONFIG`` (a file, required), ``_GRPC_PORT`` (for the sidecar), ``_LOG_LEVEL``."""

    model_config = SettingsConfigDict(env_prefix="IEC_CONNECTOR_")

    config: Path
    grpc_port: int = Field(default=50061, ge=0, le=65535)
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
