"""How a list becomes an answer: rows in a table page by page, or one JSON document."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

from google.protobuf.message import Message
from rich.console import RenderableType

from contract_limits import ROWS_PER_PAGE
from meterpark_cli.showing.documents import document_of, print_list_document
from meterpark_cli.showing.rendering import console, note, show

RowT = TypeVar("RowT", bound=Message)
RowT_contra = TypeVar("RowT_contra", bound=Message, contravariant=True)

# A page size and a token in; rows and the next token out.
Ask = Callable[[int, str], Awaitable[tuple[Sequence[RowT], str]]]


class Draw(Protocol[RowT_contra]):
    """Rows in, something to show out; ``header`` for the first page only."""

    def __call__(
        self, rows: Sequence[RowT_contra], *, width: int, header: bool
    ) -> RenderableType: ...


async def pages(
    ask: Ask[RowT], *, limit: int | None, page_size: int = ROWS_PER_PAGE, page_token: str = ""
) -> AsyncIterator[tuple[Sequence[RowT], str]]:
    """Yield (rows, next page token) until ``limit`` rows came (None: all) or the list ends."""
    left = limit
    while left is None or left > 0:
        size = page_size if left is None else min(page_size, left)
        rows, page_token = await ask(size, page_token)
        if left is not None:
            left -= len(rows)
        yield rows, page_token
        if not page_token:
            return


async def answer_list(
    found: AsyncIterator[tuple[Sequence[RowT], str]],
    draw: Draw[RowT],
    *,
    name: str,
    as_json: bool,
    **more: Any,
) -> None:
    """Answer with all pages of ``found``; nothing is held longer than its page, so a list may be as long as it is.

    ``name`` is the list's name in the JSON document, ``more`` stands beside it there.
    """
    if as_json:
        documents = (([document_of(row) for row in rows], token) async for rows, token in found)
        await print_list_document(name, documents, **more)
        return
    target, shown, next_page_token = console(), 0, ""
    async for rows, next_page_token in found:  # noqa: B007 - the last one says whether there is more
        if rows:
            show(target, draw(rows, width=target.width, header=not shown))
        shown += len(rows)
    if not shown:
        note(f"no {name}")
    if next_page_token:
        note(f"{shown:,} {name} shown, more exist: use --limit N or --all")
