"""Tour problems of real requests: walks through Edinburgh and Porto, 60 to 180 minutes, 300 places at most."""

from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np
import osmium

from bench.harness import PEERS
from solver.effort import Profile
from solver.osm_graph import build_walk_graph
from solver.question import Candidate, Question
from solver.standing import stand
from solver.tour_of_question import shorten
from solver.tour_problem import TourProblem
from solver.walk_graph import WalkGraph

CITIES = ("edinburgh-centre-2025-06", "porto-centre-2020-07")
SIGHTS = ("tourism", "historic", "leisure", "amenity")
NEARBY_DEGREES = 0.02  # about two kilometres: further places never fit into these walks
MOST_CANDIDATES = 300


def data_folder() -> Path:
    """`WILDSIDE_TEST_DATA` or `../shared/data` beside the checkout; raises FileNotFoundError."""
    named = os.environ.get("WILDSIDE_TEST_DATA")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        raise FileNotFoundError("needs the real data of ../shared/data (or WILDSIDE_TEST_DATA)")
    return folder


def graph_of(city: str) -> WalkGraph:
    """The city's walking graph, built once and kept beside the peers."""
    target = PEERS / "graphs" / f"{city}.walk"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        build_walk_graph(data_folder() / "osm" / f"{city}.osm.pbf", target)
    return WalkGraph.open(target)


def sights_of(city: str) -> list[Candidate]:
    """Named nodes worth a stop; few are famous: scores fall off as popularity does."""
    dice = random.Random(city)
    found: list[Candidate] = []
    for thing in osmium.FileProcessor(str(data_folder() / "osm" / f"{city}.osm.pbf")):
        if not isinstance(thing, osmium.osm.Node) or "name" not in thing.tags:
            continue
        if any(key in thing.tags for key in SIGHTS):
            found.append(
                Candidate(
                    len(found),
                    ((thing.location.lon, thing.location.lat),),
                    score=min(1.0, 0.05 * dice.paretovariate(1.2)),
                    visit_seconds=dice.choice([120.0, 300.0, 600.0]),
                )
            )
    return found


def real_requests(count: int, seed: int = 3) -> list[tuple[str, TourProblem]]:
    """`count` problems in turns of the cities, named by city, minutes and candidates."""
    dice = random.Random(seed)
    cities = [(city, graph_of(city), sights_of(city)) for city in CITIES]
    problems: list[tuple[str, TourProblem]] = []
    while len(problems) < count:
        city, graph, sights = cities[len(problems) % len(cities)]
        start = dice.choice(sights).doors[0]
        minutes = dice.choice([60, 90, 120, 180])
        question = Question(start, 60.0 * minutes, _nearest(sights, start))
        shortened = shorten(question, stand(question, graph), graph, Profile(False, False))
        problem = shortened.problem
        if problem.node_count < 50:  # the edge of the map: nothing to choose from
            continue
        problems.append((f"{city.split('-')[0]}-{minutes}min-{problem.node_count}", problem))
    return problems


def _nearest(sights: list[Candidate], start: tuple[float, float]) -> tuple[Candidate, ...]:
    """The places around the start, the nearest first, as many as a request has."""
    stretch = float(np.cos(np.radians(start[1])))

    def away(candidate: Candidate) -> float:
        lon, lat = candidate.doors[0]
        return float(np.hypot((lon - start[0]) * stretch, lat - start[1]))

    near = sorted(sights, key=away)[:MOST_CANDIDATES]
    return tuple(candidate for candidate in near if away(candidate) <= NEARBY_DEGREES)
