"""What is found in an extract: places, their doors, each thing once."""

from pathlib import Path

import pytest

from tests.data_folder import data_file
from tests.ingest.drawn_extracts import CLOSES, MEMORIALS, RULES, Node, square, write_extract
from wildside.domain.errors import IngestFailed
from wildside.domain.extract import Extract
from wildside.domain.geography import BoundingBox, Point
from wildside.domain.identifiers import place_id
from wildside.outbound.osm.area import load_area
from wildside.outbound.osm.extract import open_extract
from wildside.outbound.osm.places import OsmPlaces, find_places
from wildside.outbound.theme_book import load_themes

ALL = load_themes().entries
SOURCE = OsmPlaces(RULES)
STREET = {"highway": "residential"}


def read(path: Path) -> list[tuple[int, str]]:
    """Ids and names of the places of a drawn extract."""
    extract = Extract(path, "", BoundingBox(0, 0, 1, 1))
    return [(place.id, place.name) for place in SOURCE.read(extract)]


@pytest.mark.parametrize(
    ("name", "count"),
    [("edinburgh-centre-2025-06", 2806), ("porto-centre-2020-07", 2114), ("malta-2016-11", 2256)],
)
def test_every_named_object_of_the_baseline_is_found(name: str, count: int) -> None:
    """The counts were made independently, over nodes and ways."""
    found = find_places(data_file(f"osm/{name}.osm.pbf"), ALL)
    baseline = [one for one in found if one.is_baseline and one.osm_type != "relation"]
    assert len(baseline) == count


def test_a_theme_may_ask_for_more_than_the_baseline(tmp_path: Path) -> None:
    """Advocate's Close is a footway, yet a place; a footway of another name is not."""
    path = write_extract(
        tmp_path / "x.osm.pbf",
        {1: (0.1, 0.1, {}), 2: (0.101, 0.1, {}), 3: (0.102, 0.1, {})},
        {
            8: ((1, 2), {"highway": "footway", "name": "Advocate's Close"}),
            9: ((2, 3), {"highway": "footway", "name": "Long Walk"}),
        },
    )
    (place,) = SOURCE.read(open_extract(path))
    assert (place.osm_type, place.name, place.theme_ids) == (
        "way", "Advocate's Close", (CLOSES.theme.id,),
    )  # fmt: skip
    assert place.visit_seconds == 60.0


def test_a_multipolygon_relation_is_a_place_with_a_point_inside(tmp_path: Path) -> None:
    """A castle around its yard: its location lies in the walls, never in the hole."""
    nodes = square(1, 0.1, 0.1, 0.003) | square(11, 0.1005, 0.1005, 0.002)
    path = write_extract(
        tmp_path / "x.osm.pbf",
        nodes,
        {8: ((1, 2, 3, 4, 1), {}), 9: ((11, 12, 13, 14, 11), {})},
        {
            5: (
                [(8, "outer"), (9, "inner")],
                {"type": "multipolygon", "historic": "castle", "name": "Keep"},
            )
        },
    )
    extract = Extract(path, "", BoundingBox(0, 0, 1, 1))
    (place,) = SOURCE.read(extract)
    assert place.id == place_id("relation", 5)
    hole = BoundingBox(0.1005, 0.1005, 0.1025, 0.1025)
    assert not hole.contains(place.location)
    assert BoundingBox(0.1, 0.1, 0.103, 0.103).contains(place.location)
    assert len(place.doors) == 4


