"""The upper bound of tours: never below the exact best, and not far above it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.bounds import relax, upper_bound
from tests.solver.tour_oracle import best_worth
from tests.solver.tour_problems import make_problem, random_problem


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    place_count=st.integers(0, 7),
    symmetric=st.booleans(),
    visits=st.booleans(),
)
def test_no_tour_beats_its_bound(
    seed: int, place_count: int, symmetric: bool, visits: bool
) -> None:
    """The exact best of small loops lies below the relaxation, one-way costs and visits included."""
    problem = random_problem(seed, place_count, symmetric=symmetric, visits=visits)
    _, best = best_worth(problem)
    assert upper_bound(relax(problem), 5.0) >= best - 1e-6


def test_the_cuts_bring_the_bound_down_to_the_best() -> None:
    """A cluster that cannot be reached and left is worth nothing once it is cut off."""
    # Four places near each other, 90 away from the start; the budget ends before the first of them.
    near = [[0 if a == b else 1 for b in range(4)] for a in range(4)]
    travel = [[0, *[90] * 4], *([90, *row] for row in near)]
    reachable = make_problem(travel, [0.0, 5.0, 5.0, 5.0, 5.0], 183)
    assert upper_bound(relax(reachable), 5.0) == pytest.approx(20.0)
    beyond = make_problem(travel, [0.0, 5.0, 5.0, 5.0, 5.0], 179)
    assert upper_bound(relax(beyond), 5.0) == pytest.approx(0.0)
