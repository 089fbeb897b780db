"""What can go wrong in the register, by whose fault; ``services.translate`` says how each travels."""


class DeviceUnknown(Exception):
    """The register never heard of this device."""

    def __init__(self, device_id: str) -> None:
        super().__init__(f"no device {device_id!r} in the register")
        self.device_id = device_id


class AlarmUnknown(Exception):
    """There is no such alarm, or it is not listed."""

    def __init__(self, alarm_id: str) -> None:
        super().__init__(f"no alarm {alarm_id!r}")


class JobUnknown(Exception):
    """There is no such job, or none that the caller sees all of."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"no job {job_id!r}")


class ViewUnknown(Exception):
    """There is no such view, or none that the caller sees."""

    def __init__(self, view_id: str) -> None:
        super().__init__(f"no view {view_id!r}")


class ViewNameTaken(Exception):
    """The views of one user have different names."""

    def __init__(self, name: str) -> None:
        super().__init__(f"view.name: you have another view {name!r}")


class ViewChanged(Exception):
    """The view is not any more the one that the caller has seen."""

    def __init__(self, view_id: str) -> None:
        super().__init__(f"etag: view {view_id!r} has changed since, read it again")


class ImportUnknown(Exception):
    """There is no such import, or none that the caller sees all of."""

    def __init__(self, import_id: str) -> None:
        super().__init__(f"no import {import_id!r}")


class ChunkOffsetWrong(Exception):
    """A piece of a file does not begin where the last one ended."""

    def __init__(self, import_id: str, offset: int) -> None:
        super().__init__(f"offset: import {import_id} holds {offset} bytes, go on there")
        self.offset = offset


class RequestReused(Exception):
    """The same request id came with something else before."""

    def __init__(self) -> None:
        super().__init__("request_id: was used for another request")


class TooMany(Exception):
    """More than is kept; the text says of what."""


class PositionInvalid(Exception):
    """The position to resume from was not made here."""


class PositionTooOld(Exception):
    """The database no longer knows what changed since that position."""


class TooManyWatchers(Exception):
    """This process has as many watchers as it allows."""


class ParkNotLoaded(Exception):
    """The park's index is being loaded after a start; ask again in a moment."""


class TooManyQuestions(Exception):
    """So many questions wait for the park's index, or the load of alarms, that one more would wait too long."""


class WatchInterrupted(Exception):
    """The database is in trouble; its watchers resume later."""


class WatchClosed(Exception):
    """This process stops; its watchers resume elsewhere."""
