"""The sea is where the coast says it is."""

import math

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from wildside.domain.geography import BoundingBox
from wildside.outbound.osm.coastline import sea_within

FRAME = BoundingBox(0.0, 0.0, 1.0, 1.0)


def is_sea(lines: list[list[tuple[float, float]]], east: float, north: float) -> bool:
    """Whether a point lies in the sea that these coastlines make."""
    return any(face.contains(Point(east, north)) for face in sea_within(FRAME, lines))


def island(east: float, north: float, radius: float) -> list[tuple[float, float]]:
    """A round island: counter-clockwise, land on the left."""
    steps = [2 * math.pi * step / 24 for step in range(25)]
    ring = [(east + radius * math.cos(a), north + radius * math.sin(a)) for a in steps]
    return [*ring[:-1], ring[0]]


def test_no_coastline_no_sea() -> None:
    """An inland town has none."""
    assert sea_within(FRAME, []) == []


def test_the_sea_lies_on_the_right_of_the_coast() -> None:
    """A coast drawn from west to east has the sea in the south, the other way round in the north."""
    coast = [(-0.5, 0.5), (0.5, 0.55), (1.5, 0.5)]
    assert is_sea([coast], 0.5, 0.2)
    assert not is_sea([coast], 0.5, 0.8)
    assert is_sea([coast[::-1]], 0.5, 0.8)


def test_a_coast_in_many_ways_is_one_coast() -> None:
    """Mappers cut coastlines; the pieces may come in any order."""
    coast = [(x / 10, 0.5 + 0.05 * math.sin(x)) for x in range(-2, 13)]
    pieces = [coast[i : i + 3] for i in range(0, len(coast) - 1, 2)]
    whole = shapely.union_all(sea_within(FRAME, [coast]))
    cut = shapely.union_all(sea_within(FRAME, pieces[::-1]))
    assert whole.symmetric_difference(cut).area < 1e-9


def test_islands_are_land_and_their_lagoons_sea() -> None:
    """A ring of land around a lagoon: a closed coast drawn clockwise has the sea inside."""
    lines = [island(0.5, 0.5, 0.3), island(0.5, 0.5, 0.1)[::-1]]
    assert is_sea(lines, 0.05, 0.05)
    assert not is_sea(lines, 0.5, 0.7)
    assert is_sea(lines, 0.5, 0.5)


def test_a_coast_that_ends_within_the_frame_goes_on_to_its_edge() -> None:
    """Extracts cut their coastline off; what is there still parts land from sea."""
    coast = [(0.1, 0.5), (0.9, 0.52)]
    assert is_sea([coast], 0.5, 0.3)
    assert not is_sea([coast], 0.5, 0.7)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.floats(0.1, 0.9), st.floats(0.1, 0.9), st.floats(0.01, 0.06)), max_size=6)
)
def test_open_water_is_the_frame_without_its_islands(
    islands: list[tuple[float, float, float]],
) -> None:
    """The slow, obvious oracle: the frame minus every island."""
    apart: list[tuple[float, float, float]] = []
    for one in islands:
        if all(math.dist(one[:2], other[:2]) > one[2] + other[2] + 0.01 for other in apart):
            apart.append(one)
    if not apart:
        return
    lines = [island(*one) for one in apart]
    land = shapely.union_all([shapely.Polygon(line) for line in lines])
    expected = shapely.box(0, 0, 1, 1).difference(land)
    sea = shapely.union_all(sea_within(FRAME, lines))
    assert sea.symmetric_difference(expected).area < 1e-6


def test_a_coastline_far_away_makes_no_sea() -> None:
    """Only what crosses the frame counts."""
    assert sea_within(FRAME, [[(3.0, 3.0), (4.0, 4.0)]]) == []
