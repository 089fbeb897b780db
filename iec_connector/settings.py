"""Settings of the connector, read from the environment; the rest is in the configuration file."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from service_chassis.settings import LogLevel
from service_metrics.settings import MetricsSettings
from service_status.standstill import STANDSTILL_SECONDS


class ConnectorSettings(MetricsSettings):
    """``IEC_CONNECTOR_CONFIG`` is a file, and required; the rest has defaults."""

    model_config = SettingsConfigDict(env_prefix="IEC_CONNECTOR_")

    config: Path
    # The sidecar asks here whether the connector is well.
    grpc_port: int = Field(default=50061, ge=0, le=65535)
    # While the hub, or a sidecar on the way, denies a call, it is tried no more often than this.
    denied_probe_seconds: float = Field(default=60, gt=0)
    # So long may nothing be done while something waits; then the health of "meterpark.progress" is NOT_SERVING.
    standstill_seconds: float = Field(default=STANDSTILL_SECONDS, gt=0)
    # A large message that is not read within this time goes to the quarantine, and the next one is read.
    reading_seconds: float = Field(default=120, gt=0, le=3600)
    # How often brokers are asked for their queues, for the metrics; 0: never.
    queues_seconds: float = Field(default=30, ge=0, le=3600)
    log_level: LogLevel = "INFO"
