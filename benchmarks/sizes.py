"""How much is measured: the standard run, and a small one that tries out the tool."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    devices: int = 1000
    rounds: int = 5
    # Reports of one round, for what is fast; what takes a call per report gets a part of them.
    reports: int = 6000
    # Of one piece of the warm-up, and how many pieces there are at most.
    warm_up: int = 2000
    warm_ups: int = 8
    # Of the rounds with several events in a message.
    events_per_message: int = 10
    # Messages a second, and seconds, of the delay measurement.
    delay_rate: float = 50.0
    delay_seconds: float = 30.0
    # As the connector sends by default: reports in a batch, batches under way at once.
    batch: int = 500
    batches_in_flight: int = 4
    # Calls under way at once where each report is a call of its own.
    calls_in_flight: int = 128

    @property
    def single_reports(self) -> int:
        """Reports of one round where each is a call of its own."""
        return max(self.calls_in_flight, self.reports * 3 // 8)

    def with_(self, *, rounds: int | None, reports: int | None) -> "Sizes":
        return replace(self, rounds=rounds or self.rounds, reports=reports or self.reports)


STANDARD = Sizes()
QUICK = Sizes(devices=200, rounds=1, reports=800, warm_up=400, warm_ups=1, delay_seconds=5.0)
