"""The sheet and the terminal sketch show the walk that was found."""

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from tests.walks import CORNER, START, walk
from wildside.domain.geography import Point
from wildside.domain.ground import GroundShape
from wildside.inbound.forms.braille import sketch
from wildside.inbound.forms.picture import HEIGHT, MAP_WIDTH, Sheet, picture


def test_the_sheet_names_every_stop_and_the_source() -> None:
    """A printed sheet alone tells where to go and whom the map is owed to."""
    text = "".join(ET.fromstring(picture(walk("Greyfriars", "The Elephant House"))).itertext())
    assert "Greyfriars" in text
    assert "The Elephant House" in text
    assert "© OpenStreetMap contributors" in text


def test_names_with_markup_are_text_on_the_sheet() -> None:
    """A place called `<script>` is drawn, not run."""
    root = ET.fromstring(picture(walk("<script>alert(1)</script>")))
    assert not root.findall(".//{http://www.w3.org/2000/svg}script")


@given(
    st.lists(st.builds(Point, st.floats(-179, 179), st.floats(-84, 84)), min_size=1, max_size=20)
)
def test_every_point_fits_into_the_frame(points: list[Point]) -> None:
    """Whatever the walk's shape, nothing of it is drawn outside the map."""
    sheet = Sheet.fitting(points)
    for point in points:
        x, y = sheet.place(point)
        assert -1 <= x <= MAP_WIDTH + 1
        assert -1 <= y <= HEIGHT + 1


def test_the_ground_lies_under_the_walk() -> None:
    """Streets are drawn before the path, so the path stays visible."""
    svg = picture(walk("A"), [GroundShape("road", ((START, CORNER),))])
    assert svg.index("#ffffff") < svg.index("#c8452f")


def test_a_park_that_two_tiles_tell_of_is_drawn_whole() -> None:
    """Tiles overlap by their margins: what both show must not cancel out where they do."""
    corner = (START, CORNER, Point(CORNER.longitude, START.latitude), START)
    svg = picture(walk("A"), [GroundShape("park", (corner,)), GroundShape("park", (corner,))])
    assert 'fill-rule="nonzero"' in svg
    assert "evenodd" not in svg


def test_the_terminal_sketch_marks_start_and_stops() -> None:
    """The start is a ring, the stops are counted, north is up."""
    lines = sketch([START, CORNER], [CORNER], columns=40, rows=10).splitlines()
    assert any("◉" in line for line in lines)
    assert any("1" in line for line in lines)
    ring = next(number for number, line in enumerate(lines) if "◉" in line)
    one = next(number for number, line in enumerate(lines) if "1" in line)
    assert ring < one
