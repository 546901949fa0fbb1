"""Where a person may walk, read straight from an extract: the judge of every leg drawn.

Written without a look at the engine's own rules, so that both would have to be wrong alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray

NEVER = {
    "motorway", "motorway_link", "construction", "proposed", "abandoned", "razed", "raceway",
    "bus_guideway", "escape", "rest_area", "services", "planned", "disused",
}  # fmt: skip
BARRED = {"no", "private", "customers", "delivery", "agricultural", "forestry", "military"}
WELCOME = {"yes", "designated", "permissive", "destination", "official", "use_sidepath"}
METRES_PER_DEGREE = 111_195.0


def may_walk(tags: dict[str, str]) -> bool:
    """Whether a way with these tags is open to somebody on foot."""
    foot = tags.get("foot")
    if foot in BARRED:
        return False
    if foot not in WELCOME and tags.get("access") in BARRED:
        return False
    highway = tags.get("highway")
    if highway is not None:
        return highway not in NEVER
    return (
        tags.get("railway") == "platform"
        or tags.get("public_transport") == "platform"
        or tags.get("man_made") in {"pier", "breakwater"}
        or tags.get("place") == "square"
        or tags.get("leisure") == "track"
        or foot in WELCOME
    )


def is_open_ground(area: osmium.osm.Area) -> bool:
    """A closed street is a ring to walk round; only what says so is ground to cross."""
    return not area.from_way() or area.tags.get("area") == "yes" or "highway" not in area.tags


@dataclass
class RawMap:
    """Walkable lines and areas of one extract, in a local plane of metres."""

    east_metres_per_degree: float
    lines: shapely.STRtree
    areas: shapely.STRtree
    line_shapes: NDArray[np.object_]
    area_shapes: NDArray[np.object_]
    _seen: dict[tuple[float, float], float] = field(default_factory=dict)

    @classmethod
    def read(cls, extract: Path) -> RawMap:
        """Reads every walkable way and area of the extract."""
        lines: list[list[tuple[float, float]]] = []
        areas: list[list[tuple[list[tuple[float, float]], list[list[tuple[float, float]]]]]] = []
        latitude = 0.0
        for thing in osmium.FileProcessor(str(extract)).with_locations().with_areas():
            if isinstance(thing, osmium.osm.Way):
                tags = dict(thing.tags)
                if may_walk(tags):
                    points = [(n.lon, n.lat) for n in thing.nodes if n.location.valid()]
                    if len(points) >= 2:
                        lines.append(points)
                        latitude = points[0][1]
            elif (
                isinstance(thing, osmium.osm.Area)
                and is_open_ground(thing)
                and may_walk(dict(thing.tags))
            ):
                areas.append(
                    [
                        (
                            [(n.lon, n.lat) for n in outer],
                            [[(n.lon, n.lat) for n in inner] for inner in thing.inner_rings(outer)],
                        )
                        for outer in thing.outer_rings()
                    ]
                )
        east = METRES_PER_DEGREE * float(np.cos(np.radians(latitude)))

        def plane(points: list[tuple[float, float]]) -> NDArray[np.float64]:
            return np.asarray(points) * (east, METRES_PER_DEGREE)

        line_shapes = np.array([shapely.linestrings(plane(line)) for line in lines], dtype=object)
        area_shapes = np.array(
            [
                shapely.Polygon(plane(outer), [plane(inner) for inner in inners])
                for area in areas
                for outer, inners in area
                if len(outer) >= 4
            ],
            dtype=object,
        )
        return cls(
            east,
            shapely.STRtree(line_shapes),
            shapely.STRtree(area_shapes),
            line_shapes,
            area_shapes,
        )

    def metres_off(self, longitude: float, latitude: float) -> float:
        """How far the point lies from the nearest walkable line or area; 0 inside an area."""
        key = (longitude, latitude)
        known = self._seen.get(key)
        if known is not None:
            return known
        point = shapely.points(
            longitude * self.east_metres_per_degree, latitude * METRES_PER_DEGREE
        )
        nearest = [
            float(shapely.distance(shapes[index], point))
            for tree, shapes in ((self.lines, self.line_shapes), (self.areas, self.area_shapes))
            if len(shapes) and (index := tree.nearest(point)) is not None
        ]
        self._seen[key] = min(nearest)
        return self._seen[key]
