"""Pages of quarantined messages: bounded in bytes, and counted within bounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import ExecutionTimeout

Document = dict[str, Any]

_MOST_COUNTED = 10_000
_COUNTING_MILLISECONDS = 2_000
_PAGE_BYTES = 4 * 1024 * 1024
_TEXTS_OF_PAGES = ("detail", "place", "message_id", "destination", "verb", "noun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    messages: Sequence[Document]
    next_page_token: str
    total_count: int
    total_is_minimum: bool = False


async def bounded_count(messages: AsyncCollection[Document], query: Document) -> tuple[int, bool]:
    """Return the count, and whether it is only a minimum: counting is bounded in number and time."""
    try:
        total = await messages.count_documents(
            query, limit=_MOST_COUNTED + 1, maxTimeMS=_COUNTING_MILLISECONDS
        )
    except ExecutionTimeout:
        return 0, True
    return min(total, _MOST_COUNTED), total > _MOST_COUNTED


def within_bytes(messages: Sequence[Document]) -> list[Document]:
    """Return the first messages, at least one, of which the texts fit into one answer."""
    size = 0
    for index, message in enumerate(messages):
        # Four bytes a character at most, and some for the rest.
        size += 1024 + 4 * sum(len(message.get(name, "")) for name in _TEXTS_OF_PAGES)
        if size > _PAGE_BYTES and index:
            return [*messages[:index]]
    return [*messages]
