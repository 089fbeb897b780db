"""Where a service tells its metrics. Each service reads these settings with its own prefix."""

from pydantic import Field
from pydantic_settings import BaseSettings

_WEB_ADDRESS = r"^https?://[^\s/]+(/\S*)?$"


class MetricsSettings(BaseSettings):
    """Off by default: without a port and without a collector nothing is told."""

    # Prometheus reads there, and nobody else needs to reach it.
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    metrics_host: str = "127.0.0.1"


class CollectorSettings(BaseSettings):
    """An OpenTelemetry collector, by the names that OpenTelemetry gave these settings (no prefix of ours)."""

    # OTLP over HTTP: `/v1/metrics` is added to the first one, the second one is the whole address.
    otel_exporter_otlp_endpoint: str | None = Field(default=None, pattern=_WEB_ADDRESS)
    otel_exporter_otlp_metrics_endpoint: str | None = Field(default=None, pattern=_WEB_ADDRESS)
    # Milliseconds between two sendings.
    otel_metric_export_interval: int = Field(default=60_000, ge=100)

    @property
    def is_named(self) -> bool:
        return bool(self.otel_exporter_otlp_endpoint or self.otel_exporter_otlp_metrics_endpoint)
