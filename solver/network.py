"""Lays edges out as the arrays of a graph file: numbering, lengths, efforts, islands and the grid."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.contraction import Contraction
from solver.effort import (
    IMPASSABLE_EFFORT,
    PROFILES,
    SLOPE_RUN_METRES,
    STEPS_EFFORT,
    Profile,
    labels,
    slope_effort,
)
from solver.elevation import Terrain
from solver.footways import E7, Point
from solver.graph_file import Arrays
from solver.graph_soundness import HIERARCHY_ARRAYS
from solver.grid import grid_of
from solver.islands import islands_of
from solver.junctions import Edge
from solver.osm_walkable import Flag

CELL_METRES = 80.0
SAMPLE_METRES = 90.0  # how often the ground is sounded along a long edge
_SEMI_MAJOR, _FLATTENING = 6_378_137.0, 1 / 298.257223563  # WGS 84

Floats = NDArray[np.float64]


def network_arrays(
    edges: list[Edge], places: dict[int, Point], terrain: Terrain | None
) -> tuple[Arrays, bool]:
    """All arrays that WalkGraph reads, and whether any height is known."""
    arrays = _geometry(edges, places)
    arrays |= _names(edges)
    segment_metres, first_point = _segment_metres(arrays), arrays["first_point"]
    metres = np.add.reduceat(segment_metres, first_point[:-1])
    arrays["edge_length"] = np.maximum(1, np.rint(metres * 100)).astype(np.int32)
    word = np.array([edge.traits.word for edge in edges], np.uint16)
    arrays["edge_word"] = word
    slopes = np.array(
        [np.nan if edge.traits.slope is None else edge.traits.slope for edge in edges]
    )
    has_heights = _efforts(arrays, segment_metres, terrain, slopes)
    arrays |= _adjacency(arrays)
    efforts = arrays.pop("effort")
    for profile in PROFILES:
        arrays[f"labels_{profile.number}"] = labels(efforts, word, profile)
    arrays["edge_island"], arrays["island_metres"] = _islands(arrays, avoid_stairs=False)
    arrays["edge_level_island"], arrays["level_island_metres"] = _islands(arrays, avoid_stairs=True)
    arrays["grid_frame"], arrays["grid_first"], arrays["grid_segments"] = grid_of(
        arrays["point_lon"], arrays["point_lat"], arrays["point_edge"], CELL_METRES
    )
    arrays |= hierarchies(arrays)
    return arrays, has_heights


def hierarchies(arrays: Arrays) -> Arrays:
    """A contraction hierarchy for every profile, all in the order found for the first."""
    built: Arrays = {}
    order: NDArray[np.int32] | None = None
    for profile in PROFILES:
        contraction = Contraction(
            arrays["first_out"],
            arrays["arc_head"],
            arrays["arc"],
            arrays[f"labels_{profile.number}"],
        )
        contracted = contraction.contract(order)
        order = contracted[0]
        upward: tuple[NDArray[Any], ...] = contracted[1:]
        for name, array in zip(HIERARCHY_ARRAYS, upward, strict=True):
            built[f"hierarchy_{profile.number}_{name}"] = array
        rank = np.empty(len(order), np.int32)
        rank[order[::-1]] = np.arange(len(order), dtype=np.int32)
        built["node_rank"] = rank
    return built


def _geometry(edges: list[Edge], places: dict[int, Point]) -> Arrays:
    """Nodes along a Morton curve, edges in the order of their tails."""
    junctions = sorted({node for edge in edges for node in (edge.nodes[0], edge.nodes[-1])})
    located = np.array([places[node] for node in junctions], np.int64).reshape(-1, 2)
    order = np.lexsort((np.arange(len(junctions)), _morton(located)))
    number = {junctions[old]: new for new, old in enumerate(order.tolist())}
    ends = np.array([(number[e.nodes[0]], number[e.nodes[-1]]) for e in edges], np.int32)
    edge_order = np.lexsort((np.arange(len(edges)), ends[:, 1], ends[:, 0]))
    edges[:] = [edges[index] for index in edge_order.tolist()]
    ends = ends[edge_order]
    sizes = [len(edge.nodes) for edge in edges]
    points = np.array([places[node] for edge in edges for node in edge.nodes], np.int32)
    return {
        "node_lon": located[order, 0].astype(np.int32),
        "node_lat": located[order, 1].astype(np.int32),
        "edge_tail": ends[:, 0].copy(),
        "edge_head": ends[:, 1].copy(),
        "first_point": np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        "point_lon": points[:, 0].copy(),
        "point_lat": points[:, 1].copy(),
        "point_edge": np.repeat(np.arange(len(edges), dtype=np.int32), sizes),
    }


def _morton(located: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Interleaved bits of both coordinates: neighbours in the plane become neighbours in memory."""
    curve = np.zeros(len(located), np.uint64)
    for axis in (0, 1):
        bits = (located[:, axis] + 2**31).astype(np.uint64)
        for shift, mask in (
            (16, 0x0000FFFF0000FFFF),
            (8, 0x00FF00FF00FF00FF),
            (4, 0x0F0F0F0F0F0F0F0F),
            (2, 0x3333333333333333),
            (1, 0x5555555555555555),
        ):
            bits = (bits | (bits << np.uint64(shift))) & np.uint64(mask)
        curve |= bits << np.uint64(axis)
    return curve


