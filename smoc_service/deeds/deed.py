"""A deed: what somebody asked for, and how it ended."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from smoc_service.who import Who

# Methods that only read, by how their names begin.
_READS: Final = ("Batch", "Compare", "Count", "Export", "Get", "List", "Preview", "Watch")
# Pieces of a file, of which its import is the deed; what the hub tells, which no person asks for; and how the page
# looks to one person, which changes nothing of the park.
_NO_DEEDS: Final = frozenset({"AppendImportChunk", "ProvisionDevices", "SetPreference"})
_WORD_BEGINS: Final = re.compile(r"(?<!^)(?=[A-Z])")


class Outcome(StrEnum):
    # Stored before it is done; stays so when the process is killed meanwhile.
    ASKED = "ASKED"
    DONE = "DONE"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    # Those made later are greater: it begins with the time.
    deed_id: str
    at: datetime
    who: Who
    client: str
    kind: str
    # The networks that it may touch; None: any.
    networks: frozenset[str] | None
    # Both tell the same request that came again: its id, "" where requests carry none, and a digest of what it says.
    request_id: str = ""
    content: str = ""
    # The deed that is stored for the same request, where it came before.
    same_as: str = ""
    about: str = ""
    device_ids: tuple[str, ...] = ()
    summary: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    outcome: Outcome = Outcome.ASKED
    detail: str = ""


def kind_of(method: str) -> str:
    """Return the kind of deed that a call of ``method`` is, "acknowledge-alarm"; "" when it changes nothing.

    A method that is not known to read is a deed, so none is forgotten.
    """
    service, _, name = method.rpartition("/")
    if not service.startswith("/meterpark.smoc.") or name in _NO_DEEDS or name.startswith(_READS):
        return ""
    return _WORD_BEGINS.sub("-", name).lower()
