"""Where the meters of a park stand: each network is a town, each of its areas lies around a point of its own."""

from __future__ import annotations

import hashlib
import math
from typing import Final

# Middles of real towns.
_OF_NETWORKS: Final = {
    "north": (47.5596, 7.5886),  # Basel
    "south": (46.0037, 8.9511),  # Lugano
    "west": (46.5197, 6.6323),  # Lausanne
    "east": (47.4245, 9.3767),  # St. Gallen
}
_OF_OTHERS: Final = (
    (47.3769, 8.5417),  # Zürich
    (46.9480, 7.4474),  # Bern
    (47.0502, 8.3093),  # Luzern
    (47.8029, 13.0550),  # Salzburg
)
_KILOMETRES_OF_A_DEGREE: Final = 111.2
# How far areas are from the middle of the town, and meters from the middle of their area.
_AREAS_KILOMETRES: Final = (1.0, 7.0)
_AREA_KILOMETRES: Final = 1.1


def place_in(network: str, area: str, luck: bytes) -> tuple[float, float]:
    """Return latitude and longitude of a meter, by its own luck (the bytes 28 to 31 of it)."""
    number = hashlib.blake2b(network.encode(), digest_size=1).digest()[0]
    town = _OF_NETWORKS.get(network, _OF_OTHERS[number % len(_OF_OTHERS)])
    around = hashlib.blake2b(f"{network}/{area}".encode(), digest_size=2).digest()
    least, most = _AREAS_KILOMETRES
    middle = _beside(town, math.tau * around[0] / 256, least + (most - least) * around[1] / 256)
    # Dense in the middle, thin at the edge.
    distance = _AREA_KILOMETRES * (int.from_bytes(luck[28:30], "big") / 65536)
    return _beside(middle, math.tau * int.from_bytes(luck[30:32], "big") / 65536, distance)


def _beside(place: tuple[float, float], angle: float, kilometres: float) -> tuple[float, float]:
    latitude = place[0] + kilometres * math.sin(angle) / _KILOMETRES_OF_A_DEGREE
    east = kilometres * math.cos(angle) / _KILOMETRES_OF_A_DEGREE
    return latitude, place[1] + east / math.cos(math.radians(place[0]))
