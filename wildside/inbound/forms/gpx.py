"""A walk as GPX 1.1 (https://www.topografix.com/GPX/1/1/): stops as waypoints, legs as one track."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from wildside.domain.geography import Point
from wildside.domain.route import Route, Stop
from wildside.inbound.forms.attribution import ATTRIBUTION, LICENCE_URL
from wildside.inbound.forms.itinerary import title

NAMESPACE = "http://www.topografix.com/GPX/1/1"
# XML 1.0 has no room for these, escaped or not; a place's name from OSM may still carry one.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def gpx(route: Route) -> str:
    """The document as text, ready to be saved or sent as application/gpx+xml."""
    root = ET.Element("gpx", {"version": "1.1", "creator": "Wildside", "xmlns": NAMESPACE})
    metadata = ET.SubElement(root, "metadata")
    _text(metadata, "name", title(route.walk))
    copyright_ = ET.SubElement(metadata, "copyright", {"author": ATTRIBUTION})
    _text(copyright_, "license", LICENCE_URL)
    _text(metadata, "time", route.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    for stop in route.walk.stops:
        _waypoint(root, stop)
    track = ET.SubElement(root, "trk")
    _text(track, "name", title(route.walk))
    for leg in route.walk.legs:
        segment = ET.SubElement(track, "trkseg")
        for point in leg.path:
            ET.SubElement(segment, "trkpt", _position(point))
    if not route.walk.legs:
        segment = ET.SubElement(track, "trkseg")
        for point in route.walk.path:
            ET.SubElement(segment, "trkpt", _position(point))
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _waypoint(root: ET.Element, stop: Stop) -> None:
    waypoint = ET.SubElement(root, "wpt", _position(stop.location))
    _text(waypoint, "name", f"{stop.position}. {stop.place.name}")
    if stop.why:
        _text(waypoint, "desc", ". ".join(stop.why))


def _position(point: Point) -> dict[str, str]:
    return {"lat": f"{point.latitude:.7f}", "lon": f"{point.longitude:.7f}"}


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = _NOT_XML.sub("", text)
