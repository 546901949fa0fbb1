"""Where start, end and candidates stand on the network, and which candidates can be visited at all."""

from __future__ import annotations

import math
from dataclasses import dataclass

from solver.errors import OutsideCoverage
from solver.question import Candidate, LonLat, Question
from solver.walk_graph import Foothold, WalkGraph

START_METRES = 500.0  # the contract: no footpath within 500 m is outside coverage
DOOR_METRES = 150.0  # farther than that from every path, a place is seen, not visited
MOST_FOOTHOLDS = 12  # a park has as many gates
# How much farther than the nearest another edge may be, in metres and as a share, to be compared.
# Walkers stand where they say they stand: only the other pavement of a lane is as good. Around a
# place it is anybody's guess where one sees it best.
AS_NEAR = (3.0, 0.0)
HARDLY_FARTHER = (10.0, 0.25)
METRES_PER_DEGREE = 111_195.0


Footholds = tuple[Foothold, ...]  # where one place may stand, nearest first


@dataclass(frozen=True, slots=True)
class Standing:
    """Where everything that can be reached in principle may stand: all on one island."""

    starts: Footholds
    ends: Footholds  # none: a loop
    stops: tuple[tuple[Candidate, Footholds], ...]
    unreachable_musts: tuple[int, ...]  # keys
    on_fragment: bool  # the start's island is a scrap of the map
    level: bool  # every foothold can be walked to without steps


def stand(question: Question, graph: WalkGraph) -> Standing:
    """Snap everything; raises OutsideCoverage for a start or an end without a footpath near."""
    starts, level = _starts(question, graph)
    island = graph.island_of(starts[0], avoid_stairs=level)
    ends: Footholds = ()
    stays_level = level
    if question.end is not None:
        ends = graph.near(
            question.end, START_METRES, avoid_stairs=level, only_island=island, slack=AS_NEAR
        )
        if not ends and level:
            stays_level = False
            ends = _on_islands_with_steps(graph, starts[0], question.end, START_METRES, AS_NEAR)
        if not ends:
            raise OutsideCoverage("no footpath near the end can be walked to from the start")
    reach_metres = question.budget_seconds * question.metres_per_second * 1.2
    stops, unreachable = [], []
    for candidate in question.candidates:
        if not candidate.must_visit and not _within(question, candidate, reach_metres):
            continue
        footholds = _doors(graph, candidate, island, level=level)
        if not footholds and candidate.must_visit and level:
            footholds = _stepped_doors(graph, starts[0], candidate)
            stays_level = stays_level and not footholds
        if footholds:
            stops.append((candidate, footholds))
        elif candidate.must_visit:
            unreachable.append(candidate.key)
    return Standing(
        starts=starts,
        ends=ends,
        stops=tuple(stops),
        unreachable_musts=tuple(unreachable),
        on_fragment=not graph.is_sizeable(island, avoid_stairs=level),
        level=stays_level,
    )


def reaches_footpath(graph: WalkGraph, place: LonLat) -> bool:
    """Whether a walk can start here: some footpath within 500 m."""
    return graph.nearest(place, START_METRES, only_sizeable=False) is not None


def _starts(question: Question, graph: WalkGraph) -> tuple[Footholds, bool]:
    """The start's footholds and whether the step-free islands count."""
    tries = [(True, True)] if question.avoid_stairs else []
    for level, only_sizeable in [*tries, (False, True), (False, False)]:
        found = graph.near(
            question.start,
            START_METRES,
            avoid_stairs=level,
            only_sizeable=only_sizeable,
            slack=AS_NEAR,
        )
        if found:
            island = graph.island_of(found[0], avoid_stairs=level)
            return tuple(
                one for one in found if graph.island_of(one, avoid_stairs=level) == island
            ), level
    raise OutsideCoverage("no footpath lies within 500 m of the start")


def _doors(graph: WalkGraph, candidate: Candidate, island: int, *, level: bool) -> Footholds:
    """The footholds of the doors nearest to the network that are on the start's island."""
    sizeable = graph.is_sizeable(island, avoid_stairs=level)
    key = (candidate.doors, level, None if sizeable else island)
    if key not in graph.known_doors:
        graph.remember_door(key, _near_doors(graph, candidate, None if sizeable else island, level))
    return tuple(
        one for one in graph.known_doors[key] if graph.island_of(one, avoid_stairs=level) == island
    )


def _near_doors(
    graph: WalkGraph, candidate: Candidate, only_island: int | None, level: bool
) -> Footholds:
    found = [
        foothold
        for door in candidate.doors
        for foothold in graph.near(
            door, DOOR_METRES, avoid_stairs=level, only_island=only_island, slack=HARDLY_FARTHER
        )
    ]
    return _worth_comparing(found)


def _worth_comparing(found: list[Foothold]) -> Footholds:
    """Those of all doors that are hardly farther from the network than the nearest."""
    nearest_first = sorted(found, key=lambda foothold: foothold.gap_metres)
    if not nearest_first:
        return ()
    metres, share = HARDLY_FARTHER
    most_metres = nearest_first[0].gap_metres * (1 + share) + metres
    points = {(one.edge, one.along_centimetres): one for one in reversed(nearest_first)}
    different = sorted(points.values(), key=lambda one: (one.gap_metres, one.edge))
    return tuple(one for one in different if one.gap_metres <= most_metres)[:MOST_FOOTHOLDS]


def _stepped_doors(graph: WalkGraph, start: Foothold, candidate: Candidate) -> Footholds:
    return _worth_comparing(
        [
            foothold
            for door in candidate.doors
            for foothold in _on_islands_with_steps(graph, start, door, DOOR_METRES, HARDLY_FARTHER)
        ]
    )


def _on_islands_with_steps(
    graph: WalkGraph,
    start: Foothold,
    place: LonLat,
    radius_metres: float,
    slack: tuple[float, float],
) -> Footholds:
    return graph.near(place, radius_metres, only_island=graph.island_of(start), slack=slack)


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
