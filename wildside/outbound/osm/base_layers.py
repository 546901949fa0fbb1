"""Decides which layer of the base map an OSM object is drawn in, and with which properties."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

Tags = Mapping[str, str]
Property = str | int | float | bool

LAYERS = (
    "sea", "landuse", "park", "water", "plaza", "building", "waterway", "road", "path", "barrier",
    "place",
)  # fmt: skip

METRES_A_STOREY = 3.2


@dataclass(frozen=True, slots=True)
class Drawing:
    """The layer, its properties and the zoom from which it is worth its bytes."""

    layer: str
    minzoom: int
    properties: Mapping[str, Property] = field(default_factory=dict)


_WATER_KINDS = {
    "river": "river", "canal": "river", "stream": "river", "riverbank": "river", "dock": "basin",
    "pond": "pond", "reflecting_pool": "pond", "basin": "basin", "reservoir": "basin",
    "wastewater": "basin", "moat": "pond", "fountain": "fountain",
}  # fmt: skip
_PARKS = {
    ("leisure", "park"): "park", ("leisure", "common"): "park", ("leisure", "playground"): "park",
    ("leisure", "dog_park"): "park", ("leisure", "garden"): "garden", ("leisure", "pitch"): "pitch",
    ("leisure", "track"): "pitch", ("leisure", "golf_course"): "golf",
    ("leisure", "nature_reserve"): "nature_reserve", ("landuse", "cemetery"): "cemetery",
    ("amenity", "grave_yard"): "cemetery", ("landuse", "village_green"): "park",
    ("landuse", "recreation_ground"): "park", ("landuse", "flowerbed"): "garden",
}  # fmt: skip
_LANDUSES = {
    ("landuse", "residential"): "residential", ("landuse", "commercial"): "commercial",
    ("landuse", "retail"): "commercial", ("landuse", "industrial"): "industrial",
    ("landuse", "port"): "industrial", ("landuse", "harbour"): "industrial",
    ("landuse", "forest"): "forest", ("natural", "wood"): "forest", ("landuse", "grass"): "grass",
    ("landuse", "meadow"): "grass", ("natural", "grassland"): "grass", ("natural", "heath"): "grass",
    ("natural", "scrub"): "grass", ("landuse", "greenfield"): "grass",
    ("landuse", "farmland"): "farmland", ("landuse", "farmyard"): "farmland",
    ("landuse", "orchard"): "farmland", ("landuse", "vineyard"): "farmland",
    ("landuse", "allotments"): "farmland", ("natural", "beach"): "beach",
    ("natural", "sand"): "beach", ("natural", "shingle"): "beach",
    ("natural", "bare_rock"): "rock", ("natural", "scree"): "rock", ("landuse", "quarry"): "rock",
    ("landuse", "railway"): "railway", ("amenity", "school"): "education",
    ("amenity", "university"): "education", ("amenity", "college"): "education",
    ("amenity", "kindergarten"): "education", ("amenity", "hospital"): "hospital",
}  # fmt: skip
_BUILDINGS = {
    **dict.fromkeys(("apartments", "residential", "house", "detached", "terrace", "dormitory",
                     "semidetached_house", "bungalow", "hut"), "residential"),
    **dict.fromkeys(("commercial", "retail", "office", "hotel", "supermarket", "kiosk"), "commercial"),
    **dict.fromkeys(("industrial", "warehouse", "factory", "garage", "garages"), "industrial"),
    **dict.fromkeys(("church", "cathedral", "chapel", "mosque", "synagogue", "temple", "basilica",
                     "monastery"), "religious"),
    **dict.fromkeys(("public", "civic", "government", "school", "university", "college", "hospital",
                     "train_station", "museum", "castle", "palace", "theatre", "tower", "library"),
                    "civic"),
}  # fmt: skip
_ROADS = {
    "motorway": ("motorway", 8), "trunk": ("trunk", 8), "primary": ("primary", 8),
    "secondary": ("secondary", 9), "tertiary": ("tertiary", 11), "residential": ("street", 12),
    "unclassified": ("street", 12), "living_street": ("street", 12), "road": ("street", 12),
    "pedestrian": ("pedestrian", 12), "busway": ("service", 13), "service": ("service", 13),
    "track": ("track", 13),
}  # fmt: skip
_PATHS = {
    "path": "path", "footway": "footway", "corridor": "footway", "platform": "footway",
    "cycleway": "cycleway", "steps": "steps", "bridleway": "bridleway",
}  # fmt: skip
_RAILS = {
    "rail": ("rail", 10), "narrow_gauge": ("rail", 10), "funicular": ("rail", 12),
    "preserved": ("rail", 12), "tram": ("tram", 13), "light_rail": ("tram", 12),
}  # fmt: skip
_WALLS = {"wall": "wall", "retaining_wall": "wall", "hedge": "hedge", "city_wall": "city_wall"}
_SETTLEMENTS = {
    "city": ("city", 8, 1), "town": ("town", 8, 2), "village": ("village", 10, 3),
    "suburb": ("suburb", 11, 4), "borough": ("suburb", 11, 4), "hamlet": ("village", 12, 5),
    "quarter": ("neighbourhood", 12, 5), "neighbourhood": ("neighbourhood", 13, 6),
}  # fmt: skip
_NUMBER = re.compile(r"\d+(\.\d+)?")


def draw_area(tags: Tags) -> Drawing | None:
    """How a closed shape is drawn; None where it is not."""
    if tags.get("building", "no") != "no":
        return Drawing("building", 13, _building(tags))
    if tags.get("location") == "underground" or tags.get("tunnel") == "yes":
        return None
    water = _water_kind(tags)
    if water is not None:
        return Drawing("water", 11 if water in {"pond", "fountain"} else 8, {"kind": water})
    if _is_plaza(tags):
        return Drawing("plaza", 13)
    return _ground(tags)


def draw_line(tags: Tags) -> Drawing | None:
    """How an open or closed line is drawn; None where it is not."""
    if "highway" in tags:
        return None if tags.get("area") == "yes" else _street(tags)
    if tags.get("railway") in _RAILS:
        return _rails(tags)
    if tags.get("waterway") in {"river", "stream", "canal"} and tags.get("tunnel", "no") == "no":
        minzoom = 13 if tags["waterway"] == "stream" else 9
        return Drawing("waterway", minzoom, {"kind": tags["waterway"], **_named(tags)})
    if tags.get("man_made") in {"pier", "breakwater"} and tags.get("area") != "yes":
        return Drawing("path", 13, {"kind": "footway", **_named(tags)})
    return _wall(tags)


def draw_settlement(tags: Tags) -> Drawing | None:
    """How a named settlement is written on the map; None for any other point."""
    if tags.get("place") not in _SETTLEMENTS or "name" not in tags:
        return None
    kind, minzoom, rank = _SETTLEMENTS[tags["place"]]
    return Drawing("place", minzoom, {"kind": kind, "rank": rank, **_named(tags)})


def _ground(tags: Tags) -> Drawing | None:
    for (key, value), kind in _PARKS.items():
        if tags.get(key) == value:
            private = kind == "garden" and tags.get("access") in {"private", "no"}
            return Drawing("park", 13 if private else 10, {"kind": kind, **_named(tags)})
    for (key, value), kind in _LANDUSES.items():
        if tags.get(key) == value:
            return Drawing("landuse", 9, {"kind": kind})
    return None


def _rails(tags: Tags) -> Drawing:
    kind, minzoom = _RAILS[tags["railway"]]
    is_siding = "service" in tags
    return Drawing(
        "road", max(minzoom, 13) if is_siding else minzoom, {"kind": kind, **_levels(tags)}
    )


def _wall(tags: Tags) -> Drawing | None:
    if tags.get("historic") in {"citywalls", "city_wall"}:
        return Drawing("barrier", 13, {"kind": "city_wall"})
    kind = _WALLS.get(tags.get("barrier", ""))
    return Drawing("barrier", 13 if kind == "city_wall" else 15, {"kind": kind}) if kind else None


def _street(tags: Tags) -> Drawing | None:
    highway = tags["highway"]
    if highway in _PATHS:
        lit = {"lit": tags["lit"] not in {"no", "disused"}} if "lit" in tags else {}
        properties = {"kind": _PATHS[highway], **_named(tags), **_levels(tags), **lit}
        return Drawing("path", 13, properties)
    link = highway.endswith("_link")
    known = _ROADS.get(highway.removesuffix("_link"))
    if known is None:
        return None
    kind, minzoom = known
    if tags.get("service") in {"driveway", "parking_aisle", "drive-through", "emergency_access"}:
        minzoom = 14
    properties = {"kind": kind, **_named(tags), **_levels(tags)}
    return Drawing("road", max(minzoom, 11) if link else minzoom, properties)


def _is_plaza(tags: Tags) -> bool:
    if tags.get("man_made") in {"pier", "breakwater", "quay"}:
        return True
    paved = {"pedestrian", "footway", "living_street", "service", "platform", "path"}
    square = tags.get("area") == "yes" or tags.get("type") == "multipolygon"
    return tags.get("highway") in paved and square


def _water_kind(tags: Tags) -> str | None:
    if tags.get("natural") == "water":
        return _WATER_KINDS.get(tags.get("water", ""), "lake")
    if tags.get("waterway") in {"riverbank", "dock", "pond", "lake"}:
        return _WATER_KINDS.get(tags["waterway"], "lake")
    if tags.get("landuse") in {"reservoir", "basin"} or tags.get("leisure") == "swimming_pool":
        return "basin"
    if tags.get("amenity") == "fountain":
        return "fountain"
    return None


def _building(tags: Tags) -> dict[str, Property]:
    properties: dict[str, Property] = {"kind": _BUILDINGS.get(tags["building"], "other")}
    height = _number(tags.get("height"))
    if height is None:
        storeys = _number(tags.get("building:levels"))
        height = None if storeys is None else storeys * METRES_A_STOREY
    if height is not None:
        properties["height"] = round(height, 1)
    return properties


def _number(text: str | None) -> float | None:
    match = _NUMBER.match(text.strip()) if text else None
    return float(match.group()) if match else None


def _named(tags: Tags) -> dict[str, Property]:
    return {"name": tags["name"]} if tags.get("name") else {}


def _levels(tags: Tags) -> dict[str, Property]:
    return {key: True for key in ("bridge", "tunnel") if tags.get(key, "no") not in {"no", ""}}
