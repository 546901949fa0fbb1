"""Makes vector tiles of places: only the best known where many would crowd a low zoom."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from wildside.domain.catalogue import Place
from wildside.domain.geography import BoundingBox, Point
from wildside.domain.identifiers import ThemeId
from wildside.outbound.tiles.point_layer import encode_points

PLACE_LAYER = "pois"
FULL_ZOOM = 16  # from here on everything is shown

# A tile has 8 × 8 cells (64 px of a 512 px tile): room for a symbol and a word. Each keeps so many.
_CELLS_ACROSS = 8
_MOST_IN_A_CELL = {13: 2, 14: 4, 15: 10}
_MOST_IN_A_FAR_CELL = 1


def tile_bounds(zoom: int, column: int, row: int) -> BoundingBox:
    """The box whose places decide a tile: the tile and a cell around it.

    A place at the edge is judged among its whole cell, so that both tiles that draw it agree.
    """
    tiles = 1 << zoom
    margin = 1 / _CELLS_ACROSS
    return BoundingBox(
        max(-180.0, (column - margin) / tiles * 360.0 - 180.0),
        _latitude((row + 1 + margin) / tiles),
        min(180.0, (column + 1 + margin) / tiles * 360.0 - 180.0),
        _latitude((row - margin) / tiles),
    )


def encode_place_tile(
    places: Iterable[Place], icons: Mapping[ThemeId, str], zoom: int, column: int, row: int
) -> bytes:
    """The tile z/x/y (uncompressed, b"" when empty) of the places within its `tile_bounds`.

    Layer `pois`, with `id`, `name`, `theme` (the main theme's icon key), `score` (popularity 0..1)
    and `rank` (0: the best known of its cell). Places without a theme are not drawn.
    """
    kept = _ranked([place for place in places if place.theme_ids], zoom)
    return encode_points(
        PLACE_LAYER,
        np.array([place.id for place, _ in kept], dtype=np.int64),
        np.array([place.location.longitude for place, _ in kept], dtype=np.float64),
        np.array([place.location.latitude for place, _ in kept], dtype=np.float64),
        [place.name for place, _ in kept],
        [icons.get(place.theme_ids[0], "") for place, _ in kept],
        np.array([place.popularity_score for place, _ in kept], dtype=np.float64),
        np.array([rank for _, rank in kept], dtype=np.int32),
        zoom,
        column,
        row,
    )


def _ranked(places: Sequence[Place], zoom: int) -> list[tuple[Place, int]]:
    """Places with their rank in their cell, the best first; ties by id, for one answer always."""
    cells: dict[tuple[int, int], list[Place]] = defaultdict(list)
    for place in places:
        cells[_cell(place.location, zoom)].append(place)
    most = None if zoom >= FULL_ZOOM else _MOST_IN_A_CELL.get(zoom, _MOST_IN_A_FAR_CELL)
    kept = [
        (place, rank)
        for cell in cells.values()
        for rank, place in enumerate(sorted(cell, key=_renown)[:most])
    ]
    return sorted(kept, key=lambda entry: _renown(entry[0]))


def _renown(place: Place) -> tuple[float, int]:
    return (-place.popularity_score, place.id)


def _cell(point: Point, zoom: int) -> tuple[int, int]:
    cells = (1 << zoom) * _CELLS_ACROSS
    latitude = math.radians(max(-85.0, min(85.0, point.latitude)))
    east = (point.longitude + 180.0) / 360.0 * cells
    south = (1.0 - math.asinh(math.tan(latitude)) / math.pi) / 2.0 * cells
    return math.floor(east), math.floor(south)


def _latitude(share_from_north: float) -> float:
    """The latitude at a share of the Web Mercator square (EPSG:3857), counted from the north."""
    share = max(0.0, min(1.0, share_from_north))
    return math.degrees(math.atan(math.sinh(math.pi * (1.0 - 2.0 * share))))
