"""The settings of a stack (`METERPARK_...`; `make` maps its short names to these)."""

from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class StackSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="METERPARK_")

    # Two stacks with different names live side by side.
    stack: str = Field(default="default", pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")
    # Every port is PORT_BASE + its place in deploy/local/facts/ports.py; without it, well-known ports
    # where they are free.
    port_base: int | None = Field(default=None, ge=1024, le=65000)
    simulator: bool = True
    # Devices that the simulated head-end system rolls out.
    devices: int = Field(default=200, ge=1, le=1_000_000)
    # mongod takes TLS only, under a certificate authority of the stack's own.
    mongodb_tls: bool = False
    # mongod can be told to fail (`failCommand`): for tests alone.
    mongod_fail_points: bool = False
    # The port at which the services reach mongod when a proxy stands before it: for tests alone.
    mongod_proxy_port: int | None = Field(default=None, ge=1024, le=65000)
    # How long a sidecar's certificate lasts; each sidecar gets a new one at half of that.
    certificate_minutes: int = Field(default=24 * 60, ge=1, le=365 * 24 * 60)
    only: Literal["everything", "neighbours"] = "everything"
    # Beside the system itself: Prometheus, with the metrics of services and of Dapr, and with alerts.
    observability: bool = False
    ready_timeout_seconds: float = Field(default=180, gt=0)

    @field_validator("port_base", mode="before")
    @classmethod
    def _empty_means_unset(cls, value: object) -> object:
        return None if value == "" else value
