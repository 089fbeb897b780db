"""Why a device may refuse a report. Facts are hardly ever refused: only what cannot be recorded at all."""

from enum import StrEnum


class Reason(StrEnum):
    """Names are those of meterpark.errors.v1.ErrorReason, without its prefix."""

    # The report has no content: nothing to record.
    REPORT_EMPTY = "REPORT_EMPTY"
    # A time without zone, or outside of what can be stored.
    TIME_INVALID = "TIME_INVALID"
    # More attributes than a device may have.
    ARGUMENT_INVALID = "ARGUMENT_INVALID"
    # The device was joined into another one, which takes its reports.
    DEVICE_JOINED = "DEVICE_JOINED"
    # These two devices cannot be joined.
    JOIN_REFUSED = "JOIN_REFUSED"


class Refused(Exception):
    """The device will not take this report, and sending it again unchanged will not help."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail
