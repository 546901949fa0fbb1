"""The nearest point of the network: found by the grid, checked by looking at every segment."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.osm_walkable import Flag
from solver.walk_graph import WalkGraph
from tests.solver.towns import EDINBURGH, random_town, real_graph


def slow_nearest(graph: WalkGraph, place: tuple[float, float], avoid_stairs: bool) -> float:
    """Metres to the nearest usable segment, one after the other."""
    return min(slow_look(graph, place, avoid_stairs).values(), default=math.inf)


def slow_look(graph: WalkGraph, place: tuple[float, float], avoid_stairs: bool) -> dict[int, float]:
    """Metres to every usable edge."""
    east = math.cos(math.radians(place[1])) * 0.0111195
    away: dict[int, float] = {}
    for edge in range(graph.edge_count):
        island = graph.edge_island[avoid_stairs][edge]
        usable = island >= 0 and graph.is_sizeable(int(island), avoid_stairs=avoid_stairs)
        if not usable or (avoid_stairs and graph.has(edge, Flag.STEPS)):
            continue
        line = (graph.points_of(edge) - np.array(place) * 1e7) * (east, 0.0111195)
        for start, stop in itertools.pairwise(line):
            step = stop - start
            square = float(step @ step)
            share = min(1.0, max(0.0, -float(start @ step) / square)) if square else 0.0
            metres = float(np.hypot(*(start + share * step)))
            away[edge] = min(metres, away.get(edge, math.inf))
    return away


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 50),
    x=st.floats(-0.004, 0.01),
    y=st.floats(54.996, 55.01),
    avoid_stairs=st.booleans(),
)
def test_the_grid_finds_what_a_slow_look_finds(
    seed: int, x: float, y: float, avoid_stairs: bool
) -> None:
    """Inside and outside the town, with and without steps; beyond the radius there is nothing."""
    graph = random_town(seed, 5)
    expected = slow_nearest(graph, (x, y), avoid_stairs)
    found = graph.nearest((x, y), 400.0, avoid_stairs=avoid_stairs)
    if expected > 400.0:
        assert found is None
        return
    assert found is not None
    assert found.gap_metres == pytest.approx(expected, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 50),
    x=st.floats(-0.004, 0.01),
    y=st.floats(54.996, 55.01),
    metres=st.floats(0.0, 100.0),
    share=st.floats(0.0, 2.0),
)
def test_edges_hardly_farther_are_those_a_slow_look_finds(
    seed: int, x: float, y: float, metres: float, share: float
) -> None:
    """The nearest four at most, each edge once, none beyond the slack or the radius."""
    graph = random_town(seed, 5)
    away = slow_look(graph, (x, y), avoid_stairs=False)
    nearest = min(away.values(), default=math.inf)
    most = min(400.0, nearest * (1 + share) + metres)
    # Edges that meet in one junction are equally far, but for the last bit.
    surely, perhaps = (
        sorted(one for one in away.values() if one <= most + doubt)[:4] for doubt in (-1e-6, 1e-6)
    )
    found = graph.near((x, y), 400.0, slack=(metres, share))
    assert len(surely) <= len(found) <= len(perhaps)
    assert [one.gap_metres for one in found] == pytest.approx(perhaps[: len(found)], abs=1e-6)
    assert len({one.edge for one in found}) == len(found)
    for one in found:
        assert one.gap_metres == pytest.approx(away[one.edge], abs=1e-6)


def test_a_foothold_lies_where_it_says() -> None:
    """Its location is on the edge's line, its measure along the edge fits, its gap is the crow's."""
    graph = real_graph(EDINBURGH)
    dice = np.random.default_rng(1)
    west, south, east, north = graph.bounds
    for _ in range(200):
        place = (float(dice.uniform(west, east)), float(dice.uniform(south, north)))
        found = graph.nearest(place, 500.0)
        if found is None:
            continue
        shrink = math.cos(math.radians(place[1]))
        gap = 111_195 * math.hypot(
            (found.location[0] - place[0]) * shrink, found.location[1] - place[1]
        )
        assert gap == pytest.approx(found.gap_metres, abs=0.5)
        assert 0 <= found.along_centimetres <= graph.edge_length[found.edge]


def test_only_the_wanted_island_is_looked_at() -> None:
    """A place beside a fragment stands on the island that was asked for."""
    graph = real_graph(EDINBURGH)
    for place in ((-3.19, 55.95), (-3.17, 55.94)):
        found = graph.nearest(place, 2_000.0, only_island=0)
        assert found is not None
        assert graph.island_of(found) == 0
