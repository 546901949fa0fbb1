"""Reads the base map's features out of an extract, ready to be tiled."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import osmium
import osmium.filter
import osmium.geom
import osmium.osm
import shapely

from wildside.domain.extract import Extract
from wildside.domain.geography import BoundingBox
from wildside.outbound.osm.base_layers import (
    Drawing,
    Property,
    draw_area,
    draw_line,
    draw_settlement,
)
from wildside.outbound.osm.coastline import Line, as_multipolygon, sea_within
from wildside.outbound.osm.extract import reading

BASE_FEATURES_FORMAT = 1  # part of a region's version: raise it when the map is drawn otherwise

_KEYS = (
    "building", "landuse", "natural", "leisure", "waterway", "highway", "railway", "amenity",
    "man_made", "barrier", "historic", "place",
)  # fmt: skip
# The sea goes on beyond the last street by this part of the region's size.
_SEA_MARGIN = 0.25


@dataclass(frozen=True, slots=True)
class BaseFeature:
    """One feature: its layer, its GeoJSON geometry as text, the first zoom it is drawn at."""

    layer: str
    geometry: str
    minzoom: int
    properties: Mapping[str, Property] = field(default_factory=dict)


def read_base_features(extract: Extract) -> Iterator[BaseFeature]:
    """Everything the base map draws, the sea last.

    The sea fills the frame the extract was cut by (or the bounds where it names none) and a margin.
    Raises IngestFailed where the file is damaged.
    """
    coastlines: list[Line] = []
    with reading(extract.path):
        objects = (
            osmium.FileProcessor(str(extract.path))
            .with_areas(osmium.filter.KeyFilter(*_KEYS))
            .with_filter(osmium.filter.KeyFilter(*_KEYS))
        )
        shapes = osmium.geom.GeoJSONFactory()
        for item in objects:
            tags = {tag.k: tag.v for tag in item.tags}
            if isinstance(item, osmium.osm.Way) and tags.get("natural") == "coastline":
                coastlines.append(_line(item))
                continue
            feature = _feature(item, tags, shapes)
            if feature is not None:
                yield feature
    sea = sea_within(_sea_frame(extract.bounds, extract.frame), coastlines)
    if sea:
        yield BaseFeature("sea", shapely.to_geojson(as_multipolygon(sea)), 8)


def _feature(
    item: object, tags: Mapping[str, str], shapes: osmium.geom.GeoJSONFactory
) -> BaseFeature | None:
    if isinstance(item, osmium.osm.Node):
        drawing = draw_settlement(tags)
        return _drawn(drawing, shapes.create_point(item.location)) if drawing else None
    if isinstance(item, osmium.osm.Area):
        # An outline that crosses itself, or lost a part at the extract's edge, has no rings.
        drawing = draw_area(tags) if item.num_rings()[0] else None
        return _drawn(drawing, shapes.create_multipolygon(item)) if drawing else None
    if isinstance(item, osmium.osm.Way):
        drawing = draw_line(tags)
        points = _line(item) if drawing else []
        if drawing is None or len(points) < 2:
            return None
        return _drawn(drawing, json.dumps({"type": "LineString", "coordinates": points}))
    return None


def _drawn(drawing: Drawing, geometry: str) -> BaseFeature:
    return BaseFeature(drawing.layer, geometry, drawing.minzoom, drawing.properties)


def _line(way: osmium.osm.Way) -> list[tuple[float, float]]:
    return [(node.lon, node.lat) for node in way.nodes if node.location.valid()]


def _sea_frame(bounds: BoundingBox, frame: BoundingBox | None) -> BoundingBox:
    """The frame or the bounds, and a margin: nobody should see the sea end beside the last pier."""
    inner = frame or bounds
    wide = (bounds.east - bounds.west) * _SEA_MARGIN
    high = (bounds.north - bounds.south) * _SEA_MARGIN
    return BoundingBox(
        max(-180.0, inner.west - wide),
        max(-85.0, inner.south - high),
        min(180.0, inner.east + wide),
        min(85.0, inner.north + high),
    )
