"""Finds the places of an extract: everything named that is worth a look or that a theme asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import osmium
import osmium.filter
import osmium.osm
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry.base import BaseGeometry

from wildside.domain.catalogue import Place, ThemeRules
from wildside.domain.extract import Extract
from wildside.domain.geography import Point
from wildside.outbound.osm.area import Inside
from wildside.outbound.osm.doors import DoorIndex
from wildside.outbound.osm.extract import reading
from wildside.outbound.osm.found_place import BASELINE, FoundPlace
from wildside.outbound.osm.twins import without_twins

PLACES_FORMAT = 2  # part of a region's version: raise it when the same extract gives other places

_NOT_ON_FOOT = {
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "raceway",
    "construction",
    "proposed",
}

_Outline = list[tuple[int, Point]]


class OsmPlaces:
    """The places of extracts by the rules of the themes."""

    def __init__(self, rules: tuple[ThemeRules, ...]) -> None:
        self._rules = rules

    @property
    def format(self) -> int:
        """Changes when the same extract gives other places."""
        return PLACES_FORMAT

    def read(self, extract: Extract) -> list[Place]:
        """The places of an extract within its area, each once, ordered by id.

        Raises IngestFailed where the file is damaged.
        """
        is_inside = Inside(extract.area)
        found = without_twins(find_places(extract.path, self._rules))
        places = (one.as_place(self._rules) for one in found)
        return sorted((place for place in places if is_inside(place.location)), key=_by_id)


def _by_id(place: Place) -> int:
    return place.id


def find_places(extract: Path, rules: tuple[ThemeRules, ...]) -> Iterator[FoundPlace]:
    """Every named object of the baseline or of a theme, as mapped: twins are still apart."""
    with reading(extract):
        doors = DoorIndex(_path_nodes(extract))
        wanted = osmium.filter.KeyFilter("name", "entrance", "barrier")
        objects = (
            osmium.FileProcessor(str(extract))
            .with_areas(osmium.filter.KeyFilter("name"))
            .with_filter(wanted)
        )
        for item in objects:
            if isinstance(item, osmium.osm.Node):
                doors.note_node(item.id, item.tags)
            tags = {tag.k: tag.v for tag in item.tags}
            if tags.get("name", "").strip() and _is_wanted(tags, rules):
                found = _found(item, tags, doors)
                if found is not None:
                    yield found


def _path_nodes(extract: Path) -> Iterator[int]:
    streets = osmium.FileProcessor(str(extract), osmium.osm.WAY).with_filter(
        osmium.filter.KeyFilter("highway")
    )
    for way in streets:
        tags = way.tags
        if (
            isinstance(way, osmium.osm.Way)
            and tags["highway"] not in _NOT_ON_FOOT
            and tags.get("access") not in {"private", "no"}
        ):
            yield from (node.ref for node in way.nodes)


def _is_wanted(tags: dict[str, str], rules: tuple[ThemeRules, ...]) -> bool:
    return any(key in tags for key in BASELINE) or any(entry.takes(tags) for entry in rules)


def _found(item: object, tags: dict[str, str], doors: DoorIndex) -> FoundPlace | None:
    if isinstance(item, osmium.osm.Node):
        return _node(item, tags)
    if isinstance(item, osmium.osm.Way):
        return _way(item, tags, doors)
    # Closed ways come a second time as areas; relations are read as areas only.
    if isinstance(item, osmium.osm.Area) and not item.from_way():
        return _relation(item, tags, doors)
    return None


def _node(node: osmium.osm.Node, tags: dict[str, str]) -> FoundPlace | None:
    if not node.location.valid():
        return None
    return FoundPlace("node", node.id, tags, ShapelyPoint(node.lon, node.lat))


def _way(way: osmium.osm.Way, tags: dict[str, str], doors: DoorIndex) -> FoundPlace | None:
    outline = _outline(way.nodes)
    points = [(point.longitude, point.latitude) for _, point in outline]
    if len(points) < 2:
        # All but one of its nodes were cut away with the rest of the world.
        return FoundPlace("way", way.id, tags, ShapelyPoint(points[0])) if points else None
    if _is_area(way, tags) and len(points) >= 4:
        polygon = _valid(Polygon(points))
        if polygon.area > 0:
            return FoundPlace("way", way.id, tags, polygon, doors.doors_of(outline))
    return FoundPlace("way", way.id, tags, LineString(points), _line_doors(outline))


def _relation(area: osmium.osm.Area, tags: dict[str, str], doors: DoorIndex) -> FoundPlace | None:
    rings: list[Polygon] = []
    outline: _Outline = []
    for outer in area.outer_rings():
        shell = _outline(outer)
        holes = [_outline(inner) for inner in area.inner_rings(outer)]
        if len(shell) < 4:
            continue
        outline += shell
        rings.append(Polygon(_lonlat(shell), [_lonlat(hole) for hole in holes if len(hole) >= 4]))
    shape = _valid(shapely.MultiPolygon(rings)) if rings else None
    if shape is None or shape.area == 0:
        return None
    return FoundPlace("relation", area.orig_id(), tags, shape, doors.doors_of(outline))


def _is_area(way: osmium.osm.Way, tags: dict[str, str]) -> bool:
    if not way.is_closed() or tags.get("area") == "no":
        return False
    # A closed street is a roundabout or a lane around a block unless it says it is a square.
    return "highway" not in tags or tags.get("area") == "yes"


def _outline(nodes: osmium.osm.NodeRefList) -> _Outline:
    return [(node.ref, Point(node.lon, node.lat)) for node in nodes if node.location.valid()]


def _lonlat(outline: _Outline) -> list[tuple[float, float]]:
    return [(point.longitude, point.latitude) for _, point in outline]


def _line_doors(outline: Sequence[tuple[int, Point]]) -> tuple[Point, ...]:
    """Both ends and a node halfway: a street may be looked into from either side."""
    points = [point for _, point in outline]
    return tuple(dict.fromkeys((points[0], points[len(points) // 2], points[-1])))


def _valid(shape: BaseGeometry) -> BaseGeometry:
    return shape if shape.is_valid else shapely.make_valid(shape)
