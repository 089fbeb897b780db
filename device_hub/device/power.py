"""The power that people see: the supply as a whole, and the phases.

    supply     a phase lost since the supply's time    power     as of
    OFF        (whatever)                              OFF       the supply's time
    ON         yes                                     PARTIAL   the newest loss
    UNKNOWN    yes                                     PARTIAL   the newest loss
    ON         no                                      ON        the supply's time, or the phase that came back last
    UNKNOWN    no, but a phase came back               ON        the phase that came back last
    UNKNOWN    no, but the device spoke                ON        when it spoke last: what speaks has power
    UNKNOWN    no                                      UNKNOWN

Losing phases is a partial outage, never OFF: only the code for the whole supply says that.
"""

from collections.abc import Mapping
from typing import Final

from device_hub.device.facets import INFERRED
from device_hub.device.state import Device
from device_hub.device.values import Facet, Phase, Power

# The subdomain of an EndDeviceEventType code, by number or name -> phase. One device has at most these and "?".
_PHASES: Final[Mapping[str, str]] = {
    "126": "A",
    "134": "B",
    "135": "C",
    "131": "A",
    "132": "B",
    "133": "C",
    "phasea": "A",
    "phaseb": "B",
    "phasec": "C",
    "phaseavoltage": "A",
    "phasebvoltage": "B",
    "phasecvoltage": "C",
    "phaseavoltagepotential": "A",
    "phasebvoltagepotential": "B",
    "phasecvoltagepotential": "C",
}
UNNAMED_PHASE: Final = "?"


def phase_of(code: str) -> str:
    """Return "A", "B", "C" for a code such as "3.26.126.85", else "?".

    The subdomain is the last part but one, in "26.126.85" and "ElectricMeter.Power.PhaseA.Failed" too.
    """
    parts = code.strip().lower().split(".")
    return _PHASES.get(parts[-2].lstrip("0"), UNNAMED_PHASE) if len(parts) > 2 else UNNAMED_PHASE  # noqa: PLR2004 - event, subdomain and more


def power_of(device: Device) -> Facet[Power]:
    """Return the published power facet."""
    supply = device.supply
    if supply.value is Power.OFF:
        return supply
    newest: dict[Phase, Facet[Phase]] = {}
    for phase in device.phases.values():
        if phase.as_of is None or (supply.as_of is not None and phase.as_of <= supply.as_of):
            continue
        known = newest.get(phase.value)
        if known is None or known.as_of is None or phase.as_of > known.as_of:
            newest[phase.value] = phase
    if Phase.LOST in newest:
        lost = newest[Phase.LOST]
        return Facet(Power.PARTIAL, lost.as_of, lost.cause)
    if Phase.ON in newest:
        back = newest[Phase.ON]
        return Facet(Power.ON, back.as_of, back.cause)
    if supply.value is Power.UNKNOWN and device.spoke_at is not None:
        return Facet(Power.ON, device.spoke_at, INFERRED)
    return supply
