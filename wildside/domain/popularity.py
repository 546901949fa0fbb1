"""How well known a place is, guessed from what mappers wrote about it."""

from __future__ import annotations

import math
from collections.abc import Mapping

UNKNOWN = 0.08  # a name on the map and nothing else: somebody cared to write it down
MOST_TRANSLATIONS = 40  # Edinburgh Castle is translated some forty times; more says nothing new

# Each clue takes away a part of the doubt, so clues add up without ever passing 1.
_CLUES: Mapping[str, float] = {
    "wikidata": 0.16,
    "wikipedia": 0.16,
    "heritage": 0.12,
    "wikimedia_commons": 0.06,
    "image": 0.03,
    "website": 0.04,
    "contact:website": 0.04,
    "opening_hours": 0.04,
    "start_date": 0.05,
    "architect": 0.06,
    "artist_name": 0.05,
    "inscription": 0.03,
}

_FAMOUS_KINDS: Mapping[tuple[str, str], float] = {
    ("tourism", "attraction"): 0.25,
    ("tourism", "museum"): 0.25,
    ("tourism", "gallery"): 0.12,
    ("tourism", "zoo"): 0.25,
    ("tourism", "theme_park"): 0.2,
    ("tourism", "aquarium"): 0.2,
    ("tourism", "viewpoint"): 0.12,
    ("tourism", "artwork"): 0.05,
    ("historic", "castle"): 0.3,
    ("historic", "fort"): 0.2,
    ("historic", "palace"): 0.3,
    ("historic", "monument"): 0.2,
    ("historic", "archaeological_site"): 0.15,
    ("historic", "city_gate"): 0.15,
    ("historic", "monastery"): 0.15,
    ("historic", "ruins"): 0.12,
    ("building", "cathedral"): 0.3,
    ("amenity", "theatre"): 0.1,
    ("amenity", "marketplace"): 0.12,
    ("amenity", "place_of_worship"): 0.05,
    ("leisure", "park"): 0.1,
    ("leisure", "nature_reserve"): 0.1,
    ("natural", "peak"): 0.12,
    ("natural", "beach"): 0.1,
    ("man_made", "lighthouse"): 0.15,
}


def popularity_of(tags: Mapping[str, str], translations: int) -> float:
    """From 0 (hidden gem) to 1 (hotspot); `translations` counts the languages the name is given in.

    A shop of a chain is everywhere, hence nobody's sight: half of the score.
    """
    doubt = 1.0 - UNKNOWN
    for key, weight in _CLUES.items():
        if key in tags:
            doubt *= 1.0 - weight
    for (key, value), weight in _FAMOUS_KINDS.items():
        if value in tags.get(key, "").split(";"):
            doubt *= 1.0 - weight
    known_abroad = math.log1p(min(translations, MOST_TRANSLATIONS)) / math.log1p(MOST_TRANSLATIONS)
    doubt *= 1.0 - 0.75 * known_abroad
    score = 1.0 - doubt
    if "brand" in tags or "brand:wikidata" in tags:
        score /= 2.0
    return round(score, 4)
