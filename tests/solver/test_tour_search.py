"""The tour search against the exact oracle, and what every tour must keep."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from solver.errors import InvalidQuestion
from solver.search import search_for_cpu, search_tour
from solver.tour_problem import Tour, TourProblem, told
from tests.solver.tour_oracle import best_worth
from tests.solver.tour_problems import make_problem, random_problem

KINDS = st.fixed_dictionaries(
    {
        "loop": st.booleans(),
        "symmetric": st.booleans(),
        "visits": st.booleans(),
        "musts": st.sampled_from([0, 0, 1, 3, 6]),
        "grouped": st.booleans(),
        "most_stops": st.sampled_from([None, None, 0, 1, 3]),
        "windowed": st.booleans(),
    }
)


def search(problem: TourProblem, *, iterations: int = 1500, seed: int = 0) -> Tour:
    """A search no clock can cut short."""
    return search_tour(problem, iterations=iterations, seconds_cap=600.0, seed=seed)


def check_rules(problem: TourProblem, tour: Tour) -> None:
    """Walk the tour again by the book: every figure it tells must come out the same."""
    stops = tour.order[1:-1]
    assert (tour.order[0], tour.order[-1]) == (problem.start, problem.end)
    assert len(set(stops)) == len(stops)
    assert problem.start not in stops
    assert problem.end not in stops
    assert problem.most_stops is None or len(stops) <= problem.most_stops
    assert tour.cost <= problem.budget
    assert set(tour.left_out) == problem.must - set(tour.order)
    again = told(problem, stops, truncated=tour.truncated, iterations=tour.iterations)
    assert again == tour


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32), place_count=st.integers(0, 6), kind=KINDS)
# Tight hours: a search that always makes room in the same way never finds the best tour.
@example(
    seed=4677,
    place_count=5,
    kind={
        "loop": False,
        "symmetric": True,
        "visits": True,
        "musts": 6,
        "grouped": True,
        "most_stops": 4,
        "windowed": True,
    },
)
@example(
    seed=5565,
    place_count=5,
    kind={
        "loop": False,
        "symmetric": False,
        "visits": True,
        "musts": 6,
        "grouped": False,
        "most_stops": None,
        "windowed": True,
    },
)
@example(
    seed=5817,
    place_count=6,
    kind={
        "loop": False,
        "symmetric": True,
        "visits": False,
        "musts": 0,
        "grouped": True,
        "most_stops": None,
        "windowed": True,
    },
)
def test_small_tours_are_as_good_as_trying_every_one(
    seed: int, place_count: int, kind: dict[str, object]
) -> None:
    """Loops and paths, one-way costs, visits, musts, themes, windows, few stops: all exact."""
    problem = random_problem(seed, place_count, **kind)  # type: ignore[arg-type]
    tour = search(problem, seed=seed)
    check_rules(problem, tour)
    musts, score = best_worth(problem)
    assert len(problem.must) - len(tour.left_out) == musts
    assert tour.score == pytest.approx(score)


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32), place_count=st.integers(0, 40), kind=KINDS)
def test_no_matrix_is_too_odd_for_the_rules(
    seed: int, place_count: int, kind: dict[str, object]
) -> None:
    """Ways that do not exist and ways longer than the way around: the tour still keeps every rule."""
    problem = random_problem(seed, place_count, scattered=True, **kind)  # type: ignore[arg-type]
    check_rules(problem, search(problem, iterations=200, seed=seed))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), kind=KINDS)
@example(seed=7, kind={})
def test_one_seed_is_one_answer(seed: int, kind: dict[str, object]) -> None:
    """Searched twice, the same tour, whatever was searched in between."""
    problem = random_problem(seed, 30, **kind)  # type: ignore[arg-type]
    first = search(problem, iterations=300, seed=seed)
    search(random_problem(seed + 1, 20), iterations=50, seed=seed)
    assert search(problem, iterations=300, seed=seed) == first


def test_a_loop_without_places_stays_at_home() -> None:
    """No place: start, end, nothing walked."""
    tour = search(make_problem([[0]], [0.0], 100))
    assert (tour.order, tour.score, tour.cost) == ((0, 0), 0.0, 0)


def test_one_place_within_reach_is_visited() -> None:
    """There and back just fits, and with one decisecond less it does not."""
    problem = make_problem([[0, 50], [50, 0]], [0.0, 3.0], 110, visit=[0, 10])
    tour = search(problem)
    assert (tour.order, tour.cost, tour.arrivals) == ((0, 1, 0), 110, (0, 50, 110))
    tight = make_problem([[0, 50], [50, 0]], [0.0, 3.0], 109, visit=[0, 10])
    assert search(tight).order == (0, 0)


def test_places_without_score_are_passed_by_unless_a_must() -> None:
    """A zero score is no reason to walk; a must-visit is."""
    travel = 10 * (1 - np.eye(4, dtype=np.int32))
    assert search(make_problem(travel, [0.0] * 4, 100)).order == (0, 0)
    asked = make_problem(travel, [0.0] * 4, 100, must=frozenset({2}))
    assert search(asked).order == (0, 2, 0)


def test_places_behind_one_door_are_all_visited() -> None:
    """Twenty places at one point cost no walking between them."""
    travel = np.zeros((21, 21), dtype=np.int32)
    travel[0, 1:] = travel[1:, 0] = 30
    tour = search(make_problem(travel, [0.0] + [1.0] * 20, 60))
    assert (tour.score, tour.cost) == (20.0, 60)


def test_a_search_reports_often_and_never_backwards() -> None:
    """At least five reports, growing progress and score, the last one at the end."""
    reports: list[tuple[float, float]] = []
    problem = random_problem(3, 60)
    tour = search_tour(
        problem,
        iterations=2000,
        seconds_cap=600.0,
        seed=1,
        report=lambda progress, score: reports.append((progress, score)),
    )
    assert len(reports) >= 5
    assert reports == sorted(reports)
    assert reports[-1] == (1.0, tour.score)


def test_a_cancelled_search_gives_its_best_so_far() -> None:
    """The third question is answered yes: the tour is whole, truncated, and of that moment."""
    answers = iter([False, False, True])
    problem = random_problem(3, 60)
    tour = search_tour(
        problem,
        iterations=10**9,
        seconds_cap=600.0,
        seed=1,
        cancelled=lambda: next(answers),
    )
    assert tour.truncated
    assert tour.score > 0
    check_rules(problem, tour)


def test_no_time_at_all_still_gives_the_greedy_tour() -> None:
    """A cap of nothing is a truncated search, not an error."""
    problem = random_problem(3, 60)
    tour = search_tour(problem, iterations=10**9, seconds_cap=0.0, seed=1)
    assert tour.truncated
    assert tour.iterations == 0
    assert tour.score > 0
    check_rules(problem, tour)


def test_a_search_by_the_processors_clock_keeps_the_rules_and_ends_when_it_has_enough() -> None:
    """With all its time it finds a tour of its own; told that half as much is enough, it stops early."""
    problem = random_problem(4, 60)
    tour = search_for_cpu(problem, cpu_seconds=0.2, seed=1)
    check_rules(problem, tour)
    soon = search_for_cpu(problem, cpu_seconds=600.0, seed=1, enough=tour.score / 2)
    check_rules(problem, soon)
    assert soon.score >= tour.score / 2
    assert soon.iterations < tour.iterations


def test_an_end_beyond_the_budget_is_refused() -> None:
    """No tour at all exists: that is the asker's mistake, said when the problem is made."""
    with pytest.raises(InvalidQuestion, match="end cannot be reached"):
        make_problem([[0, 50], [50, 0]], [0.0, 0.0], 49, end=1)


