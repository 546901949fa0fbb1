"""What lies beside a way: greenery and water, the pleasures that a way's own tags do not tell."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray

from solver.errors import UnreadableExtract
from solver.footways import E7
from solver.graph_file import Arrays
from solver.osm_walkable import Flag

GREEN = {
    "leisure": frozenset({"park", "garden", "nature_reserve", "common", "dog_park"}),
    "landuse": frozenset({"forest", "grass", "meadow", "recreation_ground", "village_green"}),
    "natural": frozenset({"wood", "heath", "grassland", "scrub"}),
}
WATER = {
    "natural": frozenset({"water", "coastline", "bay", "beach"}),
    "waterway": frozenset({"river", "canal", "riverbank", "dock"}),
    "landuse": frozenset({"basin"}),
}
WATERSIDE_METRES = 35.0  # a river's line runs in its middle
METRES_PER_DEGREE = 111_195.0
_KEYS = tuple(sorted({*GREEN, *WATER}))


def flag_surroundings(extract: Path, arrays: Arrays) -> None:
    """Sets GREEN on edges whose middle lies in greenery, WATERSIDE on those along water.

    Raises UnreadableExtract as reading the ways does.
    """
    try:
        green, water = _shapes(extract)
    except (RuntimeError, ValueError, OSError) as error:
        raise UnreadableExtract(f"{extract} cannot be read as OSM data: {error}") from error
    middles = _middles(arrays)
    word = arrays["edge_word"]
    word[_near(green, middles, 0.0)] |= np.uint16(Flag.GREEN)
    word[_near(water, middles, WATERSIDE_METRES)] |= np.uint16(Flag.WATERSIDE)


def _shapes(extract: Path) -> tuple[list[shapely.Geometry], list[shapely.Geometry]]:
    """Greenery as polygons; water as polygons and lines; in degrees."""
    green: list[shapely.Geometry] = []
    water: list[shapely.Geometry] = []
    interesting = osmium.filter.KeyFilter(*_KEYS)
    things = osmium.FileProcessor(str(extract)).with_locations().with_areas(interesting)
    for thing in things.with_filter(interesting):
        if isinstance(thing, osmium.osm.Area):
            if _is(thing.tags, GREEN):
                green += _polygons(thing)
            elif _is(thing.tags, WATER):
                water += _polygons(thing)
        elif isinstance(thing, osmium.osm.Way) and not thing.is_closed():
            line = [(node.lon, node.lat) for node in thing.nodes if node.location.valid()]
            in_pipe = thing.tags.get("tunnel", "no") != "no"
            if len(line) >= 2 and not in_pipe and _is(thing.tags, WATER):
                water.append(shapely.LineString(line))
    return green, water


def _is(tags: Any, wanted: dict[str, frozenset[str]]) -> bool:
    return any(tags.get(key) in values for key, values in wanted.items())


def _polygons(area: osmium.osm.Area) -> list[shapely.Geometry]:
    found = []
    for outer in area.outer_rings():
        rings = [
            [(node.lon, node.lat) for node in ring] for ring in (outer, *area.inner_rings(outer))
        ]
        if all(len(ring) >= 4 for ring in rings):
            found.append(shapely.Polygon(rings[0], rings[1:]))
    return [shape for shape in found if shape.is_valid]


def _middles(arrays: Arrays) -> NDArray[np.float64]:
    """The middle point of each edge's list of points, in degrees, (edges, 2)."""
    first = arrays["first_point"]
    before = (first[:-1] + first[1:] - 1) // 2
    after = (first[:-1] + first[1:]) // 2
    axes = (arrays["point_lon"], arrays["point_lat"])
    return np.stack([(axis[before] / E7 + axis[after] / E7) / 2 for axis in axes], axis=1)


def _near(
    shapes: list[shapely.Geometry], places: NDArray[np.float64], metres: float
) -> NDArray[np.bool_]:
    """Which places lie within `metres` of any shape, on a plane true in the middle of the map."""
    near = np.zeros(len(places), bool)
    if not shapes or not len(places):
        return near
    scale = (
        METRES_PER_DEGREE * math.cos(math.radians(float(places[:, 1].mean()))),
        METRES_PER_DEGREE,
    )
    flat = shapely.transform(np.array(shapes, dtype=object), lambda points: points * scale)
    found, _ = shapely.STRtree(flat).query(
        shapely.points(places * scale), predicate="dwithin", distance=metres
    )
    near[found] = True
    return near
