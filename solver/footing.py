"""Footholds as sources and targets of searches: what it costs to leave and reach them part-way."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solver.effort import IMPASSABLE, Profile
from solver.walk_graph import Foothold, WalkGraph

_CLOSED = int(IMPASSABLE)


@dataclass(frozen=True, slots=True)
class Footing:
    """Places on the network for one profile.

    Row i holds the two nodes by which foothold i is left (the edge's head and tail) and entered
    (tail and head), with the labels of the part of the edge between; IMPASSABLE where closed.
    """

    footholds: tuple[Foothold, ...]
    out_nodes: NDArray[np.int32]  # (places, 2)
    out_labels: NDArray[np.uint64]
    in_nodes: NDArray[np.int32]
    in_labels: NDArray[np.uint64]


def footing(graph: WalkGraph, profile: Profile, footholds: tuple[Foothold, ...]) -> Footing:
    """Sources and targets of every foothold."""
    labels = graph.labels(profile)
    edge = np.array([foothold.edge for foothold in footholds], np.int64)
    along = np.array([foothold.along_centimetres for foothold in footholds], np.uint64)
    length = graph.edge_length[edge].astype(np.uint64)
    forward, backward = labels[2 * edge], labels[2 * edge + 1]
    forward_done, backward_left = _part(forward, along, length), _part(backward, along, length)
    tail, head = graph.edge_tail[edge], graph.edge_head[edge]
    return Footing(
        footholds=footholds,
        out_nodes=np.ascontiguousarray(np.stack([head, tail], axis=1), np.int32),
        out_labels=_beside(forward - forward_done, backward_left, forward, backward),
        in_nodes=np.ascontiguousarray(np.stack([tail, head], axis=1), np.int32),
        in_labels=_beside(forward_done, backward - backward_left, forward, backward),
    )


def _beside(
    by_forward: NDArray[np.uint64],
    by_backward: NDArray[np.uint64],
    forward: NDArray[np.uint64],
    backward: NDArray[np.uint64],
) -> NDArray[np.uint64]:
    return np.ascontiguousarray(
        np.stack(
            [
                np.where(forward == IMPASSABLE, IMPASSABLE, by_forward),
                np.where(backward == IMPASSABLE, IMPASSABLE, by_backward),
            ],
            axis=1,
        )
    )


def _part(
    label: NDArray[np.uint64], along: NDArray[np.uint64], length: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """Weight and effort of the first `along` of `length`, each rounded down."""
    weight = (label >> np.uint64(32)) * along // length
    effort = (label & np.uint64(0xFFFF_FFFF)) * along // length
    return (weight << np.uint64(32)) | effort


def part_of_label(label: int, along: int, length: int) -> int:
    """The same for one label."""
    return ((label >> 32) * along // length) << 32 | ((label & 0xFFFF_FFFF) * along // length)


def along_one_edge(
    graph: WalkGraph, labels: NDArray[np.uint64], origin: Foothold, goal: Foothold
) -> int | None:
    """The label of walking from one foothold to another on the same edge, None if it is closed."""
    if origin.edge != goal.edge:
        return None
    length = int(graph.edge_length[origin.edge])
    here, there = origin.along_centimetres, goal.along_centimetres
    label = int(labels[2 * origin.edge + (there < here)])
    if here == there:
        return 0
    if label == _CLOSED:
        return None
    low, high = min(here, there), max(here, there)
    return part_of_label(label, high, length) - part_of_label(label, low, length)


def labels_between(
    graph: WalkGraph, profile: Profile, places: Footing, most_weight: int
) -> NDArray[np.uint64]:
    """Least labels from every place to every place, (places, places); IMPASSABLE beyond the limit.

    Uses the profile's contraction hierarchy where the graph carries one (the limit is then not
    looked at), else one bounded search from each place.
    """
    searches = graph.searches(profile)
    found = searches.matrix(
        places.out_nodes, places.out_labels, places.in_nodes, places.in_labels, most_weight
    )
    labels = graph.labels(profile)
    sharing = defaultdict(list)
    for index, foothold in enumerate(places.footholds):
        sharing[foothold.edge].append(index)
    for group in sharing.values():
        for row in group:
            for column in group:
                direct = along_one_edge(
                    graph, labels, places.footholds[row], places.footholds[column]
                )
                if direct is not None and direct < int(found[row, column]):
                    found[row, column] = direct
    return found


def spread_from(
    graph: WalkGraph, profile: Profile, places: Footing, origin: int, most_weight: int
) -> NDArray[np.uint64]:
    """Least labels from place `origin` to every place, one search, (places,)."""
    reached = graph.reach(profile).spread(
        places.out_nodes[origin], places.out_labels[origin], most_weight
    )
    found = _gathered(reached, places.in_nodes, places.in_labels)
    return _with_direct(graph, profile, places, found, origin, outward=True)


def spread_to(
    graph: WalkGraph, profile: Profile, places: Footing, goal: int, most_weight: int
) -> NDArray[np.uint64]:
    """Least labels from every place to place `goal`, one search, (places,)."""
    reached = graph.reach(profile).spread(
        places.in_nodes[goal], places.in_labels[goal], most_weight, backward=True
    )
    found = _gathered(reached, places.out_nodes, places.out_labels)
    return _with_direct(graph, profile, places, found, goal, outward=False)


def _gathered(
    reached: NDArray[np.uint64], nodes: NDArray[np.int32], labels: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    at_nodes = reached[nodes]
    closed = (at_nodes == IMPASSABLE) | (labels == IMPASSABLE)
    both = np.where(closed, IMPASSABLE, np.where(closed, 0, at_nodes) + np.where(closed, 0, labels))
    least: NDArray[np.uint64] = both.min(axis=1).astype(np.uint64)
    return least


def _with_direct(
    graph: WalkGraph,
    profile: Profile,
    places: Footing,
    found: NDArray[np.uint64],
    hub: int,
    *,
    outward: bool,
) -> NDArray[np.uint64]:
    """Adds the ways along the hub's own edge, which no search over nodes sees."""
    labels, here = graph.labels(profile), places.footholds[hub]
    for index, there in enumerate(places.footholds):
        if there.edge == here.edge:
            ends = (here, there) if outward else (there, here)
            direct = along_one_edge(graph, labels, *ends)
            if direct is not None and direct < int(found[index]):
                found[index] = direct
    return found
