"""Turns a question on the network into a tour problem: who is near enough, and how long all ways take."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solver.choose_footholds import all_footholds, anchors, nearest_of_each
from solver.effort import IMPASSABLE, STAIRS_PENALTY, UNLIT_WEIGHT, Profile
from solver.errors import EndOutOfReach
from solver.footing import Footing, footing, labels_between, spread_from, spread_to
from solver.question import Candidate, Question
from solver.standing import Standing
from solver.tour_problem import LONGEST_BUDGET, UNREACHABLE, TourProblem, Windows
from solver.unfold import deciseconds
from solver.walk_graph import WalkGraph

MOST_PLACES = 400  # a matrix and a search of this size still fit into a tenth of a second
MOST_FLIGHTS = 100  # of stairs, when there is no way without; bounds the weights searched
HEAVIEST = 2**30
_EFFORT = np.uint64(0xFFFF_FFFF)


@dataclass(frozen=True, slots=True)
class Shortened:
    """The tour problem and what its nodes are: 0 the start, the end, then candidates."""

    problem: TourProblem
    places: Footing  # by node
    candidates: tuple[Candidate | None, ...]  # by node, None for start and end
    reachable: int  # optional and must-visit candidates within the budget, before any cut
    unreachable_musts: tuple[int, ...]


def shorten(
    question: Question, standing: Standing, graph: WalkGraph, profile: Profile
) -> Shortened:
    """Prune by the detour each candidate costs, then measure all ways between those left.

    Raises EndOutOfReach when even the straight way to the end takes longer than the budget.
    """
    budget = min(LONGEST_BUDGET, math.floor(question.budget_seconds * 10 + 1e-6))
    limit = _heaviest(question, standing)
    anchored = anchors(standing, graph, profile, limit)
    first, end = len(anchored), len(anchored) - 1
    footholds = all_footholds(standing, anchored)
    every = footing(graph, profile, footholds)
    out = _walking_times(spread_from(graph, profile, every, 0, limit), question)
    back = _walking_times(spread_to(graph, profile, every, end, limit), question)
    if out[end] > budget:
        raise EndOutOfReach("the end cannot be reached within the budget")
    detours = (out + back)[first:]
    chosen = nearest_of_each(
        [group for _, group in standing.stops], detours, 10.0 * question.metres_per_second
    )
    kept, reachable = _worth_a_detour(standing, detours[chosen], budget)
    nodes = [*range(first), *(first + number for number in kept)]
    places = footing(
        graph, profile, (*anchored, *(footholds[first + chosen[number]] for number in kept))
    )
    travel = _walking_times(labels_between(graph, profile, places, limit), question)
    np.fill_diagonal(travel, 0)
    candidates = tuple(None if node < first else standing.stops[node - first][0] for node in nodes)
    dropped = {candidate.key for candidate, _ in standing.stops if candidate.must_visit} - {
        candidate.key for candidate in candidates if candidate is not None
    }
    return Shortened(
        problem=_problem(question, candidates, travel.astype(np.int32), budget, end),
        places=places,
        candidates=candidates,
        reachable=reachable,
        unreachable_musts=(*standing.unreachable_musts, *sorted(dropped)),
    )


def _heaviest(question: Question, standing: Standing) -> int:
    """The largest weight a way of use can have."""
    centimetres = question.budget_seconds * question.metres_per_second * 100
    if question.prefer_well_lit:
        centimetres *= UNLIT_WEIGHT
    if question.avoid_stairs and not standing.level:
        centimetres += MOST_FLIGHTS * STAIRS_PENALTY
    return min(HEAVIEST, math.ceil(centimetres) + 1)


def _walking_times(labels: NDArray[np.uint64], question: Question) -> NDArray[np.int64]:
    """Deciseconds of real walking, UNREACHABLE where there is no way."""
    times = deciseconds(labels & _EFFORT, question.metres_per_second)
    times[labels == IMPASSABLE] = UNREACHABLE
    return np.minimum(times, UNREACHABLE)


def _worth_a_detour(
    standing: Standing, detours: NDArray[np.int64], budget: int
) -> tuple[list[int], int]:
    """Numbers of the candidates that fit alone, the best of them where there are too many."""
    fitting: list[tuple[bool, float, int]] = []
    for number, (candidate, _) in enumerate(standing.stops):
        spent = int(detours[number]) + math.ceil(candidate.visit_seconds * 10 - 1e-6)
        if spent > budget or (candidate.score <= 0 and not candidate.must_visit):
            continue
        # A place far off must be better than one on the way; a minute keeps the nearest in check.
        worth = candidate.score / math.sqrt(600 + spent)
        fitting.append((not candidate.must_visit, -worth, number))
    fitting.sort()
    return sorted(number for _, _, number in fitting[:MOST_PLACES]), len(fitting)


def _problem(
    question: Question,
    candidates: tuple[Candidate | None, ...],
    travel: NDArray[np.int32],
    budget: int,
    end: int,
) -> TourProblem:
    def of_each(value: dict[int, float], fallback: float) -> list[float]:
        return [value.get(node, fallback) for node in range(len(candidates))]

    places = {node: one for node, one in enumerate(candidates) if one is not None}
    visits = {node: math.ceil(one.visit_seconds * 10 - 1e-6) for node, one in places.items()}
    return TourProblem(
        travel=np.ascontiguousarray(travel),
        scores=np.array(of_each({n: one.score for n, one in places.items()}, 0.0), np.float64),
        visit=np.array(of_each(dict(visits), 0), np.int32),
        budget=budget,
        start=0,
        end=end,
        must=frozenset(node for node, one in places.items() if one.must_visit),
        groups=np.array(of_each({n: one.group for n, one in places.items()}, -1), np.int32),
        group_decay=question.group_decay,
        most_stops=question.most_stops,
        windows=_windows(candidates),
    )


def _windows(candidates: tuple[Candidate | None, ...]) -> Windows | None:
    """Opening hours in deciseconds, None when everybody is always open."""
    if not any(candidate is not None and candidate.windows for candidate in candidates):
        return None
    return tuple(
        tuple(
            (max(0, math.ceil(window.opens_seconds * 10)), math.floor(window.closes_seconds * 10))
            for window in candidate.windows
            if window.closes_seconds >= 0
        )
        or (((0, 0),) if candidate.windows else ())  # all hours are over: never open
        if candidate is not None
        else ()
        for candidate in candidates
    )
