"""Settings of the hub, read from the environment (prefix DEVICE_HUB_)."""

from pathlib import Path

from pydantic import Field, HttpUrl
from pydantic_settings import SettingsConfigDict

from contract_limits import DEVICES_PER_PROVISIONING
from mongodb_login import MongodbSettings
from service_chassis.settings import LogLevel, TokenSettings
from service_metrics.settings import MetricsSettings
from service_status.standstill import STANDSTILL_SECONDS


class DatabaseSettings(MongodbSettings):
    """What a command needs that works on the database alone."""

    model_config = SettingsConfigDict(env_prefix="DEVICE_HUB_")

    mongodb_database: str = "device_hub"


class HubSettings(DatabaseSettings, TokenSettings, MetricsSettings):
    model_config = SettingsConfigDict(env_prefix="DEVICE_HUB_")

    grpc_port: int = Field(default=6001, ge=0, le=65535)
    host: str = "127.0.0.1"
    log_level: LogLevel = "INFO"

    # The same file for every replica of the hub; no other program may read it.
    actor_proof_secret_file: Path
    # A device's memory is a cache: Dapr drops it after this time without a call. Once in half of it, a device that is
    # called in its own process is called by way of Dapr.
    actor_idle_seconds: float = Field(default=600, gt=0)
    # Of so many devices the hub keeps the memory at most; of those whose last turn is longest ago it drops it.
    remembered_devices: int = Field(default=100_000, ge=1, le=10_000_000)
    # Of so many devices the hub knows in which other process they live, some 110 bytes each; any other one costs a call
    # of its own.
    known_homes: int = Field(default=500_000, ge=1, le=20_000_000)
    # Turns under way at once, over all batches; more wait.
    concurrent_turns: int = Field(default=512, ge=1, le=10_000)

    # Names of devices that are known without a query, some 800 bytes each; a park that fits costs no query per report.
    cached_identifiers: int = Field(default=200_000, ge=1_000, le=20_000_000)

    # Where the hub gets its token for smoc_service, and as which client (with a service account).
    token_url: HttpUrl
    client_id: str = Field(default="device-hub", min_length=1)
    client_secret_file: Path
    # While smoc_service denies the hub (no role, no policy), the hub calls it no more often than this.
    denied_probe_seconds: float = Field(default=60, gt=0)
    # So long may nothing be done while something waits; then the health of "meterpark.progress" is NOT_SERVING.
    standstill_seconds: float = Field(default=STANDSTILL_SECONDS, gt=0)

    contact_interval_seconds: float = Field(default=3600, gt=0)
    silence_after_seconds: float = Field(default=26 * 3600, gt=0)
    clock_tolerance_seconds: float = Field(default=300, ge=0)

    silence_sweep_seconds: float = Field(default=60, gt=0)
    silence_checks_per_second: float = Field(default=200, gt=0)

    # How often devices are looked for of which a plan is due, and how many a second are given their turn.
    plan_sweep_seconds: float = Field(default=20, gt=0)
    plans_per_second: float = Field(default=200, gt=0)
    # Of each sweep; reports find the rest of the turns free.
    sweep_turns_at_once: int = Field(default=16, ge=1, le=500)

    # Devices that one call to smoc_service may carry.
    provisioning_batch: int = Field(default=500, ge=1, le=DEVICES_PER_PROVISIONING)
    reconcile_seconds: float = Field(default=600, gt=0)
    # So often the heads of all devices are compared with the journal, and mended.
    heads_check_seconds: float = Field(default=21_600, gt=0)
    # Resolved quarantined messages are forgotten after this time; open ones never.
    quarantine_kept_days: float = Field(default=90, gt=0)
    # A private Ed25519 key as PEM, which signs the roots of the days (docs/decisions/0049); none: no root is made. The
    # same file for every replica.
    evidence_key_file: Path | None = None
