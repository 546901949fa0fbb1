"""Looks a graph's arrays through, once, for whatever the compiled searches index without looking.

A checksum tells a damaged file; this tells a file that was written wrong, by a fault of ours or on
purpose: no sound-looking file may send a search out of bounds or round in circles.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.effort import IMPASSABLE, PROFILES
from solver.footways import E7
from solver.graph_file import Arrays
from solver.osm_walkable import CLASS_SHIFT, WayClass

HIERARCHY_ARRAYS = ("first_up", "head", "up", "down", "up_middle", "down_middle")
HEAVIEST_WEIGHT = 2**31 - 1  # two of them still fit the upper half of a label
_KINDS: dict[str, tuple[str, ...]] = {
    "int16": ("edge_rise", "edge_fall"),
    "uint8": ("name_bytes",),
    "uint16": ("edge_word",),
    "uint64": tuple(f"labels_{profile.number}" for profile in PROFILES),
    "int32": (
        "node_lon", "node_lat", "node_rank", "first_out", "arc_head", "arc", "edge_tail",
        "edge_head", "edge_length", "edge_name", "first_point", "point_lon", "point_lat",
        "point_edge", "edge_island", "edge_level_island", "island_metres", "level_island_metres",
        "grid_frame", "grid_first", "grid_segments", "name_first",
    ),
}  # fmt: skip
_OF_HIERARCHIES = {"up": "uint64", "down": "uint64"}  # the others are int32


def fault_of(arrays: Arrays) -> str | None:
    """What is wrong with these arrays, in words; None for a network that can be searched."""
    for look in (_kinds, _network, _geometry, _islands, _grid, _names, _labels):
        fault = next(look(arrays), None)
        if fault is not None:
            return fault
    for profile in PROFILES:
        fault = next(_hierarchy(arrays, f"hierarchy_{profile.number}_"), None)
        if fault is not None:
            return f"the hierarchy of profile {profile.number}: {fault}"
    return None


def has_hierarchy(arrays: Arrays, prefix: str) -> bool:
    """Whether the file carries the hierarchy whose arrays begin like this."""
    return f"{prefix}first_up" in arrays


def _kinds(arrays: Arrays) -> Iterator[str]:
    expected = {name: kind for kind, names in _KINDS.items() for name in names}
    for profile in PROFILES:
        prefix = f"hierarchy_{profile.number}_"
        if has_hierarchy(arrays, prefix):
            for name in HIERARCHY_ARRAYS:
                expected[prefix + name] = _OF_HIERARCHIES.get(name, "int32")
    for name, kind in expected.items():
        if name not in arrays:
            yield f"{name} is missing"
        elif arrays[name].ndim != 1 or arrays[name].dtype != np.dtype(kind):
            yield f"{name} is no list of {kind}"


def _network(arrays: Arrays) -> Iterator[str]:
    nodes, edges = len(arrays["node_lon"]), len(arrays["edge_tail"])
    if nodes == 0 or edges == 0:
        yield "there is nothing to walk on"
    if not len(arrays["node_lat"]) == len(arrays["node_rank"]) == nodes:
        yield "junctions are described by lists of different length"
    of_edges = ("edge_head", "edge_rise", "edge_fall", "edge_word", "edge_name", "edge_length")
    if any(len(arrays[name]) != edges for name in of_edges):
        yield "edges are described by lists of different length"
    if not _counts_up(arrays["first_out"], nodes, len(arrays["arc"])):
        yield "first_out does not count up to the arcs"
    if len(arrays["arc_head"]) != len(arrays["arc"]):
        yield "arcs are described by lists of different length"
    for name, above in (
        ("arc_head", nodes),
        ("arc", 2 * edges),
        ("edge_tail", nodes),
        ("edge_head", nodes),
        ("node_rank", nodes),
    ):
        if not _within(arrays[name], 0, above):
            yield f"{name} points beyond what there is"
    if not _within(arrays["edge_length"], 1, 2**31):
        yield "an edge has no length"
    if not _within(arrays["edge_word"] >> CLASS_SHIFT, min(WayClass), max(WayClass) + 1):
        yield "an edge is of an unknown class"


def _geometry(arrays: Arrays) -> Iterator[str]:
    points, edges = len(arrays["point_lon"]), len(arrays["edge_tail"])
    first = arrays["first_point"]
    if not (_counts_up(first, edges, points) and bool((np.diff(first) >= 2).all())):
        yield "first_point does not give every edge two points"
    if not len(arrays["point_lat"]) == len(arrays["point_edge"]) == points:
        yield "points are described by lists of different length"
    elif not np.array_equal(arrays["point_edge"], np.repeat(np.arange(edges), np.diff(first))):
        yield "point_edge names other edges than first_point"
    for axis, most in (("lon", 180), ("lat", 90)):
        for kind in ("node", "point"):
            if not _within(arrays[f"{kind}_{axis}"], int(-most * E7), int(most * E7) + 1):
                yield f"{kind}_{axis} is no place on Earth"


def _islands(arrays: Arrays) -> Iterator[str]:
    edges = len(arrays["edge_tail"])
    for islands, metres in (
        ("edge_island", "island_metres"),
        ("edge_level_island", "level_island_metres"),
    ):
        if len(arrays[islands]) != edges or not _within(arrays[islands], -1, len(arrays[metres])):
            yield f"{islands} does not fit {metres}"


def _grid(arrays: Arrays) -> Iterator[str]:
    frame, points = arrays["grid_frame"], len(arrays["point_lon"])
    if len(frame) != 6 or min(frame[2:]) <= 0:
        yield "grid_frame is no frame"
        return
    segments = arrays["grid_segments"]
    if not _counts_up(arrays["grid_first"], int(frame[4]) * int(frame[5]), len(segments)):
        yield "grid_first does not fit the frame"
    edge = arrays["point_edge"]
    if not _within(segments, 0, points - 1):
        yield "grid_segments points beyond the points"
    elif not np.array_equal(edge[segments], edge[segments + 1]):
        yield "grid_segments joins points of different edges"


def _names(arrays: Arrays) -> Iterator[str]:
    first = arrays["name_first"]
    if not _counts_up(first, len(first) - 1, len(arrays["name_bytes"])):
        yield "name_first does not count up to the names"
    if not _within(arrays["edge_name"], -1, len(first) - 1):
        yield "edge_name points beyond the names"


def _labels(arrays: Arrays) -> Iterator[str]:
    edges = len(arrays["edge_tail"])
    for name in _KINDS["uint64"]:
        if len(arrays[name]) != 2 * edges or not _weighs(arrays[name]):
            yield f"{name} does not weigh every edge"


def _hierarchy(arrays: Arrays, prefix: str) -> Iterator[str]:
    if not has_hierarchy(arrays, prefix):
        return
    first, head, up, down, up_middle, down_middle = (
        arrays[prefix + name] for name in HIERARCHY_ARRAYS
    )
    nodes, edges = len(arrays["node_lon"]), len(arrays["edge_tail"])
    ranks = np.sort(arrays["node_rank"])
    if not np.array_equal(ranks, np.arange(nodes)):
        yield "node_rank does not rank the junctions"
    if not _counts_up(first, nodes, len(head)):
        yield "first_up does not count up to its arcs"
        return
    if not len(up) == len(down) == len(up_middle) == len(down_middle) == len(head):
        yield "its arcs are described by lists of different length"
        return
    owner = np.repeat(np.arange(nodes), np.diff(first))
    # Taken out last is 0: arcs lead to smaller numbers, and what they stand for has larger ones.
    if not (_within(head, 0, nodes) and bool((head < owner).all())):
        yield "an arc does not lead up"
    for middle, label in ((up_middle, up), (down_middle, down)):
        walked = label != IMPASSABLE
        inner = (middle >= 0) & walked
        if not (_within(middle, -2 * edges, nodes) and bool((middle[inner] > owner[inner]).all())):
            yield "an arc stands for nothing below it"
        if not _weighs(label):
            yield "an arc weighs nothing, or more than a way can"


def _weighs(labels: NDArray[Any]) -> bool:
    weights = labels[labels != IMPASSABLE] >> np.uint64(32)
    return len(weights) == 0 or bool((weights.min() >= 1) & (weights.max() <= HEAVIEST_WEIGHT))


def _within(numbers: NDArray[Any], least: int, above: int) -> bool:
    return len(numbers) == 0 or (int(numbers.min()) >= least and int(numbers.max()) < above)


def _counts_up(first: NDArray[Any], ranges: int, items: int) -> bool:
    """Whether `first` splits `items` into `ranges` runs."""
    return (
        len(first) == ranges + 1
        and ranges >= 0
        and int(first[0]) == 0
        and int(first[-1]) == items
        and bool((np.diff(first) >= 0).all())
    )
