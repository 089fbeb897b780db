"""A span as it is declared: once per service, with what a reader has to know about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from opentelemetry.semconv.schemas import Schemas

SCHEMA_URL = Schemas.V1_44_0.value
"""The version of the semantic conventions whose names are used; `service_metrics` uses the same."""


class Kind(StrEnum):
    """As OpenTelemetry calls them, in small letters."""

    INTERNAL = "internal"
    SERVER = "server"
    CLIENT = "client"
    PRODUCER = "producer"
    CONSUMER = "consumer"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanOf:
    """``name`` may have one place that is filled in, ``{}``: an operation, a destination; of those there are few.

    ``fixed`` attributes are always the same; ``attributes`` are set when they are known, each with what it says.
    """

    name: str
    kind: Kind
    meaning: str
    fixed: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
