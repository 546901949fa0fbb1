"""Makes vector tiles of one walk: its line, cut to the tile, and its stops."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import mapbox_vector_tile
from shapely import LineString, MultiLineString
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from wildside.domain.geography import Point
from wildside.domain.route import Route

LINE_LAYER, STOP_LAYER = "routes", "stops"
EXTENT = 4096
# Lines go on a little beyond the edge, so that their caps and joins are not seen there.
BUFFER = 64
# Half a unit of the tile's grid: nobody sees what is left out.
_TOLERANCE = 0.5
_NORTHERNMOST = 85.0511287798066  # of the Web Mercator square


def encode_route_tile(route: Route, zoom: int, column: int, row: int) -> bytes:
    """The tile z/x/y (uncompressed, b"" when empty) of the walk.

    Layer `routes`: the line, with `route_id`. Layer `stops`: points, with `position`, `poi_id` and
    `name`; position 1 is the first stop.
    """

    def placed(point: Point) -> tuple[float, float]:
        return _in_tile(point, zoom, column, row)

    lines = _cut([placed(point) for point in route.walk.path])
    stops = [
        {
            "geometry": shape({"type": "Point", "coordinates": placed(stop.location)}),
            "properties": {
                "position": stop.position,
                "poi_id": stop.place.id,
                "name": stop.place.name,
            },
        }
        for stop in route.walk.stops
        if _is_inside(placed(stop.location))
    ]
    layers: list[Mapping[str, Any]] = []
    if lines:
        line = {"geometry": MultiLineString(lines), "properties": {"route_id": str(route.id)}}
        layers.append({"name": LINE_LAYER, "features": [line]})
    if stops:
        layers.append({"name": STOP_LAYER, "features": stops})
    if not layers:
        return b""
    options = {"extents": EXTENT, "y_coord_down": True}
    encoded: bytes = mapbox_vector_tile.encode(layers, default_options=options)
    return encoded


def _in_tile(point: Point, zoom: int, column: int, row: int) -> tuple[float, float]:
    """Web Mercator (EPSG:3857) in units of the tile, y down."""
    latitude = math.radians(max(-_NORTHERNMOST, min(_NORTHERNMOST, point.latitude)))
    tiles = 1 << zoom
    east = (point.longitude + 180.0) / 360.0 * tiles - column
    south = (1.0 - math.asinh(math.tan(latitude)) / math.pi) / 2.0 * tiles - row
    return east * EXTENT, south * EXTENT


def _is_inside(place: tuple[float, float]) -> bool:
    return all(-BUFFER <= coordinate <= EXTENT + BUFFER for coordinate in place)


def _cut(path: Sequence[tuple[float, float]]) -> list[LineString]:
    """The parts of the path in the tile and its buffer."""
    if len(set(path)) < 2:
        return []
    window = box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    cut = LineString(path).simplify(_TOLERANCE, preserve_topology=False).intersection(window)
    # A step shorter than the grid would be drawn as nothing.
    return [line for line in _lines(cut) if line.length >= 1.0]


def _lines(found: BaseGeometry) -> Iterable[LineString]:
    if isinstance(found, LineString):
        return [found]
    # Whatever else comes out of cutting, single points among it, draws nothing.
    return [part for part in getattr(found, "geoms", ()) if isinstance(part, LineString)]
