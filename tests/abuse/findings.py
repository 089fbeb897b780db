"""What came of the attacks."""

from dataclasses import dataclass, field

_MEBIBYTE = 1024 * 1024
# Caches fill and interpreters settle; what an attack may leave behind for good is less than this.
_MOST_GROWTH = 256 * _MEBIBYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """One case that was not answered as it should be."""

    attack: str
    case: str
    said: str

    def __str__(self) -> str:
        return f"WRONG: {self.attack}: {self.case}: {self.said}"


@dataclass(slots=True, kw_only=True)
class Findings:
    """Adds up while the attacks go on."""

    cases: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    restarts: list[str] = field(default_factory=list)
    # Bytes by process, after all attacks less before them.
    growth: dict[str, int] = field(default_factory=dict)

    @property
    def fine(self) -> bool:
        return not (self.wrong or self.restarts or self._grown)

    @property
    def _grown(self) -> dict[str, int]:
        return {name: size for name, size in self.growth.items() if size > _MOST_GROWTH}

    def line(self) -> str:
        """Give the one line at the end."""
        most = max(self.growth, key=lambda name: self.growth[name], default="")
        grown = f" ({most} {self.growth[most] / _MEBIBYTE:+.0f} MiB)" if most else ""
        total = sum(self.growth.values()) / _MEBIBYTE
        return ", ".join(
            [
                f"abuse: {self.cases:,} cases",
                f"{len(self.wrong)} wrong",
                f"{len(self.restarts)} restarts",
                f"memory {total:+.0f} MiB{grown}",
            ]
        )

    def explanation(self, at_most: int = 40) -> str:
        """Name what went wrong."""
        lines = [str(wrong)[:600] for wrong in self.wrong[:at_most]]
        lines += [f"STARTED AGAIN: {name}" for name in self.restarts]
        lines += [
            f"GREW: {name} by {size / _MEBIBYTE:.0f} MiB" for name, size in self._grown.items()
        ]
        return "\n".join(lines)
