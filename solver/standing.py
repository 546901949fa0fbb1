"""Where start, end and candidates stand on the network, and which candidates can be visited at all."""

from __future__ import annotations

import math
from dataclasses import dataclass

from solver.errors import OutsideCoverage
from solver.question import Candidate, LonLat, Question
from solver.walk_graph import Foothold, WalkGraph

START_METRES = 500.0  # the contract: no footpath within 500 m is outside coverage
DOOR_METRES = 150.0  # farther than that from every path, a place is seen, not visited
METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Footholds of everything that can be reached in principle: all on one island."""

    start: Foothold
    end: Foothold | None  # None: a loop
    stops: tuple[tuple[Candidate, Foothold], ...]
    unreachable_musts: tuple[int, ...]  # keys
    on_fragment: bool  # the start's island is a scrap of the map
    level: bool  # every foothold can be walked to without steps


def stand(question: Question, graph: WalkGraph) -> Standing:
    """Snap everything; raises OutsideCoverage for a start or an end without a footpath near."""
    start, level = _start(question, graph)
    island = graph.island_of(start, avoid_stairs=level)
    end = None
    stays_level = level
    if question.end is not None:
        end = graph.nearest(question.end, START_METRES, avoid_stairs=level, only_island=island)
        if end is None and level:
            stays_level = False
            end = _on_islands_with_steps(graph, start, question.end, START_METRES)
        if end is None:
            raise OutsideCoverage("no footpath near the end can be walked to from the start")
    reach_metres = question.budget_seconds * question.metres_per_second * 1.2
    stops, unreachable = [], []
    for candidate in question.candidates:
        if not candidate.must_visit and not _within(question, candidate, reach_metres):
            continue
        foothold = _door(graph, candidate, island, level=level)
        if foothold is None and candidate.must_visit and level:
            foothold = _stepped_door(graph, start, candidate)
            stays_level = stays_level and foothold is None
        if foothold is not None:
            stops.append((candidate, foothold))
        elif candidate.must_visit:
            unreachable.append(candidate.key)
    return Standing(
        start=start,
        end=end,
        stops=tuple(stops),
        unreachable_musts=tuple(unreachable),
        on_fragment=not graph.is_sizeable(island, avoid_stairs=level),
        level=stays_level,
    )


def reaches_footpath(graph: WalkGraph, place: LonLat) -> bool:
    """Whether a walk can start here: some footpath within 500 m."""
    return graph.nearest(place, START_METRES, only_sizeable=False) is not None


def _start(question: Question, graph: WalkGraph) -> tuple[Foothold, bool]:
    """The start's foothold and whether the step-free islands count."""
    tries = [(True, True)] if question.avoid_stairs else []
    for level, only_sizeable in [*tries, (False, True), (False, False)]:
        found = graph.nearest(
            question.start, START_METRES, avoid_stairs=level, only_sizeable=only_sizeable
        )
        if found is not None:
            return found, level
    raise OutsideCoverage("no footpath lies within 500 m of the start")


def _door(graph: WalkGraph, candidate: Candidate, island: int, *, level: bool) -> Foothold | None:
    """The foothold of the door nearest to the network, if it is on the start's island."""
    sizeable = graph.is_sizeable(island, avoid_stairs=level)
    key = (candidate.doors, level, None if sizeable else island)
    if key not in graph.known_doors:
        graph.remember_door(
            key, _nearest_door(graph, candidate, None if sizeable else island, level)
        )
    found = graph.known_doors[key]
    if found is None or graph.island_of(found, avoid_stairs=level) != island:
        return None
    return found


def _nearest_door(
    graph: WalkGraph, candidate: Candidate, only_island: int | None, level: bool
) -> Foothold | None:
    best: Foothold | None = None
    for door in candidate.doors:
        radius = DOOR_METRES if best is None else best.gap_metres
        found = graph.nearest(door, radius, avoid_stairs=level, only_island=only_island)
        if found is not None and (best is None or found.gap_metres < best.gap_metres):
            best = found
    return best


def _stepped_door(graph: WalkGraph, start: Foothold, candidate: Candidate) -> Foothold | None:
    found = [
        foothold
        for door in candidate.doors
        if (foothold := _on_islands_with_steps(graph, start, door, DOOR_METRES)) is not None
    ]
    return min(found, key=lambda foothold: foothold.gap_metres, default=None)


def _on_islands_with_steps(
    graph: WalkGraph, start: Foothold, place: LonLat, radius_metres: float
) -> Foothold | None:
    return graph.nearest(place, radius_metres, only_island=graph.island_of(start))


def _within(question: Question, candidate: Candidate, reach_metres: float) -> bool:
    """Whether the crow could make the detour; the network is asked later."""
    end = question.end or question.start
    return any(
        _crow(question.start, door) + _crow(door, end) <= reach_metres + 2 * START_METRES
        for door in candidate.doors
    )


def _crow(here: LonLat, there: LonLat) -> float:
    shrink = math.cos(math.radians(here[1]))
    return METRES_PER_DEGREE * math.hypot((there[0] - here[0]) * shrink, there[1] - here[1])
