"""The park as one thing: takes in rows, answers questions."""

from smoc_service.park.index.columns import Columns, Groups, WordOrder
from smoc_service.park.index.conditions import Conditions
from smoc_service.park.index.counting import Totals
from smoc_service.park.index.rows import Rows
from smoc_service.park.index.selection import Selection


class ParkIndex:
    """For one thread at a time.

    ``groups`` names all dimensions but the network; dimensions with few combinations share a group. ``word_order``
    gives words of dimensions in their sort order.
    """

    def __init__(self, groups: Groups, word_order: WordOrder) -> None:
        self._columns = Columns(groups, word_order)

    @property
    def device_count(self) -> int:
        return self._columns.device_count

    def take(self, rows: Rows) -> None:
        """Hold for each device exactly what ``rows`` say, and nothing older; drop removed devices."""
        self._columns.put(rows)

    def select(self, wanted: Conditions) -> Selection:
        return Selection(self._columns, wanted)

    def totals(self) -> Totals:
        """Return the counts of the whole park as they are now."""
        return Totals(self._columns.categories)
