"""Goes through schedules until one fails, and makes that one short."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.specs.hub.schedules.choices import Choices, shrunk


@dataclass(frozen=True)
class Failure:
    seed: int
    choices: Sequence[int]
    what: str

    def __str__(self) -> str:
        return f"seed {self.seed}: {self.what}; Choices(at={self.at})"

    @property
    def at(self) -> dict[int, int]:
        """The choices that are not harmless, by their places."""
        return {place: chosen for place, chosen in enumerate(self.choices) if chosen}


def first_failure(run: Callable[..., None], seeds: Iterable[int], **how: Any) -> Failure | None:
    """Return the first schedule that fails, made short."""
    for seed in seeds:
        choices = Choices(seed)
        if what_fails(run, choices, how):
            short = shrunk(
                choices.taken, lambda some: bool(what_fails(run, Choices(follow=some), how))
            )
            return Failure(seed, short, what_fails(run, Choices(follow=short), how))
    return None


def what_fails(run: Callable[..., None], choices: Choices, how: Mapping[str, Any]) -> str:
    """Return what is wrong with a schedule; nothing, if it goes well."""
    try:
        run(choices, **how)
    except Exception as error:  # noqa: BLE001 - whatever it is, the schedule fails
        return f"{type(error).__name__}: {error}"
    return ""
