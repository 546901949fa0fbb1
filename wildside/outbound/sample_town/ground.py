"""The lie of the land in metres from the town's middle: coast, river, park, castle hill, limits."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import shapely
from shapely import affinity
from shapely.geometry import LineString, Polygon, box
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry.base import BaseGeometry

Spot = tuple[float, float]  # metres east and north of the middle

OLD_TOWN: Spot = (-330.0, -150.0)
NEW_TOWN: Spot = (620.0, 40.0)
PARK: Spot = (-190.0, 520.0)
HILL: Spot = (-790.0, 70.0)
HARBOUR: Spot = (-300.0, -690.0)

_WIDEST = 4000.0
PROMENADE_METRES = 42.0  # between the waterline and the promenade: sand, slipways, railings
BANK_METRES = 11.0


@dataclass(frozen=True, slots=True)
class Ground:
    """What was there before the town; polygons in metres."""

    coastline: LineString  # from west to east: land on its left, as OSM draws coasts
    land: Polygon
    river: Polygon
    river_line: LineString  # downstream
    park: Polygon
    pond: Polygon
    hill: Polygon
    beach: Polygon
    buildable: BaseGeometry  # where streets may run


def shape_ground(dice: random.Random) -> Ground:
    """The ground of the town; the dice only roughen its limits."""
    coastline = LineString([(x, _coast(x)) for x in range(-4000, 4001, 20)])
    land = Polygon([*coastline.coords, (_WIDEST, 2500.0), (-_WIDEST, 2500.0)])
    river_line = LineString([(_river(y), y) for y in range(2400, -900, -20)])
    river = river_line.buffer(21.0).union(
        LineString(list(river_line.coords)[-14:]).buffer(34.0)  # wider where the tide comes in
    )
    valley = river.buffer(BANK_METRES)
    oval = oval_around(PARK, 330.0, 205.0)
    park = largest(affinity.rotate(oval, 14).difference(valley.buffer(30.0)))
    hill = oval_around(HILL, 175.0, 200.0)
    inland = _above(coastline, PROMENADE_METRES)
    limits = _limits(dice)
    shore = land.difference(inland.buffer(4.0))
    return Ground(
        coastline=coastline,
        land=land,
        river=largest(river.intersection(land.buffer(1.0))),
        river_line=river_line,
        park=park,
        pond=oval_around((PARK[0] - 40.0, PARK[1] - 20.0), 78.0, 46.0),
        hill=hill,
        beach=largest(shore.intersection(box(420.0, -1200.0, 1080.0, 0.0))),
        buildable=limits.intersection(inland).difference(shapely.union_all([valley, park, hill])),
    )


def _coast(x: float) -> float:
    waves = 55.0 * math.sin(x / 310.0) + 16.0 * math.sin(x / 97.0 + 1.0)
    harbour = 165.0 * math.exp(-(((x - HARBOUR[0]) / 135.0) ** 4))
    return -830.0 + waves + harbour


def _river(y: float) -> float:
    return 215.0 + 120.0 * math.sin(y / 330.0) + 28.0 * math.sin(y / 117.0)


def _above(coastline: LineString, metres: float) -> Polygon:
    line = shapely.offset_curve(coastline, metres, join_style="round").simplify(1.0)
    return Polygon([*line.coords, (_WIDEST, 2500.0), (-_WIDEST, 2500.0)])


def _limits(dice: random.Random) -> Polygon:
    """A town that grew: an oval with dents."""
    bumps = [(dice.uniform(0.0, 0.05), dice.uniform(0.0, 6.3), turns) for turns in (2, 3, 5)]
    points = []
    for step in range(72):
        angle = step / 72 * 2 * math.pi
        reach = 1.0 + sum(depth * math.sin(turns * angle + at) for depth, at, turns in bumps)
        points.append((1230.0 * reach * math.cos(angle), 860.0 * reach * math.sin(angle) - 20.0))
    return Polygon(points)


def oval_around(middle: Spot, east_metres: float, north_metres: float) -> Polygon:
    """An oval with the given half axes."""
    return largest(affinity.scale(ShapelyPoint(middle).buffer(1.0), east_metres, north_metres))


def largest(shape: BaseGeometry) -> Polygon:
    """The largest polygon of whatever an operation left over."""
    parts = [part for part in getattr(shape, "geoms", [shape]) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: float(part.area))


def longest(shape: BaseGeometry) -> LineString:
    """The longest line of whatever an operation left over."""
    parts = [part for part in getattr(shape, "geoms", [shape]) if isinstance(part, LineString)]
    return max(parts, key=lambda part: float(part.length))
