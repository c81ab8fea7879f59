"""Places on Earth as the sources state them (P625): one reading and one check for all of them."""

from __future__ import annotations

import math
import re
from typing import Any, Final

Place = tuple[float, float]
"""Latitude and longitude, degrees; the longitude from -180 to 180."""
_POINT: Final = re.compile(r"(?:<([^>]*)> )?Point\((\S+) (\S+)\)", re.IGNORECASE)
"""WKT: longitude, latitude; on Earth unless another globe stands before it."""


def on_earth(latitude: Any, longitude: Any) -> Place:
    """The place at these degrees; ValueError where there is none.

    Wikidata counts longitudes up to 360 as well.
    """
    try:
        place = float(latitude), float(longitude)
    except (TypeError, OverflowError) as error:
        raise ValueError(f"not degrees: {error}") from None
    if not (abs(place[0]) <= 90 and abs(place[1]) <= 360):  # a NaN fails this too
        raise ValueError(f"no place on Earth: latitude {place[0]:g}, longitude {place[1]:g}")
    if abs(place[1]) <= 180:
        return place
    return place[0], place[1] - math.copysign(360, place[1])


def point_of(text: str) -> tuple[str | None, str, str]:
    """Globe (its address; None: the Earth), latitude and longitude, as written in WKT.

    Raises ValueError where it is no ``Point(longitude latitude)`` of two numbers.
    """
    match = _POINT.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        float(match[2]), float(match[3])
    except ValueError:
        raise ValueError(f"not Point(longitude latitude): {text[:80]!r}") from None
    return match[1], match[3], match[2]
