"""The way in lines and words: turns, streets, steps, and what was walked before."""

from __future__ import annotations

import numpy as np
import pytest

from solver.effort import Profile
from solver.footing import footing
from solver.instructions import instructions_of
from solver.pleasure import timetable
from solver.tour_problem import TourProblem
from solver.unfold import Piece, line_of, overlap_ratio, piece_line, way_between
from solver.walk_graph import Foothold, WalkGraph
from tests.solver.towns import Way, town

HIGH_STREET = (("highway", "residential"), ("name", "High Street"))
CLOSE = (("highway", "footway"), ("name", "Cockburn Street"))
STEPS = (("highway", "steps"), ("name", "The Mound"))
LINK = (("highway", "footway"),)
# At the equator a thousand E7 are 11.1 m both ways.
#   4
#   |        (steps)
#   3---5    3-5: Cockburn Street
#   |        2-3: High Street
#   1 2      1-2: High Street, going east
PLACES = {
    1: (0, 0),
    2: (10_000, 0),
    3: (10_000, 20_000),
    4: (10_000, 30_000),
    5: (30_000, 20_000),
    6: (31_000, 20_000),
    7: (31_000, 40_000),
}
CORNER = [
    Way((1, 2, 3), HIGH_STREET),
    Way((3, 4), STEPS),
    Way((3, 5), CLOSE),
    Way((5, 6), LINK),
    Way((6, 7), CLOSE),
]


def walked(
    graph: WalkGraph, start: tuple[float, float], goal: tuple[float, float]
) -> tuple[Piece, ...]:
    """The way between the points of the network nearest to two places."""
    ends = [graph.nearest(place, 500.0) for place in (start, goal)]
    assert ends[0] is not None
    assert ends[1] is not None
    way = way_between(graph, Profile(), footing(graph, Profile(), (ends[0], ends[1])), 0, 1)
    assert way is not None
    return way


def test_a_leg_is_told_street_by_street() -> None:
    """Depart with a heading, turn by name, take the steps, arrive."""
    graph = town(CORNER, PLACES)
    told = instructions_of(graph, walked(graph, (0.0, 0.0), (0.001, 0.003)))
    assert [one.manoeuvre for one in told] == ["depart", "steps", "arrive"]
    assert told[0].text == "Walk east along High Street, 330 m"
    assert told[1].text == "Take the steps in The Mound, 110 m"
    told = instructions_of(graph, walked(graph, (0.001, 0.003), (0.003, 0.002)))
    assert [one.manoeuvre for one in told] == ["depart", "left", "arrive"]
    assert told[1].text == "Turn left into Cockburn Street, 220 m"
    assert told[1].street == "Cockburn Street"


def test_a_nameless_link_is_part_of_the_street() -> None:
    """Eleven metres of footway between two parts of a street are not told apart."""
    graph = town(CORNER, PLACES)
    told = instructions_of(graph, walked(graph, (0.001, 0.002), (0.0031, 0.004)))
    assert [one.street for one in told] == ["Cockburn Street", "Cockburn Street"]
    assert told[0].distance_metres == pytest.approx(222 + 11 + 222, abs=3)


def test_the_way_back_turns_the_other_way() -> None:
    """Left there is right back, and the line is the same line reversed."""
    graph = town(CORNER, PLACES)
    there = walked(graph, (0.0, 0.0), (0.003, 0.002))
    back = walked(graph, (0.003, 0.002), (0.0, 0.0))
    assert [one.manoeuvre for one in instructions_of(graph, there)] == ["depart", "right", "arrive"]
    assert [one.manoeuvre for one in instructions_of(graph, back)] == ["depart", "left", "arrive"]
    assert line_of(graph, there, (0.0, 0.0)) == line_of(graph, back, (0.0, 0.0))[::-1]


def test_a_piece_part_way_has_its_ends_part_way() -> None:
    """From a quarter to three quarters of an edge, forward and backward, corners kept."""
    graph = town([Way((1, 2, 3), HIGH_STREET)], PLACES)
    length = int(graph.edge_length[0])
    line = piece_line(graph, Piece(0, length // 4, length * 3 // 4))
    assert line[0] == pytest.approx((0.00075, 0.0), abs=2e-6)
    assert line[1] == (0.001, 0.0)
    assert line[-1] == pytest.approx((0.001, 0.00125), abs=2e-6)
    assert piece_line(graph, Piece(0, length * 3 // 4, length // 4)) == line[::-1]


def test_two_places_on_one_edge_are_joined_along_it() -> None:
    """Neither runs to the junction and back; no distance is no way at all."""
    graph = town([Way((1, 2, 3), HIGH_STREET)], PLACES)
    here, there = Foothold(0, 1000, (0.0, 0.0), 0.0), Foothold(0, 5000, (0.0, 0.0), 0.0)
    places = footing(graph, Profile(), (here, there))
    assert way_between(graph, Profile(), places, 0, 1) == (Piece(0, 1000, 5000),)
    assert way_between(graph, Profile(), places, 1, 0) == (Piece(0, 5000, 1000),)


def test_overlap_counts_what_was_walked_before() -> None:
    """There and back is half; meeting for a stretch counts that stretch once."""
    there = (Piece(0, 0, 1000), Piece(1, 0, 500))
    back = (Piece(1, 500, 0), Piece(0, 1000, 0))
    assert overlap_ratio([there]) == 0.0
    assert overlap_ratio([there, back]) == 0.5
    assert overlap_ratio([(Piece(0, 0, 600),), (Piece(0, 1000, 400),)]) == pytest.approx(
        200 / 1200, abs=1e-4
    )
    assert overlap_ratio([]) == 0.0


def test_a_timetable_waits_for_doors_and_refuses_what_is_late() -> None:
    """Waiting shifts all that follows; a leg that breaks the budget or a door gives None."""
    problem = TourProblem(
        travel=np.full((2, 2), 100, np.int32),
        scores=np.array([0.0, 1.0]),
        visit=np.array([0, 50], np.int32),
        budget=400,
        start=0,
        end=0,
        must=frozenset(),
        groups=np.array([-1, -1], np.int32),
        group_decay=1.0,
        most_stops=None,
        windows=((), ((150, 250),)),
    )
    times = timetable(problem, (0, 1, 0), [100, 100])
    assert times is not None
    assert (times.arrivals, times.waiting, times.visits) == ((0, 100, 300), (0, 50, 0), (0, 50, 0))
    assert timetable(problem, (0, 1, 0), [201, 100]) is None
    assert timetable(problem, (0, 1, 0), [100, 201]) is None
