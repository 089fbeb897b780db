"""What the measurements give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round: reports a second, and milliseconds of processor time per report by process.

    `to_register`: for rounds in which the register was waited for. `seconds`: of each call, where calls were timed.
    """

    rate: float
    milliseconds: Mapping[str, float]
    to_register: float | None = None
    seconds: Sequence[float] = field(default=())
    # Calls that were made again because a sidecar or a service was away for a moment.
    repeated: int = 0
