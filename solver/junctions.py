"""Joins strips of way into edges between junctions: streets as a walker counts them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solver.footways import Point, Strip
from solver.osm_walkable import Flag, WayTraits


@dataclass(frozen=True, slots=True)
class Edge:
    """A run of nodes between two junctions, all with the same traits."""

    nodes: tuple[int, ...]
    traits: WayTraits


@dataclass(frozen=True, slots=True)
class _Segments:
    """Single steps between neighbouring nodes; `trait` numbers alike traits, one-way strips apart."""

    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    trait: NDArray[np.int64]
    traits: list[WayTraits]


def edges_between_junctions(strips: list[Strip], places: dict[int, Point]) -> list[Edge]:
    """Every strip's length exactly once, cut where ways meet, end or change.

    The order and direction of edges depend on the strips alone, not on memory or hashing.
    """
    segments = _segments(strips)
    walker = _Tracer(segments)
    return sorted(
        (_oriented(nodes, traits, places) for nodes, traits in walker.edges()),
        key=lambda edge: edge.nodes,
    )


def _segments(strips: list[Strip]) -> _Segments:
    """Steps drawn twice by two ways count once: the first strip has them."""
    seen: set[tuple[int, int]] = set()
    numbers: dict[object, int] = {}
    traits: list[WayTraits] = []
    rows: list[tuple[int, int, int]] = []
    for index, strip in enumerate(strips):
        both_ways = Flag.FORWARD | Flag.BACKWARD
        directed = strip.traits.flags & both_ways != both_ways or strip.traits.slope is not None
        # A one-way strip or one with a slope is never joined to another: its direction matters.
        key: object = (index, strip.traits) if directed else strip.traits
        number = numbers.setdefault(key, len(numbers))
        if number == len(traits):
            traits.append(strip.traits)
        for start, stop in zip(strip.nodes, strip.nodes[1:], strict=False):
            pair = (start, stop) if start < stop else (stop, start)
            if start == stop or pair in seen:
                continue
            seen.add(pair)
            rows.append((start, stop, number))
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return _Segments(table[:, 0], table[:, 1], table[:, 2], traits)


class _Tracer:
    """Follows segments from junction to junction."""

    def __init__(self, segments: _Segments) -> None:
        self.traits = segments.traits
        self.trait = segments.trait.tolist()
        ids, ends = np.unique(np.stack([segments.start, segments.stop]), return_inverse=True)
        ends = ends.reshape(2, -1)
        self.ids = ids.tolist()
        self.start, self.stop = ends[0].tolist(), ends[1].tolist()
        owner = np.concatenate([ends[0], ends[1]])
        order = np.argsort(owner, kind="stable")
        self.first = np.searchsorted(owner[order], np.arange(len(ids) + 1)).tolist()
        self.incident = (order % max(1, len(segments.start))).tolist()
        self.used = bytearray(len(segments.start))

    def edges(self) -> list[tuple[tuple[int, ...], WayTraits]]:
        """All edges; rings without any junction come last, cut at their smallest node."""
        found = []
        for only_junctions in (True, False):
            for node in range(len(self.ids)):
                if only_junctions and self._is_inner(node):
                    continue
                for at in range(self.first[node], self.first[node + 1]):
                    segment = self.incident[at]
                    if not self.used[segment]:
                        found.append(self._trace(node, segment))
        return found

    def _is_inner(self, node: int) -> bool:
        first = self.first[node]
        if self.first[node + 1] - first != 2:
            return False
        one, other = self.incident[first], self.incident[first + 1]
        return one != other and bool(self.trait[one] == self.trait[other])

    def _trace(self, node: int, segment: int) -> tuple[tuple[int, ...], WayTraits]:
        origin = node
        forward = self.start[segment] == node
        nodes = [node]
        while True:
            self.used[segment] = 1
            node = self.stop[segment] if self.start[segment] == node else self.start[segment]
            nodes.append(node)
            if node == origin or not self._is_inner(node):
                break
            one, other = self.incident[self.first[node]], self.incident[self.first[node] + 1]
            segment = other if one == segment else one
        if not forward:  # one-way traits are told along their strip
            nodes.reverse()
        return tuple(self.ids[index] for index in nodes), self.traits[self.trait[segment]]


def _oriented(nodes: tuple[int, ...], traits: WayTraits, places: dict[int, Point]) -> Edge:
    """Two-way edges run from their smaller place; the others as their way runs."""
    both_ways = Flag.FORWARD | Flag.BACKWARD
    if traits.flags & both_ways != both_ways or traits.slope is not None:
        return Edge(nodes, traits)
    backward = nodes[::-1]
    if (places[nodes[-1]], backward) < (places[nodes[0]], nodes):
        return Edge(backward, traits)
    return Edge(nodes, traits)
