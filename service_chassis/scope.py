"""Which networks (tenants) a caller may see."""

from collections.abc import Iterable
from dataclasses import dataclass

from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from service_chassis.refusals import CallDenied

_EVERY = "*"


@dataclass(frozen=True, slots=True)
class Scope:
    """Networks by name. None means all networks, future ones and the unnamed one included."""

    networks: frozenset[str] | None

    @classmethod
    def of(cls, names: Iterable[str]) -> "Scope":
        """Return the scope that a token's claim ``networks`` gives; without a name, no network."""
        given = frozenset(names)
        # A network without a name is unknown, so no list can hold it.
        return cls(None if _EVERY in given else given - {""})

    def holds(self, network: str) -> bool:
        return self.networks is None or network in self.networks

    def require(self, network: str, named: str) -> None:
        """Raise ``NetworkDenied`` unless ``network`` may be seen; ``named`` goes into the audit log."""
        if not self.holds(network):
            raise NetworkDenied(named)


EVERYTHING = Scope(None)


class NetworkDenied(CallDenied):
    """The call names something in a network that its caller may not see. It does not matter whether it exists."""

    def __init__(self, named: str) -> None:
        super().__init__(ErrorReason.ERROR_REASON_NETWORK_DENIED, f"names {named}")
