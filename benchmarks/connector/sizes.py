"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorSizes:
    """``reports`` of one step in one round, in messages of one event and of ``events`` events each."""

    rounds: int = 7
    reports: int = 4_000
    events: int = 10
    devices: int = 1_000
    batch: int = 500
    credit: int = 1_000