def _names(edges: list[Edge]) -> Arrays:
    names = sorted({edge.traits.name for edge in edges} - {""})
    number = {name: index for index, name in enumerate(names)}
    encoded = [name.encode() for name in names]
    return {
        "edge_name": np.array([number.get(edge.traits.name, -1) for edge in edges], np.int32),
        "name_first": np.concatenate([[0], np.cumsum([len(n) for n in encoded])]).astype(np.int32),
        "name_bytes": np.frombuffer(b"".join(encoded), np.uint8),
    }


def _segment_metres(arrays: Arrays) -> Floats:
    """Metres from each point to the next of its edge; 0 at an edge's last point.

    On the WGS 84 ellipsoid, by its radii of curvature at the segment's latitude: a segment of a
    footway is short enough for the plane.
    """
    latitude = np.radians(arrays["point_lat"] / E7)
    middle = (latitude[:-1] + latitude[1:]) / 2
    square = _FLATTENING * (2 - _FLATTENING)
    bend = 1 - square * np.sin(middle) ** 2
    north = np.diff(latitude) * _SEMI_MAJOR * (1 - square) / bend**1.5
    east = np.radians(np.diff(arrays["point_lon"].astype(np.float64)) / E7)
    east *= _SEMI_MAJOR / np.sqrt(bend) * np.cos(middle)
    metres = np.append(np.hypot(north, east), 0.0)
    metres[arrays["first_point"][1:] - 1] = 0.0
    return metres


def _efforts(
    arrays: Arrays, segment_metres: Floats, terrain: Terrain | None, slopes: Floats
) -> bool:
    """Adds `effort` (2 * edges,), `edge_rise` and `edge_fall`; says whether heights are known."""
    word, length = arrays["edge_word"], arrays["edge_length"].astype(np.float64)
    forward, backward = np.ones(len(word)), np.ones(len(word))
    told = ~np.isnan(slopes)
    forward[told], backward[told] = slope_effort(slopes[told]), slope_effort(-slopes[told])
    rise = fall = np.zeros(len(word))
    has_heights = False
    if terrain is not None:
        rise, fall, sounded, has_heights = _climbs(arrays, segment_metres, terrain)
        for direction, effort in ((1, forward), (-1, backward)):
            known = ~np.isnan(sounded[direction])
            effort[known] = sounded[direction][known]
    steps = word & Flag.STEPS != 0
    forward[steps] = backward[steps] = STEPS_EFFORT
    efforts = np.empty(2 * len(word), np.uint32)
    for side, (factor, open_flag) in enumerate(
        ((forward, Flag.FORWARD), (backward, Flag.BACKWARD))
    ):
        centimetres = np.maximum(1, np.rint(length * factor)).astype(np.uint32)
        efforts[side::2] = np.where(word & open_flag != 0, centimetres, IMPASSABLE_EFFORT)
    arrays["effort"] = efforts
    arrays["edge_rise"] = np.rint(rise * 10).astype(np.int16)
    arrays["edge_fall"] = np.rint(fall * 10).astype(np.int16)
    return has_heights


