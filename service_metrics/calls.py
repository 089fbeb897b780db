"""Calls at a service's gRPC door: how long they took, how they ended, which were denied."""

from typing import Final

from service_metrics.declared import counter, histogram
from service_metrics.instruments import Instruments

DURATION: Final = histogram(
    "rpc.server.call.duration",
    "s",
    "How long a call took, of those that answer in one piece and were let in.",
    {
        "rpc.system.name": "grpc",
        "rpc.method": "service and method, as in `proto/`",
        "rpc.response.status_code": "the status in words: OK, UNAVAILABLE ...",
    },
)
DENIED: Final = counter(
    "meterpark.calls.denied",
    "{call}",
    "Calls that were denied at the door; each left a line `call denied` in the log.",
    {"reason": "the reason, as the log's line says it"},
)
CALL_METRICS: Final = (DURATION, DENIED)


class CallsMeasured:
    """What `service_chassis.server.serving` tells of its calls."""

    def __init__(self, instruments: Instruments) -> None:
        self._duration = instruments.histogram(DURATION)
        self._denied = instruments.counter(DENIED)

    def ended(self, method: str, status: str, seconds: float) -> None:
        self._duration.record(seconds, "grpc", method.removeprefix("/"), status)

    def denied(self, reason: str) -> None:
        self._denied.add(reason)
