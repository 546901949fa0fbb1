"""Tiles of places hold what the places say, as an independent decoder reads it."""

import math

import mapbox_vector_tile
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wildside.domain.catalogue import Place
from wildside.domain.geography import Point
from wildside.domain.identifiers import PlaceId, ThemeId, osm_element
from wildside.outbound.theme_book import load_themes
from wildside.outbound.tiles.place_tile import encode_place_tile, tile_bounds
from wildside.outbound.tiles.point_layer import EXTENT, MARGIN, encode_points

BOOK = load_themes()
ICONS = {theme.id: theme.icon_key for theme in BOOK.themes}
THEME = BOOK.themes[0].id


def place(number: int, longitude: float, latitude: float, score: float = 0.5) -> Place:
    """A street-art node at a point."""
    kind, osm_id = osm_element(PlaceId(number))
    return Place(
        PlaceId(number), kind, osm_id, f"Wall {number}", Point(longitude, latitude), {},
        theme_ids=(ThemeId(THEME),), popularity_score=score,
    )  # fmt: skip


def grid_point(longitude: float, latitude: float, zoom: int) -> tuple[int, int]:
    """The slow, obvious projection: EPSG:3857 by the textbook, in grid units of the world."""
    world = (1 << zoom) * EXTENT
    clamped = math.radians(max(-85.05112877980659, min(85.05112877980659, latitude)))
    mercator = math.log(math.tan(clamped) + 1 / math.cos(clamped))
    east = (longitude + 180) / 360 * world
    return math.floor(east), math.floor((1 - mercator / math.pi) / 2 * world)


def decoded(tile: bytes) -> list[dict[str, object]]:
    """The features of the one layer, rows counted from the north."""
    layers = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})
    assert list(layers) == ["pois"]
    assert layers["pois"]["extent"] == EXTENT
    assert layers["pois"]["version"] == 2
    return list(layers["pois"]["features"])


