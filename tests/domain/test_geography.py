"""Distances and boxes on the globe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from wildside.domain.errors import Invalid
from wildside.domain.geography import BoundingBox, Point

GLOBE = Geod(ellps="WGS84")
POINTS = st.builds(Point, st.floats(-180, 180), st.floats(-85, 85))


@given(POINTS, POINTS)
def test_the_sphere_is_within_six_thousandths_of_the_ellipsoid(a: Point, b: Point) -> None:
    """PROJ's geodesic is the oracle; the sphere may differ by the flattening, no more."""
    _, _, exact = GLOBE.inv(a.longitude, a.latitude, b.longitude, b.latitude)
    assert a.distance_metres(b) == pytest.approx(exact, rel=0.006, abs=0.01)


def test_east_is_ninety_degrees_from_north() -> None:
    """Bearings run clockwise from north."""
    here = Point(0, 0)
    assert here.bearing_degrees(Point(0, 1)) == pytest.approx(0)
    assert here.bearing_degrees(Point(1, 0)) == pytest.approx(90)
    assert here.bearing_degrees(Point(0, -1)) == pytest.approx(180)
    assert here.bearing_degrees(Point(-1, 0)) == pytest.approx(270)


@given(POINTS, st.floats(1, 20_000), st.floats(0, 359))
def test_a_box_around_a_point_holds_the_circle(centre: Point, radius: float, angle: float) -> None:
    """A point one radius away (less half a percent for the sphere) is inside."""
    longitude, latitude, _ = GLOBE.fwd(centre.longitude, centre.latitude, angle, radius * 0.99)
    box = BoundingBox.around(centre, radius)
    if abs(longitude - centre.longitude) < 180:  # the box ends at the antimeridian
        assert box.contains(Point(longitude, latitude))


@pytest.mark.parametrize("coordinates", [(181, 0), (0, 91), (float("nan"), 0)])
def test_there_is_no_point_off_the_globe(coordinates: tuple[float, float]) -> None:
    """Longitude and latitude swapped, or no numbers at all, are refused where they are made."""
    with pytest.raises(Invalid):
        Point(*coordinates)
