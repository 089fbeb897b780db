"""The same content in the envelopes that are seen in the wild.

Namespaces and roots as listed from public samples: the 2011 standard, its `www` spelling, the 2008 draft
that one vendor still writes, none at all; bare, in SOAP 1.1 or SOAP 1.2; plain or as `Compressed` (base64
of gzip).
"""

from __future__ import annotations

import base64
import gzip
from dataclasses import dataclass
from enum import Enum
from typing import Final

DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>'


class Edition(Enum):
    """Namespace of the message, and prefix of the namespace of its content."""

    STANDARD = ("http://iec.ch/TC57/2011/schema/message", "http://iec.ch/TC57/2011/")
    WWW = ("http://www.iec.ch/TC57/2011/schema/message", "http://iec.ch/TC57/2011/")
    DRAFT = ("http://www.iec.ch/TC57/2008/schema/message", "http://iec.ch/TC57/2009/")
    NONE = ("", "")


class Wrapping(Enum):
    """What stands around the message: the namespace of a SOAP envelope, or nothing."""

    BARE = ""
    SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
    SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a message is written."""

    edition: Edition = Edition.STANDARD
    wrapping: Wrapping = Wrapping.BARE
    compressed: bool = False


PLAIN: Final = Shape()
SHAPES: Final[tuple[Shape, ...]] = tuple(
    Shape(edition=edition, wrapping=wrapping, compressed=compressed)
    for edition in Edition
    for wrapping in Wrapping
    for compressed in (False, True)
)


def dress(*, head: str, noun: str, payload: str, shape: Shape) -> str:
    """Put header elements and payload elements, both without prefixes, into an envelope of that shape."""
    message_namespace, content_namespace = shape.edition.value
    content = (
        f"<{noun}{_xmlns(content_namespace and f'{content_namespace}{noun}#')}>{payload}</{noun}>"
    )
    if shape.compressed:
        # mtime 0: the same content is the same message, whenever it is written.
        packed = base64.b64encode(gzip.compress((DECLARATION + content).encode(), mtime=0)).decode()
        content = f"<Compressed>{packed}</Compressed><Format>XML</Format>"
    message = (
        f"<EventMessage{_xmlns(message_namespace)}>"
        f"<Header>{head}</Header><Payload>{content}</Payload></EventMessage>"
    )
    if shape.wrapping is not Wrapping.BARE:
        message = (
            f'<soap:Envelope xmlns:soap="{shape.wrapping.value}"><soap:Body>{message}'
            "</soap:Body></soap:Envelope>"
        )
    return DECLARATION + message


def _xmlns(namespace: str) -> str:
    return f' xmlns="{namespace}"' if namespace else ""
