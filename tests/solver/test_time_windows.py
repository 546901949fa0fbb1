"""Opening hours on published instances with one route: near the best known, and always in time."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from solver.search import search_tour
from solver.tour_problem import told
from tests.data_folder import data_file
from tests.solver.time_window_files import read_toptw, read_tourist_trip
from tests.solver.tour_problems import random_problem

# Optimal scores of one route (Righini and Salani, 2009), as far as they are proven.
OPTIMAL = {
    "c101": 320,
    "c104": 420,
    "c109": 380,
    "r101": 198,
    "r103": 293,
    "r108": 308,
    "rc101": 219,
    "rc104": 301,
    "rc108": 298,
}
# Best known scores of one route, where windows are so wide that half of the hundred places fit in.
BEST_KNOWN = {"r201": 797, "r205": 953, "rc203": 1003, "rc207": 983, "c201": 870}


@pytest.mark.parametrize("name", sorted(OPTIMAL))
def test_narrow_windows_are_solved_to_the_optimum(name: str) -> None:
    """A hundred places with one window each; the told tour keeps all of them."""
    problem = read_toptw(data_file(f"orienteering/time_windows/toptw/{name}.txt"))
    tour = search_tour(problem, iterations=4000, seconds_cap=60.0, seed=1)
    assert tour.score == OPTIMAL[name]
    assert told(problem, tour.order[1:-1]).score == tour.score


def test_wide_windows_lose_little() -> None:
    """Tours of thirty to fifty stops, searched for some thirty milliseconds: 0.6 % are lost at most on average."""
    shares = []
    for name, best in BEST_KNOWN.items():
        problem = read_toptw(data_file(f"orienteering/time_windows/toptw/{name}.txt"))
        for seed in range(4):
            tour = search_tour(problem, iterations=1000, seconds_cap=60.0, seed=seed)
            assert tour.score <= best
            shares.append(tour.score / best)
    assert fmean(shares) >= 0.994


def test_hours_that_shut_nobody_out_cost_nothing() -> None:
    """Every other place is open from before the walk until after it: the tours are as good as without hours."""
    without = within = 0.0
    kinds: list[dict[str, Any]] = [
        {},
        {"grouped": True, "visits": True},
        {"loop": False, "most_stops": 12},
    ]
    for town, kind in product(range(8), kinds):
        problem = random_problem(town, 100, **kind)
        all_day = ((0, 10 * problem.budget),)
        hours = tuple(all_day if node % 2 else () for node in range(problem.node_count))
        timed = replace(problem, windows=hours)
        for seed in range(4):
            without += search_tour(problem, iterations=1000, seconds_cap=60.0, seed=seed).score
            within += search_tour(timed, iterations=1000, seconds_cap=60.0, seed=seed).score
    assert within >= 0.996 * without


def test_a_tourist_day_keeps_the_opening_hours() -> None:
    """Long visits and museums closed on the day: every stop waits for its door and leaves in time."""
    folder: Path = data_file("orienteering/time_windows/ttdp")
    for path in sorted(folder.glob("t[0-9]*.txt")):
        problem = read_tourist_trip(path)
        tour = search_tour(problem, iterations=1500, seconds_cap=60.0, seed=1)
        assert problem.windows is not None
        for node, arrival, waited in list(
            zip(tour.order, tour.arrivals, tour.waiting, strict=True)
        )[1:-1]:
            begin = arrival + waited
            done = begin + int(problem.visit[node])
            assert any(opens <= begin and done <= closes for opens, closes in problem.windows[node])
        again = search_tour(problem, iterations=1500, seconds_cap=60.0, seed=2)
        assert tour.score == pytest.approx(again.score, rel=0.03)
