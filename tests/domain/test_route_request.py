"""Equal wishes share a fingerprint, different ones do not; impossible ones are refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.town import a_wish
from wildside.domain.errors import Invalid
from wildside.domain.geography import Point
from wildside.domain.identifiers import PlaceId, ThemeId
from wildside.domain.route_request import RouteRequest

THEMES = st.lists(st.integers(0, 9).map(lambda number: ThemeId(UUID(int=number))), max_size=5)
PLACES = st.sets(st.integers(0, 50).map(PlaceId), max_size=5)
FULL = replace(
    a_wish(),
    theme_ids=(ThemeId(UUID(int=1)),),
    end=Point(-3.2, 55.96),
    depart_at=datetime(2026, 5, 4, 12, tzinfo=UTC),
    must_visit=(PlaceId(4),),
    avoid=(PlaceId(8),),
)


def print_of(request: RouteRequest, region: str = "v1", engine: str = "e1") -> str:
    return request.fingerprint(region_version=region, engine_version=engine)


@given(themes=THEMES, musts=PLACES, dice=st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(
    themes: list[ThemeId], musts: set[PlaceId], dice: object
) -> None:
    """The page sends themes in the order in which they were touched."""
    first = replace(a_wish(), theme_ids=tuple(themes), must_visit=tuple(sorted(musts)))
    shuffled = themes + themes[:1]
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    second = replace(a_wish(), theme_ids=tuple(shuffled), must_visit=tuple(musts))
    assert print_of(first) == print_of(second)


@given(
    longitude=st.integers(-1_700_000, 1_700_000),
    latitude=st.integers(-800_000, 800_000),
    east=st.floats(-4e-5, 4e-5),
    north=st.floats(-4e-5, 4e-5),
)
def test_two_walkers_at_one_corner_share_an_answer(
    longitude: int, latitude: int, east: float, north: float
) -> None:
    """Within about five metres of the rounded point; -0.0 and 0.0 are one place."""
    corner = Point(longitude / 10_000, latitude / 10_000)
    beside = Point(corner.longitude + east, corner.latitude + north)
    assert print_of(a_wish(start=corner)) == print_of(a_wish(start=beside))


@pytest.mark.parametrize(
    "other",
    [
        replace(FULL, start=Point(-3.1901, 55.95)),
        replace(FULL, duration_minutes=61),
        replace(FULL, theme_ids=()),
        replace(FULL, popularity_bias=0.51),
        replace(FULL, avoid_stairs=True),
        replace(FULL, prefer_well_lit=True),
        replace(FULL, end=None),
        replace(FULL, depart_at=datetime(2026, 5, 4, 12, 1, tzinfo=UTC)),
        replace(FULL, must_visit=(PlaceId(12),)),
        replace(FULL, avoid=()),
        replace(FULL, must_visit=(PlaceId(8),), avoid=(PlaceId(4),)),
        replace(FULL, walking_speed_kmh=5.0),
    ],
)
def test_whatever_changes_the_walk_changes_the_fingerprint(other: RouteRequest) -> None:
    """Otherwise somebody would get another's walk."""
    assert print_of(FULL) != print_of(other)


def test_another_map_or_engine_answers_anew() -> None:
    """Cached walks end with the map they were made from."""
    assert len({print_of(FULL), print_of(FULL, region="v2"), print_of(FULL, engine="e2")}) == 3


def test_the_same_minute_elsewhere_is_the_same_departure() -> None:
    """Noon in UTC is one o'clock in Edinburgh's summer."""
    summer = timezone(timedelta(hours=1))
    there = replace(FULL, depart_at=datetime(2026, 5, 4, 13, 0, 30, tzinfo=summer))
    assert print_of(there) == print_of(FULL)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("duration_minutes", {"duration_minutes": 14}),
        ("duration_minutes", {"duration_minutes": 181}),
        ("popularity_bias", {"popularity_bias": 1.01}),
        ("popularity_bias", {"popularity_bias": float("nan")}),
        ("must_visit_poi_ids", {"must_visit": tuple(PlaceId(n) for n in range(100, 151))}),
        ("avoid_poi_ids", {"avoid": (PlaceId(4),)}),
        ("depart_at", {"depart_at": datetime(2026, 5, 4, 12)}),  # noqa: DTZ001 - that is the fault
    ],
)
def test_impossible_wishes_are_refused_by_field(field: str, changes: dict[str, object]) -> None:
    """Nobody downstream checks again."""
    with pytest.raises(Invalid) as refusal:
        replace(FULL, **changes)  # type: ignore[arg-type]
    assert refusal.value.faults[0].field == field
