"""How deep the queues of the broker are that the command has access to."""

from collections.abc import Sequence

from jms_transport.statistics import DepthsUnknown, QueueDepth
from jms_transport.statistics import read_depths as read_from
from meterpark_cli.stack.broker_access import BrokerAccess, read_password

__all__ = ["DepthsUnknown", "QueueDepth", "read_depths"]


def read_depths(
    access: BrokerAccess, queues: Sequence[str], timeout_seconds: float
) -> dict[str, QueueDepth]:
    """Return the depth of each queue that the broker knows; blocks. Raises DepthsUnknown, WrongUsage."""
    return read_from(
        access.url,
        queues,
        user=access.user,
        password=read_password(access),
        tls=access.tls,
        timeout_seconds=timeout_seconds,
    )
