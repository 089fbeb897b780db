"""What an attack is: a name, and cases that say what was wrong with their answer."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from tests.abuse.target import Target


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that was done. ``wrong`` says what was wrong with the answer; empty: nothing."""

    name: str
    wrong: str = ""


Deed = Callable[[Target], AsyncIterator[Case]]


@dataclass(frozen=True, slots=True)
class Attack:
    """``deed`` yields its cases as they are answered."""

    name: str
    deed: Deed
