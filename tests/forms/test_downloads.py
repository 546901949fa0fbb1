"""A walk carried away as GPX or GeoJSON is still the same walk."""

import json
import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from tests.walks import START, route
from wildside.inbound.forms.geojson import geojson
from wildside.inbound.forms.gpx import NAMESPACE, gpx

TAGS = {"gpx": NAMESPACE}


def test_a_gpx_file_holds_every_stop_and_every_leg() -> None:
    """Two stops are two waypoints with their numbers, two legs two segments of one track."""
    root = ET.fromstring(gpx(route("The Scott Monument", "Advocate's Close")))
    names = [name.text for name in root.findall("gpx:wpt/gpx:name", TAGS)]
    assert names == ["1. The Scott Monument", "2. Advocate's Close"]
    assert len(root.findall("gpx:trk/gpx:trkseg", TAGS)) == 2
    first = root.find("gpx:trk/gpx:trkseg/gpx:trkpt", TAGS)
    assert first is not None
    assert (float(first.attrib["lon"]), float(first.attrib["lat"])) == (
        START.longitude,
        START.latitude,
    )


def test_a_gpx_file_says_whom_the_map_is_owed_to() -> None:
    """OpenStreetMap's contributors are named in the metadata, with the licence."""
    root = ET.fromstring(gpx(route()))
    copyright_ = root.find("gpx:metadata/gpx:copyright", TAGS)
    assert copyright_ is not None
    assert copyright_.attrib["author"] == "© OpenStreetMap contributors"


@given(st.text(min_size=1, max_size=40))
def test_any_name_makes_a_well_formed_gpx_file(name: str) -> None:
    """Control characters, angle brackets and emoji in a place's name never break the XML."""
    ET.fromstring(gpx(route(name)))


def test_geojson_gives_the_path_first_and_then_the_stops() -> None:
    """One LineString, one Point a stop, in order, with attribution."""
    collection = json.loads(json.dumps(geojson(route("A", "B"))))
    kinds = [feature["geometry"]["type"] for feature in collection["features"]]
    assert kinds == ["LineString", "Point", "Point"]
    assert [f["properties"].get("position") for f in collection["features"]] == [None, 1, 2]
    assert collection["attribution"] == "© OpenStreetMap contributors"


def test_a_walk_without_stops_is_still_a_line() -> None:
    """A LineString needs two positions (RFC 7946 3.1.4), even where nobody walks."""
    features = geojson(route())["features"]
    assert isinstance(features, list)
    assert len(features[0]["geometry"]["coordinates"]) == 2
