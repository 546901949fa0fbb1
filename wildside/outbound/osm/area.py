"""A GeoJSON area that an ingest is limited to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
import shapely.errors
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from wildside.domain.errors import IngestFailed, Invalid
from wildside.domain.geography import BoundingBox, Point

_BAD = shapely.errors.ShapelyError


@dataclass(frozen=True, slots=True)
class Area:
    """Polygons in degrees; `digest` tells two areas apart."""

    polygons: BaseGeometry
    digest: str

    def contains(self, point: Point) -> bool:
        """Whether the point lies inside or on the edge."""
        return bool(shapely.intersects_xy(self.polygons, point.longitude, point.latitude))

    @property
    def bounds(self) -> BoundingBox:
        """The smallest box around it."""
        return BoundingBox(*self.polygons.bounds)


def load_area(path: Path) -> Area:
    """The polygons of a GeoJSON geometry, feature or collection; raises IngestFailed otherwise."""
    try:
        content = path.read_bytes()
        document = json.loads(content)
    except OSError as error:
        raise IngestFailed(f"the area {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise IngestFailed(f"the area {path} is not JSON: {error}") from error
    try:
        polygons = shapely.union_all([shape(geometry) for geometry in _geometries(document)])
        inside = polygons.is_valid and polygons.area > 0
        BoundingBox(*polygons.bounds)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, Invalid, _BAD) as error:
        raise IngestFailed(f"the area {path} is no GeoJSON polygon in degrees: {error}") from error
    if not inside:
        raise IngestFailed(f"the area {path} holds no polygon")
    return Area(polygons, hashlib.sha256(shapely.normalize(polygons).wkb).hexdigest())


def _geometries(document: object) -> list[dict[str, Any]]:
    if not isinstance(document, dict):
        raise TypeError("a GeoJSON document is an object")
    if document.get("type") == "FeatureCollection":
        return [geometry for part in document["features"] for geometry in _geometries(part)]
    if document.get("type") == "Feature":
        return _geometries(document["geometry"])
    return [document]