def _climbs(
    arrays: Arrays, segment_metres: Floats, terrain: Terrain
) -> tuple[Floats, Floats, dict[int, Floats], bool]:
    """Metres up and down each edge, and its mean effort per metre both ways (NaN: not known)."""
    first = arrays["first_point"]
    along = np.cumsum(segment_metres) - segment_metres  # metres before each point, over all edges
    starts, length = along[first[:-1]], arrays["edge_length"] / 100
    pieces = np.maximum(1, np.ceil(length / SAMPLE_METRES)).astype(np.int64)
    owner = np.repeat(np.arange(len(pieces)), pieces + 1)
    step = np.arange(len(owner)) - np.repeat(np.cumsum(pieces + 1) - pieces - 1, pieces + 1)
    true_length = along[first[1:] - 1] - starts
    at = starts[owner] + true_length[owner] * step / pieces[owner]
    # Points of two edges share no metre but the seam, where both are the sample's own point.
    shift = np.arange(len(pieces), dtype=np.float64)  # a metre of nothing between edges
    spread = along + shift[arrays["point_edge"]]
    longitude = np.interp(at + shift[owner], spread, arrays["point_lon"] / E7)
    latitude = np.interp(at + shift[owner], spread, arrays["point_lat"] / E7)
    heights = terrain.heights(longitude, latitude)
    up = np.diff(heights)
    inside = owner[1:] == owner[:-1]
    up, piece_owner = up[inside], owner[1:][inside]
    known = ~np.isnan(np.bincount(piece_owner, up, minlength=len(pieces)))
    up[(arrays["edge_word"][piece_owner] & Flag.OFF_THE_GROUND) != 0] = 0.0
    climb = np.nan_to_num(up)
    run = np.maximum(length / pieces, SLOPE_RUN_METRES)[piece_owner]
    rise: Floats = np.bincount(piece_owner, np.maximum(climb, 0.0), minlength=len(pieces)).astype(
        np.float64
    )
    fall: Floats = np.bincount(piece_owner, np.maximum(-climb, 0.0), minlength=len(pieces)).astype(
        np.float64
    )
    sounded = {}
    for direction in (1, -1):
        effort = np.bincount(piece_owner, slope_effort(direction * climb / run)) / pieces
        effort[~known] = np.nan
        sounded[direction] = effort
    return rise, fall, sounded, bool(known.any())


def _adjacency(arrays: Arrays) -> Arrays:
    """Both directions of every edge by the node they leave; a ring that closes on itself has none."""
    edge = np.flatnonzero(arrays["edge_tail"] != arrays["edge_head"])
    leaves = np.concatenate([arrays["edge_tail"][edge], arrays["edge_head"][edge]])
    enters = np.concatenate([arrays["edge_head"][edge], arrays["edge_tail"][edge]])
    arc = np.concatenate([2 * edge, 2 * edge + 1])
    order = np.lexsort((arc, enters, leaves))
    nodes = len(arrays["node_lon"])
    return {
        "first_out": np.searchsorted(leaves[order], np.arange(nodes + 1)).astype(np.int32),
        "arc_head": enters[order].astype(np.int32),
        "arc": arc[order].astype(np.int32),
    }


def _islands(arrays: Arrays, *, avoid_stairs: bool) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Island of each edge (-1: none, it leads from one to another or is steps), metres of each."""
    closed = arrays["edge_word"] & Flag.STEPS != 0 if avoid_stairs else None
    passable = arrays[f"labels_{Profile().number}"].copy()
    if closed is not None:
        passable[np.repeat(closed, 2)] = np.uint64(2**64 - 1)
    node_island = islands_of(arrays["first_out"], arrays["arc_head"], arrays["arc"], passable)
    tail, head = node_island[arrays["edge_tail"]], node_island[arrays["edge_head"]]
    island = np.where(tail == head, tail, -1)
    if closed is not None:
        island[closed] = -1
    inside = island >= 0
    # Lines of sight over a square are no streets: they must not make a scrap of the map look large.
    is_street = arrays["edge_word"][inside] & Flag.CROSSES_AREA == 0
    metres = np.bincount(
        island[inside],
        arrays["edge_length"][inside] / 100 * is_street,
        minlength=int(node_island.max()) + 1,
    )
    largest_first = np.lexsort((np.arange(len(metres)), -metres))
    renamed = np.empty(len(metres), np.int32)
    renamed[largest_first] = np.arange(len(metres), dtype=np.int32)
    island = np.where(inside, renamed[island], -1).astype(np.int32)
    return island, metres[largest_first].astype(np.int32)
