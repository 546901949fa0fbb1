"""Decides where start, end and places stand, among edges that are about equally near.

The nearest edge is often the wrong one by a metre or two: the path behind the palace instead of the
yard in front of it. So a few near ones are compared by the walks they lead to, and a place keeps
the one that is chosen for all its legs: nobody is carried across a wall between two of them.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from solver.effort import IMPASSABLE, Profile
from solver.footing import footing, labels_between
from solver.standing import Footholds, Standing
from solver.walk_graph import Foothold, WalkGraph

# The hop from a place to its foothold is drawn nowhere and walked all the same; metre for metre it
# is likelier to be blocked than a path.
HOP_WEIGHT = 200  # centimetres of path a metre of it counts
MOST_COMPARED = 40  # places that say which way from a loop's start is the better one
_FAR = 2**30


def anchors(
    standing: Standing, graph: WalkGraph, profile: Profile, most_weight: int
) -> list[Foothold]:
    """The foothold of the start, and that of the end where it is another place."""
    if standing.ends:
        return list(_start_and_end(standing, graph, profile, most_weight))
    if len(standing.starts) == 1 or not standing.stops:
        return [standing.starts[0]]
    return [_start_of_loop(standing, graph, profile, most_weight)]


def _start_and_end(
    standing: Standing, graph: WalkGraph, profile: Profile, most_weight: int
) -> tuple[Foothold, Foothold]:
    """The pair with the shortest walk between, hops included."""
    count = len(standing.starts)
    both = footing(graph, profile, (*standing.starts, *standing.ends))
    weights = _weights(labels_between(graph, profile, both, most_weight))[:count, count:]
    hops = _hops(standing.starts)[:, None] + _hops(standing.ends)[None, :]
    start, end = np.unravel_index(np.argmin(weights + hops), weights.shape)
    return standing.starts[int(start)], standing.ends[int(end)]


def _start_of_loop(
    standing: Standing, graph: WalkGraph, profile: Profile, most_weight: int
) -> Foothold:
    """The one from which the best places are nearest, taken all together."""
    best = sorted(standing.stops, key=lambda stop: -stop[0].score)[:MOST_COMPARED]
    starts = footing(graph, profile, standing.starts)
    goals = footing(graph, profile, tuple(footholds[0] for _, footholds in best))
    found = graph.searches(profile).matrix(
        starts.out_nodes, starts.out_labels, goals.in_nodes, goals.in_labels, most_weight
    )
    mean = np.minimum(_weights(found), most_weight).mean(axis=1)
    return standing.starts[int(np.argmin(mean + _hops(standing.starts)))]


def nearest_of_each(
    footholds: list[Footholds], detours: NDArray[np.int64], weight_per_unit: float
) -> list[int]:
    """For each place the number of its best foothold among all, (places,).

    `detours` tells of every foothold, place after place, what going there and on costs, in units of
    `weight_per_unit` centimetres.
    """
    chosen, first = [], 0
    for group in footholds:
        costs = detours[first : first + len(group)] * weight_per_unit + 2 * _hops(group)
        chosen.append(first + int(np.argmin(costs)))
        first += len(group)
    return chosen


def all_footholds(standing: Standing, anchored: list[Foothold]) -> tuple[Foothold, ...]:
    """The anchors, then every foothold of every place."""
    return (*anchored, *itertools.chain.from_iterable(group for _, group in standing.stops))


def _hops(footholds: Footholds) -> NDArray[np.float64]:
    return HOP_WEIGHT * np.array([foothold.gap_metres for foothold in footholds])


def _weights(labels: NDArray[np.uint64]) -> NDArray[np.float64]:
    weights = (labels >> np.uint64(32)).astype(np.float64)
    weights[labels == IMPASSABLE] = _FAR
    return weights
