"""What can go wrong in the register, by whose fault; ``grpc_service.translate`` says how each travels."""


class DeviceUnknown(Exception):
    """The register never heard of this device."""

    def __init__(self, device_id: str) -> None:
        super().__init__(f"no device {device_id!r} in the register")
        self.device_id = device_id


class AlarmUnknown(Exception):
    """There is no such alarm, or none that anybody is shown."""

    def __init__(self, alarm_id: str) -> None:
        super().__init__(f"no alarm {alarm_id!r}")


class PageTokenInvalid(Exception):
    """The page token was not made here, or for another question."""


class PositionInvalid(Exception):
    """The position to resume from was not made here."""


class PositionTooOld(Exception):
    """The database no longer knows what changed since that position."""


class TooManyWatchers(Exception):
    """There are as many watchers as this process allows."""


class NotCountedYet(Exception):
    """The park's counts are being made; ask again in a moment."""


class WatchInterrupted(Exception):
    """The database is in trouble; its watchers resume later."""


class WatchClosed(Exception):
    """This process stops; its watchers resume elsewhere."""
