"""Where a device is: the degrees that its attributes tell."""

import math
from collections.abc import Mapping
from typing import Any, Final

# Latitude and longitude in degrees (WGS 84).
Place = tuple[float, float]

_LARGEST_LATITUDE: Final = 90
_LARGEST_LONGITUDE: Final = 180


def place_of(attributes: Mapping[str, Any]) -> Place | None:
    """Return the place that a device's attributes, or its stored document, tell; None for none, and for what is none.

    The hub takes only degrees. What it took before it looked may lie here for ever.
    """
    latitude, longitude = attributes.get("latitude"), attributes.get("longitude")
    if not latitude or not longitude:
        return None
    try:
        place = float(latitude), float(longitude)
    except ValueError:
        return None
    if not all(map(math.isfinite, place)):
        return None
    return (
        place
        if abs(place[0]) <= _LARGEST_LATITUDE and abs(place[1]) <= _LARGEST_LONGITUDE
        else None
    )
