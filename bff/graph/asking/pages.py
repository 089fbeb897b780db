"""Relay connections on the register's keyset pages, forwards only.

The register gives one token for the end of each page. The cursor of an edge is the token of its page's request and the
edge's place in the page. The cursor of a page's last edge is the token of the next page: a client that continues from
there gets every row exactly once, as the register promises. From the middle of a page that holds as long as the page's
rows stay.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import strawberry

from bff.failures import argument_invalid
from bff.graph.asking.asking import Asking

USUAL_PAGE: Final = 25
LONGEST_PAGE: Final = 100
# With a page behind it, what the register gives at once.
_LONGEST_SKIP: Final = 400

_NEXT = "n"
_WITHIN = "w"

NodeT = TypeVar("NodeT")


@strawberry.type(
    description="Position of a page. Backward paging (`last`, `before`) is not offered."
)
class PageInfo:
    has_next_page: bool
    has_previous_page: bool = strawberry.field(
        description="Always false: pages are read forwards only."
    )
    start_cursor: str | None
    end_cursor: str | None = strawberry.field(
        description="Pass it as `after` for the next page of the same query, by a caller that sees the same networks."
    )


@strawberry.type
class Edge(Generic[NodeT]):
    cursor: str
    node: NodeT


@strawberry.type
class Connection(Generic[NodeT]):
    edges: list[Edge[NodeT]]
    page_info: PageInfo


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: the token of a page, and how many of its rows lie before."""

    token: str = ""
    skip: int = 0

    @property
    def text(self) -> str:
        place = f"{_WITHIN}{self.skip}:{self.token}" if self.skip else f"{_NEXT}:{self.token}"
        return base64.urlsafe_b64encode(place.encode()).decode()


def read_cursor(after: str | None) -> Cursor:
    """Return where ``after`` stands; raise Failure when it is not a cursor of ours."""
    if not after:
        return Cursor()
    try:
        place = base64.b64decode(after.encode("ascii"), altchars=b"-_", validate=True).decode()
    except (UnicodeError, binascii.Error):
        place = ""
    kind, _, token = place.partition(":")
    if kind == _NEXT and token:
        return Cursor(token)
    skip = kind.removeprefix(_WITHIN)
    if kind.startswith(_WITHIN) and skip.isascii() and skip.isdecimal() and len(skip) < len("1000"):
        found = Cursor(token, int(skip))
        if found.skip <= _LONGEST_SKIP and found.text == after:
            return found
    raise argument_invalid("after", "not a cursor that this list gave")


def page_size(first: int) -> int:
    """Return ``first``; raise Failure when it is no size of a page."""
    if not 1 <= first <= LONGEST_PAGE:
        raise argument_invalid("first", f"from 1 to {LONGEST_PAGE}")
    return first


async def read_page(
    asking: Asking,
    method: Any,
    request: Any,
    rows: str,
    node_of: Callable[[Any], NodeT],
    *,
    first: int,
    after: str | None,
) -> tuple[Any, list[Edge[NodeT]], PageInfo]:
    """Read one page of ``method``: its answer, whose field ``rows`` holds them, edges, and where the page lies.

    ``request`` gets its page's size and token here. Raises Failure.
    """
    size = page_size(first)
    start = read_cursor(after)
    request.page_size = start.skip + size
    request.page_token = start.token
    answer = await asking.ask(method, request)
    found = getattr(answer, rows)
    token = answer.next_page_token
    edges = [
        Edge(
            cursor=(
                Cursor(token) if token and place == len(found) else Cursor(start.token, place)
            ).text,
            node=node_of(row),
        )
        for place, row in enumerate(found[start.skip :], start.skip + 1)
    ]
    end = edges[-1].cursor if edges else after
    info = PageInfo(
        has_next_page=bool(token),
        has_previous_page=False,
        start_cursor=edges[0].cursor if edges else None,
        # A page may hold nothing and have a next one all the same: where few rows fit a filter.
        end_cursor=Cursor(token).text if token else end,
    )
    return answer, edges, info


async def read_connection(
    asking: Asking,
    method: Any,
    request: Any,
    rows: str,
    node_of: Callable[[Any], NodeT],
    *,
    first: int,
    after: str | None,
) -> Connection[NodeT]:
    """Read one page like ``read_page``, as a connection without a count."""
    _, edges, info = await read_page(
        asking, method, request, rows, node_of, first=first, after=after
    )
    return Connection(edges=edges, page_info=info)
