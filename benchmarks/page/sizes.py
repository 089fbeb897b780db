"""How much a run does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSizes:
    devices: int = 1_000_000
    # Loads of the start page, and openings of the list.
    rounds: int = 5
    rows_scrolled: int = 10_000
    rows_traced_at_once: int = 500
    changes_per_second: int = 50
    # What a person does while changes come in: clicks and keys.
    interactions: int = 40
    # How slow the processor is made for the start page.
    throttling: int = 4

    @classmethod
    def of(cls, devices: int) -> "PageSizes":
        """Return the standard run, or one that tries out the tool with fewer devices."""
        return cls() if devices == cls().devices else cls(devices=devices, rounds=2)
