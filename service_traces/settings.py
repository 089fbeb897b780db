"""Whether, how many and where to traces are told: OpenTelemetry's own names, without a prefix of ours."""

from typing import Literal

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings

_WEB_ADDRESS = r"^https?://[^\s/]+(/\S*)?$"
Sampler = Literal[
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
]


class TraceSettings(BaseSettings):
    """Off by default: without a collector no span is made."""

    # OTLP over HTTP: `/v1/traces` is added to the first one, the second one is the whole address.
    otel_exporter_otlp_endpoint: str | None = Field(default=None, pattern=_WEB_ADDRESS)
    otel_exporter_otlp_traces_endpoint: str | None = Field(default=None, pattern=_WEB_ADDRESS)
    # "none": a collector takes metrics alone.
    otel_traces_exporter: Literal["otlp", "none"] = "otlp"
    otel_traces_sampler: Sampler = "parentbased_traceidratio"
    # Of what begins here, which part is recorded.
    otel_traces_sampler_arg: float = Field(default=0.01, ge=0, le=1)

    @property
    def is_on(self) -> bool:
        named = self.otel_exporter_otlp_endpoint or self.otel_exporter_otlp_traces_endpoint
        return bool(named) and self.otel_traces_exporter != "none"

    @model_validator(mode="before")
    @classmethod
    def _empty_is_not_set(cls, said: dict[str, object]) -> dict[str, object]:
        """An empty variable counts as one that is not set, as OpenTelemetry has it."""
        return {name: value for name, value in said.items() if value not in {"", None}}