def test_entrances_come_first_and_private_ones_not_at_all(tmp_path: Path) -> None:
    """Main entrance, door, gate, crossing path, in this order; no corner where a door is known."""
    nodes = square(1, 0.1, 0.1, 0.002) | {
        5: (0.101, 0.1, {"barrier": "gate"}),
        6: (0.102, 0.101, {"entrance": "main"}),
        7: (0.101, 0.102, {"entrance": "yes"}),
        8: (0.1, 0.101, {"entrance": "private"}),
        20: (0.1, 0.1015, {}),
        21: (0.099, 0.1015, {}),
    }
    path = write_extract(
        tmp_path / "x.osm.pbf",
        nodes,
        {
            40: ((1, 5, 2, 6, 3, 7, 4, 20, 8, 1), {"amenity": "townhall", "name": "Hall"}),
            41: ((20, 21), STREET),
        },
    )
    (place,) = SOURCE.read(open_extract(path))
    assert place.doors == (
        Point(0.102, 0.101), Point(0.101, 0.102), Point(0.101, 0.1), Point(0.1, 0.1015),
    )  # fmt: skip


def test_an_area_without_doors_is_reached_by_at_most_twelve_corners(tmp_path: Path) -> None:
    """A round lake has a hundred corners; the engine snaps a dozen."""
    nodes: dict[int, Node] = {
        number: (0.1 + number / 10000, 0.1 + (number % 2) / 1000, {}) for number in range(1, 60)
    }
    ring = (*range(1, 60, 2), *range(58, 0, -2), 1)
    path = write_extract(
        tmp_path / "x.osm.pbf", nodes, {1: (ring, {"leisure": "park", "name": "Lake"})}
    )
    (place,) = SOURCE.read(Extract(path, "", BoundingBox(0, 0, 1, 1)))
    assert len(place.doors) == 12
    assert len(set(place.doors)) == 12


@pytest.mark.parametrize(
    ("second", "kept"),
    [
        # A node inside the building of its name: the same museum.
        ((0.1005, 0.1005, {"tourism": "museum", "name": "museum"}), 1),
        # Beside the door, on the pavement: the same.
        ((0.10005, 0.09995, {"tourism": "museum", "name": "Museum"}), 1),
        # A shop of the museum's name inside it is a shop.
        ((0.1005, 0.1005, {"tourism": "hotel", "name": "Museum"}), 2),
        # Half a kilometre away: another one.
        ((0.106, 0.1005, {"tourism": "museum", "name": "Museum"}), 2),
        ((0.1005, 0.1005, {"tourism": "museum", "name": "Museum of Air"}), 2),
        # One item of Wikidata: the same under another name, but not half a kilometre away.
        ((0.1005, 0.1005, {"tourism": "museum", "name": "The Collection", "wikidata": "Q7"}), 1),
        ((0.106, 0.1005, {"tourism": "museum", "name": "The Collection", "wikidata": "Q7"}), 2),
        (
            (
                0.1005,
                0.1005,
                {"amenity": "cafe", "tourism": "hotel", "name": "H", "wikidata": "Q7"},
            ),
            2,
        ),
        # Accents, signs and case are written as one likes.
        ((0.1005, 0.1005, {"tourism": "museum", "name": "MUSÉUM!"}), 1),
    ],
)
def test_one_thing_mapped_twice_is_one_place(
    tmp_path: Path, second: tuple[float, float, dict[str, str]], kept: int
) -> None:
    """Same name or item, same or compatible kind, and within reach of the outline."""
    path = write_extract(
        tmp_path / "x.osm.pbf",
        square(1, 0.1, 0.1, 0.001) | {9: second},
        {7: ((1, 2, 3, 4, 1), {"tourism": "museum", "name": "Museum", "wikidata": "Q7"})},
    )
    places = read(path)
    assert len(places) == kept
    assert (place_id("way", 7), "Museum") in places


def test_the_survivor_takes_over_what_its_twin_knew(tmp_path: Path) -> None:
    """The famous node keeps its id and gains the building's outline as doors."""
    path = write_extract(
        tmp_path / "x.osm.pbf",
        square(1, 0.1, 0.1, 0.001)
        | {9: (0.1005, 0.1005, {"tourism": "museum", "name": "M", "wikidata": "Q1"})},
        {7: ((1, 2, 3, 4, 1), {"building": "yes", "tourism": "museum", "name": "M", "fee": "no"})},
    )
    (place,) = SOURCE.read(Extract(path, "", BoundingBox(0, 0, 1, 1)))
    assert place.id == place_id("node", 9)
    assert place.tags["fee"] == "no"
    assert len(place.doors) == 4


