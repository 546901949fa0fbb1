"""Reads the GeoJSON area that an ingest is limited to, and tells what lies inside."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import shapely
import shapely.errors
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from wildside.domain.errors import IngestFailed, Invalid
from wildside.domain.extract import MapArea
from wildside.domain.geography import BoundingBox, Point

_MALFORMED = (
    AttributeError, IndexError, KeyError, TypeError, ValueError, Invalid, shapely.errors.ShapelyError,
)  # fmt: skip


def load_area(path: Path) -> MapArea:
    """The polygons of a GeoJSON geometry, feature or collection; raises IngestFailed otherwise."""
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise IngestFailed(f"the area {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise IngestFailed(f"the area {path} is not JSON: {error}") from error
    try:
        polygons = shapely.union_all([shape(geometry) for geometry in _geometries(document)])
        if polygons.area == 0 or polygons.geom_type not in {"Polygon", "MultiPolygon"}:
            raise ValueError("there is no polygon in it")
        bounds = BoundingBox(*polygons.bounds)
    except _MALFORMED as error:
        raise IngestFailed(f"the area {path} is no GeoJSON polygon in degrees: {error}") from error
    polygons = shapely.normalize(polygons)
    return MapArea(mapping(polygons), hashlib.sha256(polygons.wkb).hexdigest(), bounds)


class Inside:
    """Answers whether points lie within an area; without one everything does."""

    def __init__(self, area: MapArea | None) -> None:
        self._polygons: BaseGeometry | None = None
        if area is not None:
            self._polygons = shape(dict(area.geojson))
            shapely.prepare(self._polygons)

    def __call__(self, point: Point) -> bool:
        """Whether the point lies inside or on the edge."""
        if self._polygons is None:
            return True
        return bool(shapely.intersects_xy(self._polygons, point.longitude, point.latitude))


def _geometries(document: object) -> list[dict[str, Any]]:
    if not isinstance(document, dict):
        raise TypeError("a GeoJSON document is an object")
    if document.get("type") == "FeatureCollection":
        return [geometry for part in document["features"] for geometry in _geometries(part)]
    if document.get("type") == "Feature":
        return _geometries(document["geometry"])
    return [document]
