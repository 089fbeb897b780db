"""The grammar of destinations, in one place."""

import re
from dataclasses import dataclass
from typing import Literal, Self
from urllib.parse import parse_qsl

_NAME = re.compile(r"[^\s?&]+")


class DestinationError(ValueError):
    """The text is not a destination; the error says what is wrong and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A queue, or a topic and how to subscribe to it.

    ``queue://NAME``                        a queue; also a virtual topic's: ``queue://Consumer.app.VirtualTopic.X``
    ``topic://NAME?durable=SUBSCRIPTION``   one consumer; kept while it is away (needs a client id)
    ``topic://NAME?shared=SUBSCRIPTION``    several consumers share one durable subscription (Artemis, AMQP)
    ``topic://NAME?lossy=true``             messages are lost while nobody listens: allowed only when asked for
    """

    kind: Literal["queue", "topic"]
    name: str
    durable: str = ""
    shared: str = ""
    lossy: bool = False

    @property
    def address(self) -> str:
        """Without the way of subscribing: ``queue://NAME`` or ``topic://NAME``."""
        return f"{self.kind}://{self.name}"

    @property
    def can_be_subscribed(self) -> bool:
        return self.kind == "queue" or bool(self.durable or self.shared) or self.lossy

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a destination to send to or to subscribe to; raises DestinationError."""
        kind, separator, rest = text.partition("://")
        if not separator or kind not in ("queue", "topic"):
            raise DestinationError(
                f"{text!r} is not a destination: write queue://NAME or topic://NAME?durable=SUBSCRIPTION"
            )
        name, _, query = rest.partition("?")
        if not _NAME.fullmatch(name):
            raise DestinationError(f"{text!r} has no name, or one with blanks: write {kind}://NAME")
        pairs = parse_qsl(query, keep_blank_values=True)
        options = dict(pairs)
        if query and (len(options) != len(pairs) or not options):
            raise DestinationError(f"{text!r}: {query!r} is not a list of options, each given once")
        if kind == "queue":
            if options:
                raise DestinationError(f"{text!r}: a queue takes no options, remove {query!r}")
            return cls(kind="queue", name=name)
        return cls._topic(text, name, options)

    @classmethod
    def to_subscribe(cls, text: str) -> Self:
        """Read a destination to subscribe to: a topic must say how; raises DestinationError."""
        found = cls.parse(text)
        if not found.can_be_subscribed:
            raise DestinationError(
                f"{text!r} would lose every message while no consumer listens: add ?durable=SUBSCRIPTION,"
                " ?shared=SUBSCRIPTION (Artemis over AMQP), or ?lossy=true if that is wanted"
            )
        return found

    @classmethod
    def _topic(cls, text: str, name: str, options: dict[str, str]) -> Self:
        unknown = sorted(options.keys() - {"durable", "shared", "lossy"})
        if unknown:
            raise DestinationError(
                f"{text!r}: unknown option {unknown[0]!r}; a topic takes durable, shared or lossy"
            )
        if len(options) > 1:
            raise DestinationError(f"{text!r}: give only one of durable, shared and lossy")
        for option in ("durable", "shared"):
            if option in options and not _NAME.fullmatch(options[option]):
                raise DestinationError(f"{text!r}: {option} needs the name of a subscription")
        if options.get("lossy", "true") != "true":
            raise DestinationError(f"{text!r}: lossy can only be true")
        return cls(
            kind="topic",
            name=name,
            durable=options.get("durable", ""),
            shared=options.get("shared", ""),
            lossy="lossy" in options,
        )
