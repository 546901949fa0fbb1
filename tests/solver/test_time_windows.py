"""Opening hours on published instances with one route: near the best known, and always in time."""

from __future__ import annotations

from pathlib import Path

import pytest

from solver.search import search_tour
from solver.tour_problem import told
from tests.data_folder import data_file
from tests.solver.time_window_files import read_toptw, read_tourist_trip

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


@pytest.mark.parametrize("name", sorted(OPTIMAL))
def test_narrow_windows_are_solved_to_the_optimum(name: str) -> None:
    """A hundred places with one window each; the told tour keeps all of them."""
    problem = read_toptw(data_file(f"orienteering/time_windows/toptw/{name}.txt"))
    tour = search_tour(problem, iterations=8000, seconds_cap=60.0, seed=1)
    assert tour.score == OPTIMAL[name]
    assert told(problem, tour.order[1:-1]).score == tour.score


def test_wide_windows_lose_little() -> None:
    """Clusters with windows of half a day: 870 is optimal for c201."""
    problem = read_toptw(data_file("orienteering/time_windows/toptw/c201.txt"))
    tour = search_tour(problem, iterations=3000, seconds_cap=60.0, seed=1)
    assert 850 <= tour.score <= 870


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
