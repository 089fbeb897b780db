"""The park in columns: which devices fit, how many by dimension, in which order. Only in this process's memory.

Comes in: rows (``rows.Rows``), column by column, each with all of a device; conditions, dimensions, orders.
Goes out: numbers, and ids of devices. The devices themselves come from the register's database.
Must never be done here: know the database, the contract or a clock; sort a park of which a page is asked for; let two
threads in at once (``ParkIndex`` belongs to one, see ``smoc_service.park.park``).

Every device has an ordinal, its place in all columns. A filter is a comparison of columns, a count is a histogram of
codes, a page is what a partition leaves over. Numbers and reasons: docs/decisions/0022-search-in-memory.md.
"""

from smoc_service.park.index.conditions import Conditions, Span
from smoc_service.park.index.counting import Counted, Totals
from smoc_service.park.index.index import ParkIndex
from smoc_service.park.index.located import Located, View
from smoc_service.park.index.order import CursorInvalid, SortKey
from smoc_service.park.index.places.column import lies_in
from smoc_service.park.index.places.mercator import SIDE, Box, box_of, degrees
from smoc_service.park.index.rows import Rows
from smoc_service.park.index.selection import Ids, Selection

__all__ = [
    "SIDE",
    "Box",
    "Conditions",
    "Counted",
    "CursorInvalid",
    "Ids",
    "Located",
    "ParkIndex",
    "Rows",
    "Selection",
    "SortKey",
    "Span",
    "Totals",
    "View",
    "box_of",
    "degrees",
    "lies_in",
]
