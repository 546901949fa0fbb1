"""Reads the shapes that lie inside a box from the base map's tiles, to be drawn under a walk."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import mapbox_vector_tile

from wildside.domain.geography import BoundingBox, Point
from wildside.domain.ground import GroundShape
from wildside.outbound.tiles.base_tiles import BaseTiles

FINEST_ZOOM = 15
MOST_TILES = 36  # a sheet of three hours' walk; more would be a smaller scale, thus a lower zoom


def read_ground(tiles: BaseTiles, bounds: BoundingBox) -> list[GroundShape]:
    """Every shape of the tiles that touch the box, at the finest zoom of at most 36 tiles.

    Raises Unavailable where the map is damaged.
    """
    zoom = next(
        zoom
        for zoom in range(FINEST_ZOOM, -1, -1)
        if len(_columns(bounds, zoom)) * len(_rows(bounds, zoom)) <= MOST_TILES
    )
    return [
        shape
        for column in _columns(bounds, zoom)
        for row in _rows(bounds, zoom)
        if (packed := tiles.read(zoom, column, row)) is not None
        for shape in _shapes(tiles.unpacked(packed), zoom, column, row)
    ]


def _columns(bounds: BoundingBox, zoom: int) -> range:
    return range(_column(bounds.west, zoom), _column(bounds.east, zoom) + 1)


def _rows(bounds: BoundingBox, zoom: int) -> range:
    return range(_row(bounds.north, zoom), _row(bounds.south, zoom) + 1)


def _column(longitude: float, zoom: int) -> int:
    return min((1 << zoom) - 1, int((longitude + 180.0) / 360.0 * (1 << zoom)))


def _row(latitude: float, zoom: int) -> int:
    slope = math.asinh(math.tan(math.radians(max(-85.0, min(85.0, latitude)))))
    return min((1 << zoom) - 1, max(0, int((1.0 - slope / math.pi) / 2.0 * (1 << zoom))))


def _shapes(tile: bytes, zoom: int, column: int, row: int) -> Iterator[GroundShape]:
    layers: dict[str, Any] = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})
    for name, layer in layers.items():
        extent = int(layer["extent"])

        def globe(line: Sequence[Sequence[float]], extent: int = extent) -> tuple[Point, ...]:
            return tuple(
                _point((column + x / extent) / (1 << zoom), (row + y / extent) / (1 << zoom))
                for x, y in line
            )

        for feature in layer["features"]:
            lines = tuple(globe(line) for line in _lines(feature["geometry"]))
            if lines:
                yield GroundShape(name, lines)


def _lines(geometry: dict[str, Any]) -> Iterable[Sequence[Sequence[float]]]:
    coordinates = geometry["coordinates"]
    match geometry["type"]:
        case "LineString":
            return [coordinates]
        case "MultiLineString" | "Polygon":
            return list(coordinates)
        case "MultiPolygon":
            return [ring for polygon in coordinates for ring in polygon]
        case _:
            return []  # points are names; the sheet has its own


def _point(x: float, y: float) -> Point:
    latitude = math.degrees(math.atan(math.sinh(math.pi * (1.0 - 2.0 * y))))
    return Point(max(-180.0, min(180.0, x * 360.0 - 180.0)), latitude)
