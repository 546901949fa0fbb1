"""A walk as GeoJSON (RFC 7946): its path as one line, its stops as points."""

from __future__ import annotations

from wildside.domain.geography import Point
from wildside.domain.route import Route
from wildside.inbound.forms.attribution import ATTRIBUTION

COORDINATE_DECIMALS = 7  # a centimetre, OSM's own resolution


def position(point: Point) -> list[float]:
    """`[longitude, latitude]`."""
    return [round(point.longitude, COORDINATE_DECIMALS), round(point.latitude, COORDINATE_DECIMALS)]


def line(path: tuple[Point, ...]) -> dict[str, object]:
    """A LineString; a path of one point is drawn twice, for a line needs two."""
    points = path if len(path) >= 2 else path * 2
    return {"type": "LineString", "coordinates": [position(point) for point in points]}


def geojson(route: Route) -> dict[str, object]:
    """A FeatureCollection: the path first, then the stops in order."""
    summary = route.walk.summary
    path_feature = {
        "type": "Feature",
        "geometry": line(route.walk.path),
        "properties": {
            "role": "path",
            "route_id": str(route.id),
            "distance_metres": round(summary.distance_metres, 1),
            "total_seconds": round(summary.total_seconds, 1),
            "attribution": ATTRIBUTION,
        },
    }
    stops = [
        {
            "type": "Feature",
            "id": stop.place.id,
            "geometry": {"type": "Point", "coordinates": position(stop.location)},
            "properties": {
                "role": "stop",
                "position": stop.position,
                "name": stop.place.name,
                "arrival_offset_seconds": round(stop.arrival_offset_seconds, 1),
                "visit_seconds": round(stop.visit_seconds, 1),
                "why": list(stop.why),
            },
        }
        for stop in route.walk.stops
    ]
    return {
        "type": "FeatureCollection",
        "features": [path_feature, *stops],
        "attribution": ATTRIBUTION,
    }
