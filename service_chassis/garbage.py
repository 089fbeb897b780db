"""How often a service looks for garbage that holds on to itself.

All other garbage goes by itself, when nobody holds it any more. Python looks for the rest after each 700 new objects.
A batch of 500 reports makes some 100,000 that are all in use while it is looked at, again and again. And what was
imported at the start is no garbage, and need not be looked at.
"""

import gc
from typing import Final

# New objects before a look: some megabytes; looks at the young before one at the older; these before one at all.
_NEW_OBJECTS: Final = 50_000
_LOOKS_AT_YOUNG: Final = 20
_LOOKS_AT_OLDER: Final = 100


def collect_seldom() -> None:
    """Look for garbage seldom, and never at what is there now: call it when all is imported, before the work begins."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _LOOKS_AT_YOUNG, _LOOKS_AT_OLDER)
