"""What a check says, and why it could not be made."""

from dataclasses import dataclass, field


class ToolFailed(Exception):
    """A tool that a check rests on did not do its work; the text is what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The outcome of one check, as one line for the reader.

    `seen` says what was checked. `findings` must be fixed, or allowed with a reason. `not_covered` says what this
    check cannot judge: no finding, and no all-clear either.
    """

    check: str
    seen: str
    findings: list[str] = field(default_factory=list)
    not_covered: list[str] = field(default_factory=list)
