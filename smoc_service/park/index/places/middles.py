"""The middles of areas: where those of its devices are that have a place, by network and area."""

from dataclasses import dataclass

import numpy as np

from smoc_service.park.index.arrays import Numbers, Ordinals
from smoc_service.park.index.places.mercator import Coordinates, Degrees


@dataclass(frozen=True, slots=True, kw_only=True)
class Middles:
    """As points of the map, by the codes of network and area; nan where no device has a place."""

    x: Degrees
    y: Degrees
    area_count: int

    @classmethod
    def of(
        cls, x: Coordinates, y: Coordinates, networks: Numbers, areas: Numbers, area_count: int
    ) -> "Middles":
        of = networks.astype(np.intp) * area_count + areas
        counts = np.bincount(of)
        with np.errstate(invalid="ignore"):
            return cls(
                x=np.bincount(of, weights=x) / counts,
                y=np.bincount(of, weights=y) / counts,
                area_count=area_count,
            )

    def at(self, networks: Ordinals, areas: Ordinals) -> tuple[Degrees, Degrees]:
        """Return x and y for each pair of codes."""
        of = networks * self.area_count + areas
        # An area that came later has no place yet.
        known = (of < len(self.x)) & (areas < self.area_count)
        x, y = np.full(len(of), np.nan), np.full(len(of), np.nan)
        x[known], y[known] = self.x[of[known]], self.y[of[known]]
        return x, y
