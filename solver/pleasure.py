"""The pleasure of the way: spends spare time on pleasant streets, and not twice on the same one."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solver.effort import Profile
from solver.errors import DamagedGraph
from solver.osm_walkable import CLASS_SHIFT, Flag, WayClass
from solver.tour_of_question import Shortened
from solver.tour_problem import Tour, TourProblem, earliest_visit
from solver.unfold import Piece, deciseconds, effort_of, way_between
from solver.walk_graph import WalkGraph

# How long a metre feels; what is not named feels like a metre.
FEELS = {
    WayClass.TRUNK: 1.35,
    WayClass.PRIMARY: 1.25,
    WayClass.SECONDARY: 1.15,
    WayClass.TERTIARY: 1.05,
    WayClass.SERVICE: 1.05,
    WayClass.LIVING_STREET: 0.93,
    WayClass.PEDESTRIAN: 0.88,
    WayClass.FOOTWAY: 0.97,
    WayClass.PATH: 0.93,
    WayClass.CORRIDOR: 1.1,
}
GREEN_FEELS = 0.85
WATERSIDE_FEELS = 0.85
AGAIN_FEELS = 2.0  # a street that was walked before
LEAST_FEELS = 0.88 * GREEN_FEELS * WATERSIDE_FEELS

Ways = tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True, slots=True)
class Timetable:
    """A tour in deciseconds: legs between stops, and by position what happens there."""

    legs: tuple[int, ...]
    arrivals: tuple[int, ...]
    waiting: tuple[int, ...]
    visits: tuple[int, ...]


def timetable(problem: TourProblem, order: tuple[int, ...], legs: list[int]) -> Timetable | None:
    """The times of walking the order with these legs; None where a door or the budget is shut."""
    clock, arrivals, waiting, visits = 0, [0], [0], [0]
    for leg, node in zip(legs[:-1], order[1:-1], strict=True):
        clock += leg
        windows = problem.windows[node] if problem.windows is not None else ()
        begin = earliest_visit(windows, clock, int(problem.visit[node]))
        if begin is None:
            return None
        arrivals.append(clock)
        waiting.append(begin - clock)
        visits.append(int(problem.visit[node]))
        clock = begin + visits[-1]
    clock += legs[-1]
    if clock > problem.budget:
        return None
    return Timetable(tuple(legs), (*arrivals, clock), (*waiting, 0), (*visits, 0))


def feelings(graph: WalkGraph) -> NDArray[np.float32]:
    """How long a metre of each edge feels, (edges,)."""
    way_class = graph.edge_word >> CLASS_SHIFT
    by_class = np.ones(32, np.float32)
    for kind, feels in FEELS.items():
        by_class[kind] = feels
    felt: NDArray[np.float32] = by_class[way_class]
    felt[graph.edge_word & Flag.GREEN != 0] *= np.float32(GREEN_FEELS)
    felt[graph.edge_word & Flag.WATERSIDE != 0] *= np.float32(WATERSIDE_FEELS)
    return felt


def pleasant_ways(
    shortened: Shortened,
    tour: Tour,
    graph: WalkGraph,
    profile: Profile,
    metres_per_second: float,
    deadline: float,
) -> tuple[Ways, Timetable]:
    """A way for every leg and the times that go with them, within budget and opening hours.

    Each leg begins as the quickest; then, leg by leg, a way that feels shorter is taken where the
    spare time allows. After the deadline (time.monotonic) the quickest ways stay. Raises
    DamagedGraph where hierarchy and edges of the graph contradict each other.
    """
    order = tour.order
    pairs = list(itertools.pairwise(order))
    if pairs == [(0, 0)]:  # nowhere to go
        return ((),), Timetable((0,), (0, 0), (0, 0), (0, 0))
    ways = [_quickest(shortened, graph, profile, *pair) for pair in pairs]
    legs = [_time_of(graph, profile, way, metres_per_second) for way in ways]
    times = timetable(shortened.problem, order, legs)
    if times is None:
        # Only in a file that was written wrong: its hierarchy tells other times than its edges.
        raise DamagedGraph(
            "the graph contradicts itself: a tour's own ways take longer than it does"
        )
    if len(pairs) == 1:  # nothing to see on the way: straight to the end
        return tuple(ways), times
    felt = feelings(graph)
    for index, pair in enumerate(pairs):
        if time.monotonic() > deadline:
            break
        others = {p.edge for number, way in enumerate(ways) if number != index for p in way}
        factors = felt.copy()
        if others:
            factors[np.fromiter(others, np.int64)] *= np.float32(AGAIN_FEELS)
        way = way_between(graph, profile, shortened.places, *pair, factors, LEAST_FEELS)
        if way is None or way == ways[index]:
            continue
        tried = [*legs]
        tried[index] = _time_of(graph, profile, way, metres_per_second)
        possible = timetable(shortened.problem, order, tried)
        if possible is not None:
            ways[index], legs, times = way, tried, possible
    return tuple(ways), times


def _quickest(
    shortened: Shortened, graph: WalkGraph, profile: Profile, origin: int, goal: int
) -> tuple[Piece, ...]:
    way = way_between(graph, profile, shortened.places, origin, goal)
    if way is None:
        raise DamagedGraph("the graph contradicts itself: a tour goes where there is no way")
    return way


def _time_of(
    graph: WalkGraph, profile: Profile, way: tuple[Piece, ...], metres_per_second: float
) -> int:
    return int(deciseconds(effort_of(graph, profile, way), metres_per_second))
