"""The front door: a question in, a walk out."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

from solver.effort import Profile
from solver.footways import E7
from solver.instructions import instructions_of
from solver.osm_walkable import Flag
from solver.pleasure import Timetable, pleasant_ways
from solver.question import Answer, Leg, Question, Stop
from solver.search import search_tour
from solver.standing import stand
from solver.tour_of_question import Shortened, shorten
from solver.tour_problem import Tour, TourProblem
from solver.unfold import (
    Piece,
    ascent_metres,
    length_metres,
    line_of,
    metres_with,
    overlap_ratio,
)
from solver.walk_graph import WalkGraph

SEARCH_SHARE = 0.8  # of the wall clock; the rest is kept for drawing the walk
WORTH_A_WARNING_METRES = 1.0

Report = Callable[[float, float], None]


def solve(
    question: Question,
    graph: WalkGraph,
    *,
    report: Report | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Answer:
    """The most rewarding walk of the question, as footpath and timetable.

    `report(share, best_score)` is told of progress, share from 0 to 1; once `cancelled()` is true,
    or the question's wall clock has run out, the best walk so far is returned as `truncated`.
    The same question on the same graph has the same answer unless it is truncated. No candidate in
    reach: the walk has no stops and leads straight to the end.

    Raises OutsideCoverage (no footpath within 500 m of the start, or none at the end that can be
    walked to), EndOutOfReach (the end lies beyond the budget), DamagedGraph (the graph contradicts
    itself, which a checksum cannot tell).
    """
    began = time.monotonic()
    tell = report or (lambda _share, _score: None)
    profile = Profile(question.avoid_stairs, question.prefer_well_lit)
    standing = stand(question, graph)
    tell(0.05, 0.0)
    shortened = shorten(question, standing, graph, profile)
    tell(0.15, 0.0)
    tour = _best_tour(
        question, shortened.problem, began + question.seconds_cap * SEARCH_SHARE, tell, cancelled
    )
    deadline = began + question.seconds_cap
    ways, timetable = pleasant_ways(
        shortened, tour, graph, profile, question.metres_per_second, deadline
    )
    answer = _answer(question, shortened, tour, graph, ways, timetable, standing.on_fragment)
    tell(1.0, answer.score)
    return answer


def _best_tour(
    question: Question,
    problem: TourProblem,
    deadline: float,
    tell: Report,
    cancelled: Callable[[], bool] | None,
) -> Tour:
    """The search with the time for pleasure held back; all of the time where a must needs it."""
    straight = int(problem.travel[problem.start, problem.end])
    held_back = max(straight, math.floor(problem.budget * (1.0 - question.pleasure_share)))
    budgets = [(held_back, 0.15)]
    if problem.must and held_back < problem.budget:
        budgets.append((problem.budget, 0.525))
    span = (0.9 - 0.15) / len(budgets)
    for budget, begin in budgets:

        def told(share: float, score: float, begin: float = begin) -> None:
            tell(begin + span * share, score)

        tour = search_tour(
            replace(problem, budget=budget),
            iterations=question.iterations,
            seconds_cap=max(0.001, deadline - time.monotonic()),
            seed=question.seed,
            report=told,
            cancelled=cancelled,
        )
        if not tour.left_out or tour.truncated:
            break
    return tour


def _answer(
    question: Question,
    shortened: Shortened,
    tour: Tour,
    graph: WalkGraph,
    ways: tuple[tuple[Piece, ...], ...],
    timetable: Timetable,
    on_fragment: bool,
) -> Answer:
    stops = tuple(_stops(shortened, tour, timetable))
    legs = tuple(
        _leg(graph, way, shortened, origin, seconds / 10)
        for way, origin, seconds in zip(ways, tour.order, timetable.legs, strict=False)
    )
    ascents = [leg.ascent_metres for leg in legs if leg.ascent_metres is not None]
    return Answer(
        stops=stops,
        legs=legs,
        score=tour.score,
        walking_seconds=sum(timetable.legs) / 10,
        visiting_seconds=sum(timetable.visits) / 10,
        waiting_seconds=sum(timetable.waiting) / 10,
        distance_metres=round(sum(leg.distance_metres for leg in legs), 2),
        ascent_metres=round(sum(ascents), 1) if graph.has_heights else None,
        overlap_ratio=overlap_ratio(ways),
        truncated=tour.truncated,
        reachable_candidates=shortened.reachable,
        iterations=tour.iterations,
        warnings=tuple(_warnings(question, shortened, tour, legs, on_fragment)),
    )


def _stops(shortened: Shortened, tour: Tour, timetable: Timetable) -> list[Stop]:
    stops = []
    for position, node in enumerate(tour.order[1:-1], start=1):
        candidate = shortened.candidates[node]
        if candidate is None:
            raise AssertionError("a tour visits candidates only")
        stops.append(
            Stop(
                key=candidate.key,
                location=_rounded(shortened.places.footholds[node].location),
                arrival_seconds=timetable.arrivals[position] / 10,
                waiting_seconds=timetable.waiting[position] / 10,
                visit_seconds=timetable.visits[position] / 10,
                score=tour.stop_scores[position],
            )
        )
    return stops


def _rounded(place: tuple[float, float]) -> tuple[float, float]:
    return round(place[0] * E7) / E7, round(place[1] * E7) / E7


def _leg(
    graph: WalkGraph, way: tuple[Piece, ...], shortened: Shortened, origin: int, seconds: float
) -> Leg:
    return Leg(
        path=line_of(graph, way, _rounded(shortened.places.footholds[origin].location)),
        distance_metres=length_metres(way),
        walking_seconds=seconds,
        ascent_metres=ascent_metres(graph, way),
        unlit_metres=metres_with(graph, way, Flag.UNLIT),
        steps_metres=metres_with(graph, way, Flag.STEPS),
        instructions=instructions_of(graph, way),
    )


def _warnings(
    question: Question,
    shortened: Shortened,
    tour: Tour,
    legs: tuple[Leg, ...],
    on_fragment: bool,
) -> list[str]:
    warnings = []
    if question.avoid_stairs and any(leg.steps_metres for leg in legs):
        warnings.append("stairs_unavoidable")
    unlit = sum(leg.unlit_metres for leg in legs)
    if question.prefer_well_lit and unlit >= WORTH_A_WARNING_METRES:
        warnings.append("unlit_sections")
    if shortened.unreachable_musts or tour.left_out:
        warnings.append("must_visit_unreachable")
    if on_fragment:
        warnings.append("start_on_island")
    return warnings
