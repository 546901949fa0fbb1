"""Hierarchies, plain searches and scipy agree on every distance and every way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from solver.effort import IMPASSABLE, PROFILES, Profile
from solver.footing import Footing, labels_between, spread_from, spread_to
from solver.many_to_many import ManyToMany
from solver.unfold import label_of, way_between
from solver.walk_graph import WalkGraph
from tests.solver.towns import (
    EDINBURGH,
    MONACO,
    random_footing,
    random_town,
    real_graph,
)

NO_LIMIT = 2**30


def _join_places(
    graph: WalkGraph,
    labels: NDArray[np.uint64],
    places: Footing,
    join: Callable[[int, int, int], None],
) -> None:
    nodes = graph.node_count
    for number, foothold in enumerate(places.footholds):
        for side in (0, 1):
            if places.out_labels[number, side] != IMPASSABLE:
                weight = int(places.out_labels[number, side]) >> 32
                join(nodes + number, int(places.out_nodes[number, side]), weight)
            if places.in_labels[number, side] != IMPASSABLE:
                weight = int(places.in_labels[number, side]) >> 32
                join(int(places.in_nodes[number, side]), nodes + number, weight)
        for other, there in enumerate(places.footholds):
            step = there.along_centimetres - foothold.along_centimetres
            if there.edge != foothold.edge or other == number:
                continue
            label = labels[2 * foothold.edge + (step < 0)]
            if label != IMPASSABLE or step == 0:
                length = int(graph.edge_length[foothold.edge])
                ends = sorted((foothold.along_centimetres, there.along_centimetres))
                whole = int(label) >> 32 if step else 0
                weight = whole * ends[1] // length - whole * ends[0] // length
                join(nodes + number, nodes + other, weight)


def oracle(graph: WalkGraph, profile: Profile, places: Footing) -> NDArray[np.float64]:
    """Least weights by scipy on a graph in which every place is a node of its own.

    Places on one edge are joined along it, part by part, so nothing of ours is reused but labels.
    """
    labels = graph.labels(profile)
    nodes = graph.node_count
    least: dict[tuple[int, int], int] = {}

    def join(start: int, stop: int, weight: int) -> None:
        least[start, stop] = min(weight, least.get((start, stop), weight))

    for node in range(nodes):
        for at in range(graph.first_out[node], graph.first_out[node + 1]):
            if labels[graph.arc[at]] != IMPASSABLE:
                join(node, int(graph.arc_head[at]), int(labels[graph.arc[at]]) >> 32)
    _join_places(graph, labels, places, join)
    total = nodes + len(places.footholds)
    # scipy takes a stored 0 for no arc; weights are doubled and nothing becomes a half.
    rows, columns = zip(*least, strict=True)
    weights = [2 * weight or 1e-6 for weight in least.values()]
    matrix = coo_array((weights, (rows, columns)), shape=(total, total)).tocsr()
    found = dijkstra(matrix, indices=range(nodes, total))[:, nodes:]
    return np.asarray(np.rint(found) / 2)


def weights_of(labels: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Weights of labels, infinite where there is no way."""
    weights = (labels >> np.uint64(32)).astype(np.float64)
    weights[labels == IMPASSABLE] = np.inf
    return weights


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), one_way=st.booleans(), number=st.integers(0, 3))
def test_the_hierarchy_finds_scipys_distances_on_random_towns(
    seed: int, one_way: bool, number: int
) -> None:
    """Every profile, with one-way paths, unreachable corners and several places on one edge."""
    graph = random_town(seed, one_way=one_way)
    profile = PROFILES[number]
    places = random_footing(graph, profile, 12, seed)
    assert isinstance(graph.searches(profile), ManyToMany)
    found = weights_of(labels_between(graph, profile, places, NO_LIMIT))
    np.testing.assert_array_equal(found, oracle(graph, profile, places))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), one_way=st.booleans(), number=st.integers(0, 3))
