"""Among edges that are about equally near, a place stands on the one that makes the walk short."""

from __future__ import annotations

import pytest

from solver.question import Candidate, LonLat, Question
from solver.solve import solve
from solver.walk_graph import WalkGraph
from tests.solver.towns import EDINBURGH, MONACO, Way, real_graph, sights, town

# Two long lanes, 20 m apart, joined at their far west end only; the wall between them is no way.
NORTH, SOUTH = 550_001_800, 550_000_000
LANES = {
    1: (0, NORTH),
    2: (100_000, NORTH),
    3: (0, SOUTH),
    4: (100_000, SOUTH),
    5: (-1_000_000, NORTH),
    6: (-1_000_000, SOUTH),
    7: (0, NORTH + 5_000),
    8: (0, SOUTH - 5_000),
}
BETWEEN = 55.00009  # halfway, in degrees
LANE_WAYS = [Way((5, 1, 2)), Way((6, 3, 4)), Way((5, 6)), Way((1, 7)), Way((3, 8))]


def lanes() -> WalkGraph:
    """The two lanes as a network."""
    return town(LANE_WAYS, LANES)


def place(key: int, spot: LonLat, *others: LonLat) -> Candidate:
    """A place with these doors, visited in a minute."""
    return Candidate(key, (spot, *others), 1.0, visit_seconds=60.0)


@pytest.mark.parametrize("lane", [55.00018, 55.0])
def test_a_place_between_two_lanes_is_seen_from_the_walker_s(lane: float) -> None:
    """It lies two metres nearer to the other lane, which is thirteen kilometres away on foot."""
    nearer_to_the_other = BETWEEN + (0.00001 if lane < BETWEEN else -0.00001)
    question = Question((0.0, lane), 900.0, (place(1, (0.008, nearer_to_the_other)),))
    answer = solve(question, lanes())
    assert [stop.key for stop in answer.stops] == [1]
    assert answer.stops[0].location[1] == pytest.approx(lane, abs=1e-6)
    assert answer.distance_metres == pytest.approx(2 * 510, rel=0.02)


def test_a_park_is_entered_by_the_gate_on_the_way() -> None:
    """Two gates, one on each lane: the near lane's, though both touch their lanes."""
    question = Question(
        (0.0, 55.0), 900.0, (place(1, (0.008, 55.00018), (0.008, 55.0)),), end=(0.009, 55.0)
    )
    answer = solve(question, lanes())
    assert [stop.location[1] for stop in answer.stops] == [pytest.approx(55.0, abs=1e-6)]


def test_a_place_is_left_from_where_it_was_visited() -> None:
    """Legs follow each other without a jump: one foothold serves both."""
    for name in (EDINBURGH, MONACO):
        graph = real_graph(name)
        spots = sights(name)
        for number in range(0, 60, 10):
            answer = solve(Question(spots[number].doors[0], 3600.0, spots[:400]), graph)
            for earlier, later, stop in zip(
                answer.legs[:-1], answer.legs[1:], answer.stops, strict=True
            ):
                assert earlier.path[-1] == pytest.approx(stop.location, abs=2e-7)  # a centimetre
                assert later.path[0] == pytest.approx(stop.location, abs=2e-7)


def test_a_walker_stands_where_they_say() -> None:
    """A start is not moved to the other lane for the sake of a place there."""
    start = (0.0, BETWEEN + 0.00003)  # 7 m from the northern lane, 13 m from the southern
    question = Question(start, 900.0, (place(1, (0.008, 55.0)),))
    answer = solve(question, lanes())
    assert answer.legs[0].path[0][1] == pytest.approx(55.00018, abs=1e-6)