POINTS = st.lists(
    st.tuples(
        st.integers(0, 2**62),
        st.floats(-180, 180, exclude_max=True),
        st.floats(-89, 89),
        st.text(max_size=40),
        st.sampled_from(["beer", "castle", ""]),
        st.floats(0, 1),
        st.integers(0, 300),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=150)
@given(POINTS, st.integers(0, 4), st.integers(0, 15), st.integers(0, 15))
def test_an_independent_decoder_reads_back_every_point(
    points: list[tuple[int, float, float, str, str, float, int]], zoom: int, column: int, row: int
) -> None:
    """Whatever the names, numbers and places: exactly the points of the tile and its margin."""
    column, row = column % (1 << zoom), row % (1 << zoom)
    ids, longitudes, latitudes, names, themes, scores, ranks = (
        (list(part) for part in zip(*points, strict=True)) if points else ([] for _ in range(7))
    )
    tile = encode_points(
        "pois", np.array(ids, dtype=np.int64), np.array(longitudes, dtype=np.float64),
        np.array(latitudes, dtype=np.float64), list(names), list(themes),
        np.array(scores, dtype=np.float64), np.array(ranks, dtype=np.int32), zoom, column, row,
    )  # fmt: skip
    expected = []
    for point_id, longitude, latitude, name, theme, score, rank in points:
        world = grid_point(longitude, latitude, zoom)
        east, south = world[0] - column * EXTENT, world[1] - row * EXTENT
        if -MARGIN <= east < EXTENT + MARGIN and -MARGIN <= south < EXTENT + MARGIN:
            expected.append((point_id, name, theme, score, rank, east, south))
    if not expected:
        assert tile == b""
        return
    found = decoded(tile)
    assert len(found) == len(expected)
    for feature, (point_id, name, theme, score, rank, east, south) in zip(
        found, expected, strict=True
    ):
        assert feature["id"] == point_id
        assert feature["properties"] == {
            "id": point_id, "name": name, "theme": theme, "score": score, "rank": rank,
        }  # fmt: skip
        coordinates = feature["geometry"]["coordinates"]  # type: ignore[index]
        # The two projections may round a hair apart.
        assert abs(coordinates[0] - east) <= 1
        assert abs(coordinates[1] - south) <= 1


def test_an_equal_whole_number_and_fraction_stay_two_values() -> None:
    """Rank 1 and score 1.0 are equal in Python, yet each keeps its type in the tile."""
    one = np.array([1], dtype=np.int64)
    tile = encode_points(
        "pois", one, np.array([0.0]), np.array([0.0]), ["a"], ["b"], np.array([1.0]),
        np.array([1], dtype=np.int32), 0, 0, 0,
    )  # fmt: skip
    properties = decoded(tile)[0]["properties"]
    assert isinstance(properties["score"], float)  # type: ignore[index]
    assert isinstance(properties["rank"], int)  # type: ignore[index]


@pytest.mark.parametrize("tile", [(-1, 0, 0), (31, 0, 0), (2, 4, 0), (2, 0, -1)])
def test_a_tile_that_does_not_exist_is_refused(tile: tuple[int, int, int]) -> None:
    """z/x/y come from an address anybody may type."""
    nothing = np.array([], dtype=np.float64)
    ids, ranks = np.array([], dtype=np.int64), np.array([], dtype=np.int32)
    with pytest.raises(ValueError, match="no tile"):
        encode_points("pois", ids, nothing, nothing, [], [], nothing, ranks, *tile)


def test_sequences_of_different_length_are_refused() -> None:
    """The encoder reads by index; a missing name must not be read past the end."""
    one = np.array([1.0])
    with pytest.raises(ValueError, match="one of each"):
        encode_points(
            "pois", np.array([1], dtype=np.int64), one, one, [], ["x"], one,
            np.array([0], dtype=np.int32), 0, 0, 0,
        )  # fmt: skip


def test_low_zooms_show_the_best_known_and_high_zooms_everything() -> None:
    """A thousand places in one street: a handful at zoom 12, all of them at zoom 16."""
    crowd = [place(4 * n, -3.19 + n * 1e-7, 55.95, n / 1000) for n in range(1000)]

    def shown(zoom: int) -> list[dict[str, object]]:
        east, south = grid_point(-3.19, 55.95, zoom)
        return decoded(encode_place_tile(crowd, ICONS, zoom, east // EXTENT, south // EXTENT))

    assert [feature["id"] for feature in shown(12)] == [4 * 999]
    assert len(shown(14)) <= 8
    assert len(shown(16)) == 1000
    assert shown(12)[0]["properties"]["theme"] == "spray-can"  # type: ignore[index]


def test_neighbouring_tiles_agree_about_a_place_at_their_edge() -> None:
    """A place drawn in one tile's margin is drawn in the tile it lies in, with the same rank."""
    zoom, column, row = 12, 2011, 1279
    edge = (column + 1) / (1 << zoom) * 360 - 180
    bounds = tile_bounds(zoom, column, row)
    latitude = bounds.centre.latitude
    crowd = [place(4 * n, edge + (n - 20) * 2e-4, latitude, (n * 7 % 41) / 41) for n in range(41)]
    here = [one for one in crowd if bounds.contains(one.location)]
    beyond = tile_bounds(zoom, column + 1, row)
    there = [one for one in crowd if beyond.contains(one.location)]
    left = {
        feature["id"]: feature["properties"]
        for feature in decoded(encode_place_tile(here, ICONS, zoom, column, row))
    }
    right = {
        feature["id"]: feature["properties"]
        for feature in decoded(encode_place_tile(there, ICONS, zoom, column + 1, row))
    }
    margin_degrees = MARGIN / EXTENT / (1 << zoom) * 360
    at_the_edge = {
        one.id for one in crowd if abs(one.location.longitude - edge) < margin_degrees * 0.9
    }
    assert at_the_edge & set(left) == at_the_edge & set(right)
    assert all(left[key] == right[key] for key in at_the_edge & set(left))


def test_places_without_a_theme_are_not_drawn() -> None:
    """An ATM is on the map's data, not among the sights."""
    plain = Place(PlaceId(4), "node", 1, "Cash", Point(0.1, 0.1), {})
    assert encode_place_tile([plain], ICONS, 16, 32786, 32749) == b""