def test_hierarchy_and_plain_search_agree_to_the_last_bit(
    seed: int, one_way: bool, number: int
) -> None:
    """Weight and effort, matrix against matrix and against one search from and to each place."""
    graph = random_town(seed, one_way=one_way)
    profile = PROFILES[number]
    places = random_footing(graph, profile, 10, seed)
    by_hierarchy = labels_between(graph, profile, places, NO_LIMIT)
    ends = (places.out_nodes, places.out_labels, places.in_nodes, places.in_labels)
    plain = graph.reach(profile).matrix(*ends, NO_LIMIT)
    raw = graph.searches(profile).matrix(*ends, NO_LIMIT)
    np.testing.assert_array_equal(plain, raw)
    for place in range(len(places.footholds)):
        np.testing.assert_array_equal(
            spread_from(graph, profile, places, place, NO_LIMIT), by_hierarchy[place]
        )
        np.testing.assert_array_equal(
            spread_to(graph, profile, places, place, NO_LIMIT), by_hierarchy[:, place]
        )


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), one_way=st.booleans(), number=st.integers(0, 3))
def test_an_unpacked_way_weighs_what_the_matrix_says(seed: int, one_way: bool, number: int) -> None:
    """Shortcuts unfold to edges that join end to end, and sum up to the label."""
    graph = random_town(seed, one_way=one_way)
    profile = PROFILES[number]
    places = random_footing(graph, profile, 8, seed)
    matrix = labels_between(graph, profile, places, NO_LIMIT)
    no_feelings = np.ones(graph.edge_count, np.float32)
    for origin in range(8):
        for goal in range(8):
            by_hierarchy = way_between(graph, profile, places, origin, goal)
            guided = way_between(graph, profile, places, origin, goal, no_feelings, 1.0)
            if matrix[origin, goal] == IMPASSABLE:
                assert by_hierarchy is None
                assert guided is None
                continue
            for way in (by_hierarchy, guided):
                assert way is not None
                assert label_of(graph, profile, way) >> 32 == int(matrix[origin, goal]) >> 32
                ends = [
                    graph.edge_head[p.edge] if p.forward else graph.edge_tail[p.edge] for p in way
                ]
                starts = [
                    graph.edge_tail[p.edge] if p.forward else graph.edge_head[p.edge] for p in way
                ]
                assert ends[:-1] == starts[1:]


@pytest.mark.parametrize("name", [EDINBURGH, MONACO])
@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: str(profile.number))
def test_real_towns_have_scipys_distances(name: str, profile: Profile) -> None:
    """Forty places on a real network with slopes: all pairs, exactly."""
    graph = real_graph(name, elevation=True)
    places = random_footing(graph, profile, 40, 5)
    found = weights_of(labels_between(graph, profile, places, NO_LIMIT))
    np.testing.assert_array_equal(found, oracle(graph, profile, places))


def test_a_limit_only_hides_what_lies_beyond() -> None:
    """Ways within the limit stay as they are, heavier ones count as none."""
    graph = random_town(7, 8)
    profile = PROFILES[0]
    places = random_footing(graph, profile, 15, 3)
    ends = (places.out_nodes, places.out_labels, places.in_nodes, places.in_labels)
    everything = graph.searches(profile).matrix(*ends, NO_LIMIT)
    limit = 30_000
    expected = np.where(everything >> np.uint64(32) <= limit, everything, IMPASSABLE)
    for searches in (graph.searches(profile), graph.reach(profile)):
        np.testing.assert_array_equal(searches.matrix(*ends, limit), expected)


def test_searches_refuse_nodes_that_are_not_there() -> None:
    """The door checks, the core cannot."""
    graph = random_town(7, 3)
    nodes, labels = np.array([[10**6, 0]], np.int32), np.zeros((1, 2), np.uint64)
    for searches in (graph.searches(PROFILES[0]), graph.reach(PROFILES[0])):
        with pytest.raises(IndexError, match="no node 1000000"):
            searches.matrix(nodes, labels, nodes, labels, NO_LIMIT)
    with pytest.raises(ValueError, match="label"):
        graph.reach(PROFILES[0]).spread(nodes[0], labels[0][:1], NO_LIMIT)
