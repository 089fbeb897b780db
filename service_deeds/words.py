"""What a service calls things in its contract: so its calls are read as deeds."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import Message

# Methods that only read, by how their names begin.
_READS: Final = ("Batch", "Compare", "Count", "Export", "Get", "List", "Preview", "Watch")
_WORD_BEGINS: Final = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Names of fields are looked for in the order given, in a message and in those within it, one step deep."""

    # How the paths of its methods begin.
    methods: str
    # Names of methods that change something and are no deeds all the same.
    no_deeds: frozenset[str]
    # Whose id a deed is about. A list counts where it holds one.
    about: tuple[str, ...]
    # Ids that begin with a network, in a request itself.
    placed: tuple[str, ...]
    # Where a message names devices, one or many.
    devices: tuple[str, ...]
    # What tells that a request came again.
    request_ids: tuple[str, ...] = ("request_id",)
    # Where an answer says the one network that was touched.
    networks: tuple[str, ...] = ()
    # What a deed was about, for people, by its request and its answer.
    summary: Callable[[Message, Message], str]

    def kind_of(self, method: str) -> str:
        """Return the kind of deed that a call of ``method`` is, "acknowledge-alarm"; "" when it changes nothing.

        A method that is not known to read is a deed, so none is forgotten.
        """
        name = method.rpartition("/")[2]
        if not method.startswith(self.methods) or name in self.no_deeds or name.startswith(_READS):
            return ""
        return _WORD_BEGINS.sub("-", name).lower()
