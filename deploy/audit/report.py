"""What a check says."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The outcome of one check; one line each, for the person who reads it.

    `seen` says what was looked at. `findings` must be mended, or allowed with a reason. `not_covered` says what this
    check knows nothing about: no finding, and no all-clear either.
    """

    check: str
    seen: str
    findings: list[str] = field(default_factory=list)
    not_covered: list[str] = field(default_factory=list)
