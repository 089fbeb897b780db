"""Settings of the register, read from the environment, each with the prefix SMOC_SERVICE_."""

from pydantic import Field, FilePath
from pydantic_settings import SettingsConfigDict

from mongodb_login import MongodbSettings
from service_chassis.settings import LogLevel, TokenSettings
from service_metrics.settings import MetricsSettings
from service_status.standstill import STANDSTILL_SECONDS
from smoc_service.alarms.keeping import RESOLVED_DAYS


class DatabaseSettings(MongodbSettings):
    """Where the register lies: all that a command on its data needs."""

    model_config = SettingsConfigDict(env_prefix="SMOC_SERVICE_")

    mongodb_database: str = Field(default="smoc", pattern=r"^[A-Za-z0-9_-]{1,63}$")


class SmocServiceSettings(DatabaseSettings, TokenSettings, MetricsSettings):
    # Said again: of several parents' settings the last one's count.
    model_config = SettingsConfigDict(env_prefix="SMOC_SERVICE_")

    grpc_port: int = Field(default=50061, ge=0, le=65535)
    # The rules of alarms; without it those that come with the service (alarms/core/rules.yaml).
    alarm_rules_file: FilePath | None = None
    # How long an alarm is kept after it was resolved; the database removes it then, from timelines, too.
    resolved_alarms_days: int = Field(default=RESOLVED_DAYS, ge=1, le=36_500)
    # While device_hub denies an import's rows (no policy, no role), it is called no more often than this.
    denied_probe_seconds: float = Field(default=60, gt=0)
    # How this process is known after a restart: it then takes its jobs and imports up at once. No other process at work
    # may have the name. Without it: host name and port.
    worker_name: str = Field(default="", max_length=200)
    # So long may nothing be done while something waits; then the health of "meterpark.progress" is NOT_SERVING.
    standstill_seconds: float = Field(default=STANDSTILL_SECONDS, gt=0)
    log_level: LogLevel = "INFO"
