"""Pages of an answer: their size, and the opaque texts that a caller sends back: page tokens and watch positions.

They carry a digest of what they were made for. So a token that is cut short, mixed up or used with another filter is
refused; it never silently leads to the wrong page. The digest is no secret and guards nothing:
a caller that forges a token gets a page that it may see anyway, as every page is cut to the caller's networks.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, Generic, TypeVar

from grpc import StatusCode
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from contract_limits import ROWS_PER_PAGE
from service_chassis.refusals import CallRefused, argument_invalid

_PAGE_BY_DEFAULT: Final = 50
_NUMBER: Final = re.compile(r"[0-9]{1,12}")
_DIGEST_BYTES: Final = 9

ItemT = TypeVar("ItemT")


class PageTokenInvalid(CallRefused):
    """The page token was not made by this service, or was made for another request."""

    def __init__(self) -> None:
        super().__init__(
            StatusCode.INVALID_ARGUMENT,
            ErrorReason.ERROR_REASON_PAGE_TOKEN_INVALID,
            "page_token: not made by this service, or for another question",
            field="page_token",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[ItemT]):
    items: list[ItemT]
    # Empty: that was the last page.
    next_token: str


def read_page_size(page_size: int, by_default: int = _PAGE_BY_DEFAULT) -> int:
    if not 0 <= page_size <= ROWS_PER_PAGE:
        raise argument_invalid("page_size", f"{page_size} is not between 0 and {ROWS_PER_PAGE}")
    return page_size or by_default


def resumed(question: str, token: str) -> str:
    """Return what ``token`` holds for ``question``, "" without one; raise ``PageTokenInvalid``."""
    if not token:
        return ""
    text = unseal(question, token)
    if not text:
        raise PageTokenInvalid
    return text


def resumed_at(question: str, token: str, numbers: int) -> tuple[int, ...] | None:
    """Return the ``numbers`` that ``token`` holds for ``question``, None without one; raise ``PageTokenInvalid``.

    A forged token leads to a page, or to ``PageTokenInvalid``.
    """
    parts = resumed(question, token).split(".")
    if parts == [""]:
        return None
    if len(parts) != numbers or not all(_NUMBER.fullmatch(part) for part in parts):
        raise PageTokenInvalid
    return tuple(map(int, parts))


def seal(purpose: str, text: str) -> str:
    """Return ``text`` as an opaque token that only opens for the same ``purpose``."""
    return base64.urlsafe_b64encode(_digest(purpose, text) + text.encode()).decode()


def unseal(purpose: str, token: str) -> str | None:
    """Return the text in ``token``, or None when it was not sealed for ``purpose``."""
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        text = raw[_DIGEST_BYTES:].decode()
    except (UnicodeError, binascii.Error):
        return None
    # Sealing again, and not comparing digests alone, leaves one spelling of each token.
    return text if seal(purpose, text) == token else None


def _digest(purpose: str, text: str) -> bytes:
    return blake2b(f"{purpose}\0{text}".encode(), digest_size=_DIGEST_BYTES).digest()
