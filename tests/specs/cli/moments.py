"""The moment at which the examples are looked at."""

from datetime import UTC, datetime

NOW = datetime(2026, 3, 1, 10, 0, 0, tzinfo=UTC)
