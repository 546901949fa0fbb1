"""From nothing to five thousand places, and a hundred thousand times in a row without growing."""

from __future__ import annotations

import resource

import numpy as np
import pytest

from solver.errors import InvalidQuestion
from solver.ground import GroundPlan
from solver.search import search_tour
from solver.shortlist import MOST_PLACES, make_shortlist
from solver.tour_problem import TourProblem
from tests.solver.test_tour_search import check_rules
from tests.solver.tour_problems import make_problem, random_problem


def plane_problem(place_count: int, budget: int, seed: int = 5) -> TourProblem:
    """Places on a square of ten kilometres, one start in the middle."""
    dice = np.random.default_rng(seed)
    points = dice.uniform(0, 10_000, size=(place_count + 1, 2))
    points[0] = 5_000
    east = points[:, None, 0] - points[None, :, 0]
    north = points[:, None, 1] - points[None, :, 1]
    scores = dice.integers(1, 100, size=place_count + 1).astype(float)
    scores[0] = 0.0
    return make_problem(
        np.sqrt(east * east + north * north).astype(np.int32), scores.tolist(), budget
    )


def test_five_thousand_places_are_searched() -> None:
    """All within reach: the tour keeps its rules, visits many, and no list is sorted in full."""
    problem = plane_problem(5_000, 60_000)
    tour = search_tour(problem, iterations=64, seconds_cap=60.0, seed=1)
    check_rules(problem, tour)
    assert tour.iterations == 64
    assert len(tour.order) > 300


def test_more_places_than_a_search_takes_are_refused() -> None:
    """Said in words before any memory is taken."""
    count = MOST_PLACES + 2
    problem = TourProblem(
        travel=np.zeros((count, count), dtype=np.int32),
        scores=np.concatenate([[0.0], np.ones(count - 1)]),
        visit=np.zeros(count, dtype=np.int32),
        budget=10,
        start=0,
        end=0,
        must=frozenset(),
        groups=np.full(count, -1, dtype=np.int32),
        group_decay=1.0,
        most_stops=None,
        windows=None,
    )
    with pytest.raises(InvalidQuestion, match="more than"):
        search_tour(problem, iterations=10, seconds_cap=1.0, seed=1)


@pytest.mark.parametrize("symmetric", [True, False])
def test_near_lists_are_those_of_a_full_sort(symmetric: bool) -> None:
    """Partial selection gives the same rows as sorting everything, ties by number."""
    problem = random_problem(11, 60, symmetric=symmetric)
    shortlist = make_shortlist(problem)
    rows = GroundPlan(shortlist, 20).near_rows()
    cost = shortlist.arc_cost.astype(np.int64)
    if not shortlist.symmetric:
        cost = cost + cost.T
    for node, row in enumerate(rows):
        others = [other for other in range(len(cost)) if other != node and node + other != 1]
        others.sort(key=lambda other: (cost[node, other], other))
        assert row.tolist() == others[:20]


def grown_kilobytes(solves: int) -> int:
    """How much the process's peak grows over so many short searches of every kind."""
    problems = [
        random_problem(seed, 12, windowed=seed % 2 == 0, grouped=seed % 3 == 0, musts=seed % 4)
        for seed in range(10)
    ]
    for problem in problems * 20:
        search_tour(problem, iterations=32, seconds_cap=60.0, seed=1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for count in range(solves):
        search_tour(problems[count % 10], iterations=32, seconds_cap=60.0, seed=count)
    # Kilobytes on Linux, where these tests run.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before


def test_two_thousand_searches_leave_no_memory_behind() -> None:
    """One walk's arrays lost in each would be several megabytes."""
    assert grown_kilobytes(2_000) < 1_500


@pytest.mark.soak
def test_a_hundred_thousand_searches_leave_no_memory_behind() -> None:
    """The same bound for fifty times as many: what is left over does not add up."""
    assert grown_kilobytes(100_000) < 2_500
