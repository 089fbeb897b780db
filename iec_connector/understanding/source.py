"""What must be known of a head-end system to understand its messages: configuration, checked at start."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

from contract_limits import NETWORK
from iec_connector.understanding.identifiers import schemes_of
from iec_connector.understanding.nouns import DEFAULT_IGNORED_NOUNS, plain
from iec_connector.understanding.tables.lifecycle_words import (
    LifecycleWords,
    packaged_lifecycle_words,
)
from iec_connector.understanding.times import CLOCK_STARTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iec_connector.understanding.identifiers import Spelling
    from iec_connector.understanding.tables.event_codes import EventCodes

ANY_SINGLE_NAME = "*"
"""In ``device_identifiers``: any name of the device, if there is just one such value."""

DEFAULT_DEVICE_IDENTIFIERS = ("SerialNumber", "MeterUniqueID", "mRID", ANY_SINGLE_NAME)

DEFAULT_NAMESPACES = (
    "",
    "http://iec.ch/*",
    "http://www.iec.ch/*",
    "http://xmlns.oracle.com/ouaf/iec*",
    "http://www.isotrol.com/*",
    "http://www.encourage-project.eu/*",
)
"""Namespaces seen in the wild. ``""`` is no namespace; a trailing ``*`` stands for any ending."""


def is_network(name: str) -> bool:
    """Whether ``name`` may name a network."""
    return NETWORK.fullmatch(name) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a message is taken before it is refused. Sizes in bytes.

    ``elements`` bounds elements plus attributes: a tree takes some 150 bytes of memory for each, so that a
    small message of nothing but ``<a/>`` could otherwise take a hundred times its size.
    ``text`` is the longest free text that is kept (longer ones end with an ellipsis); ``entries`` is how many
    names or details of one report are.
    """

    message_bytes: int = 8 * 1024 * 1024
    inflated_bytes: int = 64 * 1024 * 1024
    depth: int = 64
    elements: int = 1_500_000
    reports: int = 10_000
    text: int = 2_000
    entries: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedNetwork:
    """Everything from this source belongs to one network."""

    network: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkByDestination:
    """The destination gives the network: maps its name, with or without ``queue://``, to the network.

    A trailing ``*`` in a name stands for any ending; the exact name wins, then the longest.
    """

    networks: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkInMessage:
    """The message gives the network: at ``place``, one of ``HEADER_SOURCE``, ``PROPERTY`` or ``NAME_TYPE_AUTHORITY``.

    ``name`` is the property's. ``spellings`` translates what the message says into a network; what is not in
    it must itself be one, in lower case. ``allowed``: the networks taken; empty: all.
    ``NAME_TYPE_AUTHORITY`` gives it per device, so one message may concern several networks.
    """

    place: str
    name: str = ""
    spellings: Mapping[str, str] = field(default_factory=dict)
    allowed: frozenset[str] = frozenset()


HEADER_SOURCE = "HEADER_SOURCE"
PROPERTY = "PROPERTY"
NAME_TYPE_AUTHORITY = "NAME_TYPE_AUTHORITY"

NetworkRule = FixedNetwork | NetworkByDestination | NetworkInMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One head-end system: what is needed to understand its messages.

    ``device_identifiers`` are tried in order, whatever their case: each is a ``Names/NameType``, and
    ``SerialNumber`` also the element ``serialNumber``, ``mRID`` the element of the device (never that of an
    event). The default is lenient: the serial number if there is one, else the meter's other identification if
    it is unambiguous. Beside it all other identifiers of the message travel with the report, so that the hub finds
    one device for a meter that configuration messages and events call differently. ``identifier_spelling`` makes
    identifiers equal that systems write differently, rule after rule; by default they stay as written.
    ``identifying_names`` are further kinds of names that tell one device, beside those of ``device_identifiers``: all
    others may be another meter's as well.

    ``zone`` is taken for times without one. ``contexts`` are the values of Header/Context that are taken,
    whatever their case; ``""`` is an absent one. ``namespaces``: see ``DEFAULT_NAMESPACES``; ``("*",)`` is any.

    ``ignored_nouns``: messages of these nouns are counted, and neither read nor quarantined. ``clock_starts``: see
    ``times``. ``requests_are_facts``: for a system of record that publishes by requests (``create MeterConfig`` in a
    RequestMessage); without it they are orders, of which nobody knows whether they are carried out.
    """

    name: str
    network: NetworkRule
    codes: EventCodes
    words: LifecycleWords = field(default_factory=packaged_lifecycle_words)
    device_identifiers: tuple[str, ...] = DEFAULT_DEVICE_IDENTIFIERS
    identifier_spelling: tuple[Spelling, ...] = ()
    identifying_names: tuple[str, ...] = ()
    zone: tzinfo = UTC
    contexts: frozenset[str] = frozenset({"", "PRODUCTION"})
    namespaces: tuple[str, ...] = DEFAULT_NAMESPACES
    limits: Limits = field(default_factory=Limits)
    ignored_nouns: tuple[str, ...] = DEFAULT_IGNORED_NOUNS
    clock_starts: tuple[date, ...] = CLOCK_STARTS
    requests_are_facts: bool = False

    @property
    def identifying_schemes(self) -> frozenset[str]:
        """The schemes of names that identify one device, beside mRID and serial number, which always do."""
        return schemes_of((*self.device_identifiers, *self.identifying_names))

    def ignores(self, noun: str) -> bool:
        """Whether messages of the noun are only counted."""
        name = plain(noun).removeprefix("get")
        return bool(name) and name in _plain_nouns(self.ignored_nouns)


@lru_cache(maxsize=64)
def _plain_nouns(nouns: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(plain, nouns))
