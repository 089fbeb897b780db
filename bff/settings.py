"""Settings of the bff, read from the environment, each with the prefix BFF_."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from service_chassis.settings import LogLevel
from service_metrics.settings import MetricsSettings


class BffSettings(MetricsSettings, BaseSettings):
    model_config = SettingsConfigDict(env_prefix="BFF_")

    http_host: str = "127.0.0.1"
    # Proxies in front whose statement about a client's address is trusted. None by default.
    trusted_proxies: list[str] = []
    http_port: int = Field(default=50071, ge=0, le=65535)
    # Where the built web page lies, a folder per language; without it no page is served.
    page_folder: Path | None = None
    # How long smoc_service may take for one answer.
    timeout_seconds: float = Field(default=10.0, gt=0, le=60)
    # Whether the schema may be asked for. In production the page and the router have it already.
    introspection: bool = False
    log_level: LogLevel = "INFO"

    # Limits of one operation: a larger one is refused before it runs.
    most_tokens: int = Field(default=2000, ge=100)
    most_depth: int = Field(default=12, ge=3)
    most_aliases: int = Field(default=30, ge=0)
    # Values in the answer, and calls to smoc_service, if every list is as long as it may be.
    most_values: int = Field(default=20_000, ge=100)
    most_calls: int = Field(default=20, ge=1)
    # What variables and extensions may be, all together; the router has the same limits.
    most_variable_keys: int = Field(default=500, ge=10)
    most_variable_items: int = Field(default=2000, ge=10)
    most_variable_depth: int = Field(default=10, ge=3)
    most_connections: int = Field(default=4000, ge=10)
    # On one machine the router and all browsers share one: a stream takes two.
    most_connections_per_address: int = Field(default=2500, ge=10)
    # How long a client may take to send a header, and then a body.
    header_seconds: float = Field(default=10, gt=0, le=60)
    body_seconds: float = Field(default=30, gt=0, le=600)
    most_subscriptions: int = Field(default=1000, ge=1)
    most_subscriptions_per_user: int = Field(default=20, ge=1)
    # An address may be that of an office; a user may hold as many websockets as subscriptions.
    most_websockets_per_address: int = Field(default=100, ge=1)
    # How long a websocket may be without its token, and without an operation under way.
    websocket_init_seconds: float = Field(default=10, gt=0, le=60)
    websocket_idle_seconds: float = Field(default=60, gt=0)
