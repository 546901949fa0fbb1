"""Candidates: what is wanted, within reach, and promising."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.town import MIDDLE, MURALS, PUBS, a_place
from wildside.domain.catalogue import Place, Theme
from wildside.domain.geography import Point
from wildside.domain.identifiers import PlaceId, ThemeId
from wildside.domain.opening_hours import ALWAYS_OPEN, Hours, Span
from wildside.domain.reach import Reach
from wildside.domain.scoring import ScoredPlace, Taste, choose_candidates, most_stops

BIASES = (0.0, 0.5, 1.0)
BOTH = {PUBS.id: PUBS, MURALS.id: MURALS}
PACE = 4.8 / 3.6
HOUR = Reach(MIDDLE, MIDDLE, 4800.0)
POINTS = st.builds(
    lambda east, north: Point(MIDDLE.longitude + east, MIDDLE.latitude + north),
    st.floats(-0.06, 0.06),
    st.floats(-0.04, 0.04),
)


def places_of(points: list[Point]) -> list[Place]:
    themes = [(PUBS,), (MURALS,), (PUBS, MURALS), ()]
    return [
        replace(
            a_place(number, at=point, themes=themes[number % 4]),
            popularity_score=(number % 5) / 4,
            visit_seconds=60.0 * (number % 7),
        )
        for number, point in enumerate(points, start=1)
    ]


def ids(candidates: tuple[ScoredPlace, ...]) -> list[PlaceId]:
    return [candidate.place.id for candidate in candidates]


@given(points=st.lists(POINTS, max_size=30), end=POINTS, metres=st.floats(500, 9000))
def test_the_box_of_a_reach_holds_everything_it_allows(
    points: list[Point], end: Point, metres: float
) -> None:
    """Places are looked for in the box: whatever the ellipse allows must lie in it."""
    metres = max(metres, MIDDLE.distance_metres(end))
    reach = Reach(MIDDLE, end, metres)
    for point in points:
        if reach.detour_metres(point) <= metres:
            assert reach.bounds().contains(point)


@given(
    points=st.lists(POINTS, max_size=30),
    bias=st.sampled_from([0.0, 0.5, 1.0]),
    wanted=st.sampled_from([BOTH, {PUBS.id: PUBS}]),
    limit=st.integers(1, 12),
)
def test_the_most_promising_are_chosen_as_a_slow_sort_would(
    points: list[Point], bias: float, wanted: dict[ThemeId, Theme], limit: int
) -> None:
    """The oracle scores all, sorts all and cuts."""
    places = places_of(points)
    taste = Taste(wanted, bias)
    oracle = []
    for place in places:
        corners = (place.location, *place.doors)
        walk = min(2 * MIDDLE.distance_metres(corner) for corner in corners)
        if walk + place.visit_seconds * PACE > 4800.0 or not set(place.theme_ids) & set(wanted):
            continue
        distance = MIDDLE.distance_metres(place.location)
        promise = taste.worth(place) * (0.5 + math.exp(-distance / 1500.0))
        oracle.append((-promise, place.id))
    expected = [place_id for _, place_id in sorted(oracle)][:limit]
    chosen = choose_candidates(places, taste, HOUR, PACE, limit=limit)
    assert ids(chosen) == expected


def test_musts_come_first_however_far_and_unwanted_they_are() -> None:
    """The engine tells which of them cannot be reached; they are never left out in silence."""
    far = replace(a_place(1, themes=()), location=Point(-3.0, 55.95), doors=())
    near = [a_place(number) for number in range(2, 6)]
    taste = Taste(BOTH, 0.5, frozenset({far.id}))
    chosen = choose_candidates([*near, far, far], taste, HOUR, PACE, limit=3)
    assert ids(chosen)[0] == far.id
    assert chosen[0].must_visit
    assert chosen[0].why[0] == "You asked to see it"
    assert len(chosen) == 3


def test_what_is_avoided_is_not_offered() -> None:
    """Not even where it is the best of all."""
    chosen = choose_candidates(
        [a_place(1), a_place(2)], Taste(BOTH, 0.5), HOUR, PACE, avoid={a_place(1).id}
    )
    assert ids(chosen) == [a_place(2).id]


def test_a_park_is_in_reach_where_one_of_its_gates_is() -> None:
    """Its middle is too far, its near gate is not."""
    park = replace(
        a_place(1, at=Point(MIDDLE.longitude + 0.05, MIDDLE.latitude)),
        doors=(Point(MIDDLE.longitude + 0.02, MIDDLE.latitude),),
    )
    assert HOUR.allows(park, PACE)
    assert not HOUR.allows(replace(park, doors=()), PACE)


@given(fame=st.floats(0, 1), bias=st.floats(0, 1), themes=st.integers(0, 2))
def test_the_worth_of_a_place_lies_between_0_and_115(fame: float, bias: float, themes: int) -> None:
    """The engine relies on scores that are never negative."""
    place = replace(a_place(1, themes=(PUBS, MURALS)[:themes]), popularity_score=fame)
    assert 0.0 <= Taste(BOTH, bias).worth(place) <= 115.0


def test_bias_turns_fame_into_worth_or_its_opposite() -> None:
    """0 prefers hidden gems, 1 hotspots, 0.5 what is known by a little; and the reasons say so."""
    famous, hidden = (replace(a_place(1), popularity_score=fame) for fame in (1.0, 0.0))
    for bias, better in ((1.0, famous), (0.0, hidden)):
        worse = hidden if better is famous else famous
        assert Taste(BOTH, bias).worth(better) > Taste(BOTH, bias).worth(worse)
    times = [Taste(BOTH, bias).worth(famous) / Taste(BOTH, bias).worth(hidden) for bias in BIASES]
    assert times == sorted(times), "the more bias, the more fame is worth"
    assert 1.0 < times[1] < 2.0 < times[2]
    assert "One of the best-known sights here" in Taste(BOTH, 1.0).scored(famous).why
    assert "A hidden gem that few people know" in Taste(BOTH, 0.0).scored(hidden).why


def test_what_a_mapper_wrote_on_the_place_is_told() -> None:
    """Builder, year and inscription are reasons to stop; a sermon is cut short."""
    told = {"start_date": "1846", "architect": "G. M. Kemp", "inscription": "x" * 500}
    why = Taste(BOTH, 0.5).scored(replace(a_place(1, themes=(PUBS,)), tags=told)).why
    assert "Dates from 1846" in why
    assert "Designed by G. M. Kemp" in why
    assert max(len(reason) for reason in why) < 150


def test_what_is_closed_throughout_the_walk_is_no_candidate_unless_it_is_a_must() -> None:
    """Shut all along or too short for a visit: left out, and the next best has its room."""
    places = [a_place(number, at=MIDDLE) for number in range(1, 6)]
    shut, closing, open_later, statue, insisted = places
    hours = {
        shut.id: Hours(()),
        closing.id: Hours((Span(0.0, 299.0),)),
        open_later.id: Hours((Span(1800.0, 3600.0),)),
        statue.id: ALWAYS_OPEN,
        insisted.id: Hours((), is_told=False),
    }
    taste = Taste(BOTH, 0.5, frozenset({insisted.id}))
    chosen = choose_candidates(
        places, taste, HOUR, PACE, limit=3, hours_of=lambda place: hours[place.id]
    )
    assert ids(chosen) == [insisted.id, open_later.id, statue.id]
    assert [candidate.hours for candidate in chosen] == [hours[one] for one in ids(chosen)]


@pytest.mark.parametrize(
    ("minutes", "visit_minutes", "musts", "most"),
    [(15, 3.5, 0, 2), (60, 3.5, 0, 8), (60, 2.0, 0, 10), (60, 3.5, 12, 12), (180, 3.5, 3, 23)],
)
def test_a_walk_is_no_list(minutes: int, visit_minutes: float, musts: int, most: int) -> None:
    """One sight in eight minutes or so, more where they are quick to see, and every must."""
    places = [
        replace(a_place(number, at=MIDDLE), visit_seconds=60 * visit_minutes)
        for number in range(1, 61)
    ]
    taste = Taste(BOTH, 0.5, frozenset(place.id for place in places[:musts]))
    assert most_stops([taste.scored(place) for place in places], 60 * minutes) == most
    assert most_stops([], 60 * minutes) == 0
