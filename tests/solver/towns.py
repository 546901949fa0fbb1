"""Small towns for tests of the network: random graphs, and real extracts built once a session."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import osmium

from solver.effort import Profile
from solver.footing import Footing, footing
from solver.footways import Point, Strip
from solver.junctions import edges_between_junctions
from solver.network import network_arrays
from solver.osm_graph import build_walk_graph
from solver.osm_walkable import traits_of
from solver.question import Candidate
from solver.walk_graph import Foothold, WalkGraph
from tests.data_folder import data_file

EDINBURGH = "osm/edinburgh-centre-2025-06.osm.pbf"
PORTO = "osm/porto-centre-2020-07.osm.pbf"
MONACO = "osm/monaco-2025-01.osm.pbf"
SIDE_E7 = 10_000  # about 110 m of latitude: one block of a random town


@dataclass(frozen=True)
class Way:
    """A way of a made-up map."""

    nodes: tuple[int, ...]
    tags: tuple[tuple[str, str], ...] = (("highway", "footway"),)


def town(ways: list[Way], places: dict[int, Point]) -> WalkGraph:
    """The network of made-up ways, without a file."""
    strips = []
    for way in ways:
        traits = traits_of(dict(way.tags), is_closed=False)
        if traits is not None:
            strips.append(Strip(way.nodes, traits))
    arrays, has_heights = network_arrays(edges_between_junctions(strips, places), places, None)
    return WalkGraph(arrays, {"has_heights": has_heights})


def random_town(seed: int, side: int = 6, *, one_way: bool = False) -> WalkGraph:
    """A jittered grid of streets, some missing, some stairs, some dark, some one-way for walkers."""
    dice = np.random.default_rng(seed)
    places = {
        row * side + column: (
            int(column * SIDE_E7 + dice.integers(0, SIDE_E7 // 2)),
            int(550_000_000 + row * SIDE_E7 + dice.integers(0, SIDE_E7 // 2)),
        )
        for row in range(side)
        for column in range(side)
    }
    kinds: list[tuple[tuple[str, str], ...]] = [
        (("highway", "footway"),),
        (("highway", "residential"), ("name", "High Street"), ("lit", "yes")),
        (("highway", "path"), ("lit", "no")),
        (("highway", "steps"),),
    ]
    if one_way:
        kinds.append((("highway", "footway"), ("oneway:foot", "yes")))
    ways = []
    for node in places:
        for other, fits in ((node + 1, node % side < side - 1), (node + side, True)):
            if fits and other in places and dice.random() < 0.85:
                ways.append(Way((node, other), kinds[int(dice.integers(0, len(kinds)))]))
    return town(ways, places)


def random_footholds(graph: WalkGraph, count: int, seed: int) -> tuple[Foothold, ...]:
    """Points part-way along random edges, some at their very ends."""
    dice = np.random.default_rng(seed)
    footholds = []
    for _ in range(count):
        edge = int(dice.integers(0, graph.edge_count))
        length = int(graph.edge_length[edge])
        along = int(dice.choice([0, length, int(dice.integers(0, length + 1))]))
        footholds.append(Foothold(edge, along, (0.0, 0.0), 0.0))
    return tuple(footholds)


def random_footing(graph: WalkGraph, profile: Profile, count: int, seed: int) -> Footing:
    """The same, ready for searches."""
    return footing(graph, profile, random_footholds(graph, count, seed))


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="walk-graphs-")


@functools.cache
def built_graph(name: str, *, elevation: bool = False) -> Path:
    """The graph file of a real extract, built once a session; skips where the data is absent."""
    extract = data_file(name)
    target = Path(_folder().name) / f"{extract.name}-{elevation}.walk"
    build_walk_graph(extract, target, elevation=data_file("elevation") if elevation else None)
    return target


@functools.cache
def real_graph(name: str, *, elevation: bool = False) -> WalkGraph:
    """The same, opened."""
    return WalkGraph.open(built_graph(name, elevation=elevation))


@functools.cache
def sights(name: str) -> tuple[Candidate, ...]:
    """Named nodes of an extract as candidates, with made-up but fixed scores and groups."""
    found: list[Candidate] = []
    for thing in osmium.FileProcessor(str(data_file(name))).with_locations():
        tags = thing.tags
        if not isinstance(thing, osmium.osm.Node) or "name" not in tags:
            continue
        if any(key in tags for key in ("tourism", "historic", "amenity", "leisure")):
            place = (thing.location.lon, thing.location.lat)
            number = len(found)
            found.append(
                Candidate(number, (place,), 1.0 + number % 7, visit_seconds=240.0, group=number % 9)
            )
    return tuple(found)
