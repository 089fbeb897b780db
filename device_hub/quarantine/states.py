"""The states of a quarantined message, and which messages a caller sees."""

from typing import Any, Final

from service_chassis.scope import Scope

OPEN: Final = "OPEN"
REPLAY_REQUESTED: Final = "REPLAY_REQUESTED"
RESOLVED: Final = "RESOLVED"
STATES: Final = (OPEN, REPLAY_REQUESTED, RESOLVED)


def within(scope: Scope) -> dict[str, Any]:
    """Return the condition for messages of the caller's networks; each read and change of a person has it."""
    return {} if scope.networks is None else {"network": {"$in": sorted(scope.networks)}}
