"""Types of the tour search's door."""

from collections.abc import Callable

from solver.tour_problem import Tour, TourProblem

def search_tour(
    problem: TourProblem,
    *,
    iterations: int,
    seconds_cap: float,
    seed: int,
    report: Callable[[float, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Tour: ...
def search_for_cpu(
    problem: TourProblem, *, cpu_seconds: float, seed: int, enough: float | None = None
) -> Tour: ...
