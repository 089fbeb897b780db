"""Pages of an answer: their size, and the token that leads to the next one."""

import re
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from service_chassis.refusals import argument_invalid
from smoc_service.door.page_tokens import unseal
from smoc_service.errors import PageTokenInvalid

PAGE_AT_MOST: Final = 500
_PAGE_BY_DEFAULT: Final = 50
_NUMBER: Final = re.compile(r"[0-9]{1,12}")

ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[ItemT]):
    items: list[ItemT]
    # Empty: that was the last page.
    next_token: str


def read_page_size(page_size: int) -> int:
    if not 0 <= page_size <= PAGE_AT_MOST:
        raise argument_invalid("page_size", f"{page_size} is not between 0 and {PAGE_AT_MOST}")
    return page_size or _PAGE_BY_DEFAULT


def resumed(question: str, token: str) -> str:
    """Return what ``token`` holds for ``question``, "" without one; raise ``PageTokenInvalid``."""
    if not token:
        return ""
    text = unseal(question, token)
    if not text:
        raise PageTokenInvalid("page_token: not made by this service, or for another question")
    return text


def resumed_at(question: str, token: str, numbers: int) -> tuple[int, ...] | None:
    """Return the ``numbers`` that ``token`` holds for ``question``, None without one; raise ``PageTokenInvalid``.

    Whoever forges a token gets a page, or is told that it was not made here.
    """
    parts = resumed(question, token).split(".")
    if parts == [""]:
        return None
    if len(parts) != numbers or not all(_NUMBER.fullmatch(part) for part in parts):
        raise PageTokenInvalid("page_token: not made by this service")
    return tuple(map(int, parts))
