"""Unfolds a tour into the footpath that walks it: pieces of edges, then lines and measures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solver.effort import EASIEST, Profile
from solver.footing import Footing, along_one_edge, part_of_label
from solver.footways import E7
from solver.osm_walkable import Flag
from solver.question import LonLat
from solver.walk_graph import WalkGraph

WEIGHT = 32  # the bits to shift a label by to get its weight
_EFFORT = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one edge in walking direction, centimetres from the edge's tail."""

    edge: int
    begin: int
    end: int

    @property
    def forward(self) -> bool:
        """Whether it is walked from the tail towards the head."""
        return self.end >= self.begin

    @property
    def centimetres(self) -> int:
        """Its length."""
        return abs(self.end - self.begin)


def way_between(
    graph: WalkGraph,
    profile: Profile,
    places: Footing,
    origin: int,
    goal: int,
    factors: NDArray[np.float32] | None = None,
    least_factor: float = 1.0,
) -> tuple[Piece, ...] | None:
    """The best way from one place to another in pieces, None where there is none.

    `factors` (edges,) multiply what edges weigh for choosing, none below `least_factor`.
    """
    begin, end = places.footholds[origin], places.footholds[goal]
    direct = along_one_edge(graph, graph.labels(profile), begin, end)
    ends = (
        places.out_nodes[origin],
        places.out_labels[origin],
        places.in_nodes[goal],
        places.in_labels[goal],
    )
    if factors is None:
        found = graph.searches(profile).route(*ends)
    else:
        found = graph.reach(profile).route(*ends, factors, EASIEST * least_factor)
    if found is None:
        if direct is None:
            return None
        return (Piece(begin.edge, begin.along_centimetres, end.along_centimetres),)
    out_side, in_side, arcs = found
    length = graph.edge_length
    pieces = [
        Piece(begin.edge, begin.along_centimetres, 0 if out_side else int(length[begin.edge])),
        *(
            Piece(arc >> 1, int(length[arc >> 1]), 0)
            if arc & 1
            else Piece(arc >> 1, 0, int(length[arc >> 1]))
            for arc in arcs
        ),
        Piece(end.edge, int(length[end.edge]) if in_side else 0, end.along_centimetres),
    ]
    way = tuple(piece for piece in pieces if piece.centimetres)
    if direct is not None and direct >> WEIGHT <= weight_of(graph, profile, way):
        return (Piece(begin.edge, begin.along_centimetres, end.along_centimetres),)
    return way


def label_of(graph: WalkGraph, profile: Profile, way: Iterable[Piece]) -> int:
    """Weight and effort of a way, packed."""
    labels, total = graph.labels(profile), 0
    for piece in way:
        label = int(labels[2 * piece.edge + (not piece.forward)])
        length = int(graph.edge_length[piece.edge])
        far, near = max(piece.begin, piece.end), min(piece.begin, piece.end)
        total += part_of_label(label, far, length) - part_of_label(label, near, length)
    return total


def weight_of(graph: WalkGraph, profile: Profile, way: Iterable[Piece]) -> int:
    """What a way weighs for choosing."""
    return label_of(graph, profile, way) >> WEIGHT


def effort_of(graph: WalkGraph, profile: Profile, way: Iterable[Piece]) -> int:
    """What a way costs in centimetres of flat walking."""
    return label_of(graph, profile, way) & _EFFORT


def deciseconds(effort: NDArray[np.uint64] | int, metres_per_second: float) -> NDArray[np.int64]:
    """Walking time of efforts, rounded up, so that the parts of a walk never exceed its budget."""
    return np.ceil(np.asarray(effort, np.float64) / (10.0 * metres_per_second) - 1e-9).astype(
        np.int64
    )


def metres_with(graph: WalkGraph, way: Iterable[Piece], flag: Flag) -> float:
    """Metres of a way on edges with a flag."""
    return sum(piece.centimetres for piece in way if graph.has(piece.edge, flag)) / 100


def length_metres(way: Iterable[Piece]) -> float:
    """Metres of a way."""
    return sum(piece.centimetres for piece in way) / 100


def ascent_metres(graph: WalkGraph, way: Iterable[Piece]) -> float | None:
    """Metres climbed, None where the graph knows no heights."""
    if not graph.has_heights:
        return None
    climbed = 0.0
    for piece in way:
        whole = (graph.edge_rise if piece.forward else graph.edge_fall)[piece.edge]
        climbed += int(whole) / 10 * piece.centimetres / int(graph.edge_length[piece.edge])
    return round(climbed, 1)


def overlap_ratio(ways: Iterable[tuple[Piece, ...]]) -> float:
    """The share of all metres that were walked before, in either direction."""
    walked: dict[int, list[tuple[int, int]]] = defaultdict(list)
    total = 0
    for way in ways:
        for piece in way:
            walked[piece.edge].append((min(piece.begin, piece.end), max(piece.begin, piece.end)))
            total += piece.centimetres
    once = sum(_covered(spans) for spans in walked.values())
    return round((total - once) / total, 4) if total else 0.0


def _covered(spans: list[tuple[int, int]]) -> int:
    covered, reached = 0, -1
    for begin, end in sorted(spans):
        begin = max(begin, reached)  # noqa: PLW2901
        covered += max(0, end - begin)
        reached = max(reached, end)
    return covered


def line_of(graph: WalkGraph, way: tuple[Piece, ...], at: LonLat) -> tuple[LonLat, ...]:
    """The way's line, at least two points; a way of no length is the point `at`, twice."""
    line: list[LonLat] = []
    for piece in way:
        for point in piece_line(graph, piece):
            if not line or line[-1] != point:
                line.append(point)
    if not line:
        return (at, at)
    return tuple(line) if len(line) >= 2 else (line[0], line[0])


def piece_line(graph: WalkGraph, piece: Piece) -> list[LonLat]:
    """The points of a piece in walking direction, its two ends part-way included."""
    length = int(graph.edge_length[piece.edge])
    points = graph.points_of(piece.edge).astype(np.float64)
    if piece.centimetres == length:  # most pieces are whole edges
        whole: list[LonLat] = [(x, y) for x, y in (points / E7).tolist()]
        return whole if piece.forward else whole[::-1]
    shrink = float(np.cos(np.radians(points[0, 1] / E7)))
    steps = np.hypot(*(np.diff(points, axis=0) * (shrink, 1.0)).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    low, high = (min(piece.begin, piece.end) / length, max(piece.begin, piece.end) / length)
    low, high = low * along[-1], high * along[-1]
    inside = points[(along > low) & (along < high)]
    ends = np.stack([np.interp([low, high], along, points[:, axis]) for axis in (0, 1)], axis=1)
    line = np.concatenate([ends[:1], inside, ends[1:]]) / E7
    if not piece.forward:
        line = line[::-1]
    return [(round(float(x), 7), round(float(y), 7)) for x, y in line]
