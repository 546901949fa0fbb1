"""Closes coastlines into the sea they border, within a frame."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import shapely
from shapely import STRtree
from shapely.geometry import LineString, MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge, polygonize

from wildside.domain.geography import BoundingBox

Line = Sequence[tuple[float, float]]

# Smaller faces between a coastline and the frame are slips of the pen, square degrees (about 100 m²).
_SMALLEST_FACE = 1e-8


def sea_within(frame: BoundingBox, coastlines: Iterable[Line]) -> list[Polygon]:
    """The sea inside the frame; empty where no coastline is near.

    OSM draws a coastline with the land on its left and the water on its right
    (wiki.openstreetmap.org/wiki/Tag:natural=coastline). The lines cut the frame into faces; a face
    is sea where most of the coast around it has the face on its right. A line that ends inside the
    frame, since the extract ends there, goes on straight to the nearest edge.
    """
    window = box(frame.west, frame.south, frame.east, frame.north)
    coast = _inside(window, [LineString(line) for line in coastlines if len(line) > 1])
    if not coast:
        return []
    edges = shapely.union_all([window.exterior, *coast, *_continued(window, coast)])
    faces = [face for face in polygonize(edges) if face.area > _SMALLEST_FACE]
    return [
        face
        for face, coast_on_right in zip(faces, _lean(faces, coast), strict=True)
        if coast_on_right > 0
    ]


def _inside(window: Polygon, coastlines: list[LineString]) -> list[LineString]:
    """Directed pieces within the window, as long as they get."""
    cut = [part for line in coastlines for part in _lines(line.intersection(window))]
    if not cut:
        return []
    # directed: merging must not turn a line around, its right side is the sea.
    merged = linemerge(cut, directed=True)
    return _lines(merged)


def _lines(shape: BaseGeometry) -> list[LineString]:
    parts = getattr(shape, "geoms", [shape])
    return [part for part in parts if isinstance(part, LineString) and part.length > 0]


def _continued(window: Polygon, coast: list[LineString]) -> list[LineString]:
    ends = [(line.coords[0], line.coords[-1]) for line in coast if not line.is_closed]
    begun = {first for first, _ in ends}
    ended = {last for _, last in ends}
    loose = (begun | ended) - (begun & ended)
    pieces = []
    for end in sorted(loose):
        edge = shapely.shortest_line(shapely.Point(end), window.exterior)
        if edge.length > 0:
            pieces.append(edge)
    return pieces


def _lean(faces: list[Polygon], coast: list[LineString]) -> list[float]:
    """For each face the length of coast that has it on the right, less that on the left."""
    tree = STRtree(faces)
    lean = [0.0] * len(faces)
    segments = (pair for line in coast for pair in pairwise(line.coords))
    for begin, end in segments:
        length = math.dist(begin, end)
        for side in (1.0, -1.0):
            for face in tree.query(_beside(begin, end, side), predicate="within"):
                lean[int(face)] += side * length
    return lean


def _beside(begin: tuple[float, ...], end: tuple[float, ...], side: float) -> BaseGeometry:
    """A point a metre to the right (side 1) or left (-1) of the middle of a segment."""
    east, north = end[0] - begin[0], end[1] - begin[1]
    length = math.hypot(east, north) or 1.0
    offset = side * 1e-5
    return shapely.Point(
        (begin[0] + end[0]) / 2 + offset * north / length,
        (begin[1] + end[1]) / 2 - offset * east / length,
    )


def as_multipolygon(polygons: Sequence[Polygon]) -> MultiPolygon:
    """One geometry for one feature of the map."""
    return MultiPolygon(list(polygons))