def test_the_pieces_of_one_close_are_one_place(tmp_path: Path) -> None:
    """A close is cut where steps begin; a close of the same name across town is another."""
    nodes: dict[int, Node] = {n: (0.1 + n / 2000, 0.1, {}) for n in range(1, 5)}
    nodes |= {8: (0.2, 0.2, {}), 9: (0.201, 0.2, {})}
    close = {"highway": "footway", "name": "Bell Close"}
    path = write_extract(
        tmp_path / "x.osm.pbf",
        nodes,
        {1: ((1, 2), close), 2: ((2, 3), close), 3: ((3, 4), close), 4: ((8, 9), close)},
    )
    assert read(path) == [(place_id("way", 1), "Bell Close"), (place_id("way", 4), "Bell Close")]


def test_names_in_other_languages_are_kept_apart_from_tags(tmp_path: Path) -> None:
    """`name:de` is a name, `name:etymology` and a mapper's note are not."""
    tags = {
        "historic": "memorial", "name": "Stone", "name:de": "Stein", "name:zh-Hant": "石",
        "name:etymology": "x", "note": "check", "inscription": "1900",
    }  # fmt: skip
    path = write_extract(tmp_path / "x.osm.pbf", {1: (0.1, 0.1, tags)})
    (place,) = SOURCE.read(Extract(path, "", BoundingBox(0, 0, 1, 1)))
    assert place.names == {"de": "Stein", "zh-Hant": "石"}
    assert place.tags == {"historic": "memorial", "inscription": "1900"}
    assert place.theme_ids == (MEMORIALS.theme.id,)


def test_pbf_gz_and_bz2_give_the_same_places() -> None:
    """Three files of one content."""
    results = [
        OsmPlaces(ALL).read(open_extract(data_file(f"osm/edinburgh-royal-mile.osm.{ending}")))
        for ending in ("pbf", "gz", "bz2")
    ]
    assert results[0]
    assert results[0] == results[1] == results[2]


def test_an_area_keeps_only_what_lies_within(tmp_path: Path) -> None:
    """Places outside the polygon are left out, and the bounds are cut to it."""
    area = tmp_path / "area.geojson"
    area.write_text(
        '{"type": "Polygon", "coordinates": [[[-3.195, 55.948], [-3.185, 55.948],'
        " [-3.185, 55.952], [-3.195, 55.952], [-3.195, 55.948]]]}",
        encoding="utf-8",
    )
    path = data_file("osm/edinburgh-royal-mile.osm.pbf")
    whole = OsmPlaces(ALL).read(open_extract(path))
    extract = open_extract(path, load_area(area))
    part = OsmPlaces(ALL).read(extract)
    box = BoundingBox(-3.195, 55.948, -3.185, 55.952)
    assert part == [place for place in whole if box.contains(place.location)]
    assert 0 < len(part) < len(whole)
    assert box.west <= extract.bounds.west <= extract.bounds.east <= box.east


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("nonsense", "not JSON"),
        ('{"type": "Point", "coordinates": [1, 2]}', "no polygon"),
        ('{"type": "Polygon"}', "no GeoJSON polygon"),
        ("[1, 2]", "no GeoJSON polygon"),
        ('{"type": "Polygon", "coordinates": [[[0, 0], [500, 0], [500, 9], [0, 0]]]}', "degrees"),
    ],
)
def test_a_bad_area_is_refused_in_one_line(tmp_path: Path, content: str, complaint: str) -> None:
    """The file's name and the fault, nothing else."""
    path = tmp_path / "area.geojson"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(IngestFailed, match=complaint) as caught:
        load_area(path)
    assert "\n" not in str(caught.value)