@pytest.mark.parametrize("count", [300, 1000])
def test_musts_too_many_to_fit_leave_out_as_few_as_can_be(count: int) -> None:
    """On a line every must within half the budget fits, and only those are kept."""
    travel = np.abs(np.subtract.outer(np.arange(count), np.arange(count))).astype(np.int32)
    problem = make_problem(travel, [0.0] * count, count, must=frozenset(range(1, count)))
    tour = search(problem, iterations=50)
    assert len(tour.order) - 2 == count // 2
    assert tour.left_out == tuple(range(count // 2 + 1, count))


@pytest.mark.parametrize(
    ("kind", "fingerprint"),
    [
        ({}, "259129b209a3"),
        ({"symmetric": False, "visits": True}, "25f232dac9a6"),
        ({"windowed": True, "grouped": True}, "2dcf5da39f63"),
        ({"loop": False, "most_stops": 6, "musts": 3}, "32eac65c0ae6"),
    ],
)
def test_the_answer_is_the_same_on_every_machine(kind: dict[str, object], fingerprint: str) -> None:
    """Tours found on one machine, written down: another compiler or processor must find the same.

    A change of the search changes them; then they are written down anew.
    """
    orders = [
        search(random_problem(seed, 60, **kind), iterations=600, seed=seed).order  # type: ignore[arg-type]
        for seed in range(5)
    ]
    assert hashlib.sha256(repr(orders).encode()).hexdigest()[:12] == fingerprint
