"""Squares, platforms and piers are walked across: lines of sight between the ways that meet them.

Following the outline alone would break the network (most pedestrian ways of an old town are areas),
so each area gets straight crossings between its gates, and by its inward corners, as a sparse
spanner: a crossing is drawn only where those drawn before would be a detour of more than 3 %.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from solver.footways import E7, Footways, Plain, Point, Strip
from solver.osm_walkable import Flag, WayTraits

MOST_SIGHTS = 48  # corners looked from in one area: 48 * 47 / 2 lines are tested at most
DETOUR_ALLOWED = 1.03
METRES_PER_DEGREE = 111_195.0  # on a sphere; only ratios of lengths within one area matter here


def strips_of_plains(footways: Footways) -> list[Strip]:
    """Outlines (as walkable strips) and crossings of every area."""
    uses = _uses(footways)
    strips: list[Strip] = []
    for plain in footways.plains:
        both_ways = replace(plain.traits, flags=plain.traits.flags | Flag.FORWARD | Flag.BACKWARD)
        strips += [Strip(ring, both_ways) for ring in plain.rings]
        strips += _crossings(plain, both_ways, uses, footways.places)
    return strips


def _uses(footways: Footways) -> Counter[int]:
    """How many strips and rings touch each node."""
    uses: Counter[int] = Counter()
    for strip in footways.strips:
        uses.update(set(strip.nodes))
    for plain in footways.plains:
        for ring in plain.rings:
            uses.update(set(ring))
    return uses


def _crossings(
    plain: Plain, traits: WayTraits, uses: Counter[int], places: dict[int, Point]
) -> list[Strip]:
    shape = _polygon(plain, places)
    if shape is None:
        return []
    sights = _sights(plain, uses, places)
    if len(sights) < 2:
        return []
    points = _in_metres([places[node] for node in sights])
    crossing = replace(traits, flags=traits.flags | Flag.CROSSES_AREA)
    return [
        Strip((sights[first], sights[second]), crossing)
        for first, second in _spanner(points, _outline_distances(plain, sights, places), shape)
    ]


def _polygon(plain: Plain, places: dict[int, Point]) -> shapely.Polygon | None:
    outer, *inner = ([places[node] for node in ring] for ring in plain.rings)
    if len(outer) < 4:
        return None
    shape = shapely.Polygon(_in_metres(outer, outer), [_in_metres(ring, outer) for ring in inner])
    if not shape.is_valid or shape.is_empty:  # a crossed outline has no inside to rely on
        return None
    return shape


def _in_metres(points: list[Point], anchor: list[Point] | None = None) -> NDArray[np.float64]:
    """A local plane; one fixed scale for each tenth of a degree keeps all of an area in step."""
    latitude = round((anchor or points)[0][1] / E7, 1)
    scale = METRES_PER_DEGREE / E7
    return np.asarray(points, dtype=np.float64) * (
        scale * math.cos(math.radians(latitude)),
        scale,
    )


def _sights(plain: Plain, uses: Counter[int], places: dict[int, Point]) -> list[int]:
    """Gates (nodes shared with other ways) first, then corners that block the view."""
    ring_nodes = [node for ring in plain.rings for node in ring[:-1]]
    gates = [node for node in dict.fromkeys(ring_nodes) if uses[node] >= 2]
    if len(gates) < 2:
        return []
    corners = [
        node
        for index, ring in enumerate(plain.rings)
        for node in _inward_corners(ring, places, is_hole=index > 0)
        if uses[node] < 2
    ]
    return _thinned(gates, MOST_SIGHTS) + corners[: max(0, MOST_SIGHTS - len(gates))]


def _thinned(nodes: list[int], most: int) -> list[int]:
    if len(nodes) <= most:
        return nodes
    return [nodes[index * len(nodes) // most] for index in range(most)]


def _inward_corners(
    ring: tuple[int, ...], places: dict[int, Point], *, is_hole: bool
) -> Iterable[int]:
    """Corners round which a shortest way inside the area may bend."""
    points = [places[node] for node in ring]
    twice_area = sum(ax * by - bx * ay for (ax, ay), (bx, by) in itertools.pairwise(points))
    inward = -1 if (twice_area > 0) != is_hole else 1
    for index in range(len(ring) - 1):
        before, here, after = points[index - 1 if index else -2], points[index], points[index + 1]
        turn = (here[0] - before[0]) * (after[1] - here[1]) - (here[1] - before[1]) * (
            after[0] - here[0]
        )
        if turn * inward > 0:
            yield ring[index]


def _outline_distances(
    plain: Plain, sights: list[int], places: dict[int, Point]
) -> NDArray[np.float64]:
    """Metres between sights along the rings, infinite between different rings."""
    apart = np.full((len(sights), len(sights)), np.inf)
    np.fill_diagonal(apart, 0.0)
    index_of = {node: index for index, node in enumerate(sights)}
    for ring in plain.rings:
        line = _in_metres([places[node] for node in ring])
        steps = np.hypot(*np.diff(line, axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(steps)])
        on_ring = [
            (index_of[node], along[at]) for at, node in enumerate(ring[:-1]) if node in index_of
        ]
        for first, here in on_ring:
            for second, there in on_ring:
                way = abs(here - there)
                apart[first, second] = min(apart[first, second], way, along[-1] - way)
    return apart


def _spanner(
    points: NDArray[np.float64], apart: NDArray[np.float64], shape: shapely.Polygon
) -> list[tuple[int, int]]:
    """Pairs to join, shortest first; `apart` is kept up to date as lines are drawn."""
    first, second = np.triu_indices(len(points), 1)
    straight = np.hypot(*(points[first] - points[second]).T)
    wanted = (apart[first, second] > DETOUR_ALLOWED * straight) & (straight > 0)
    first, second, straight = first[wanted], second[wanted], straight[wanted]
    shapely.prepare(shape)
    lines = shapely.linestrings(np.stack([points[first], points[second]], axis=1))
    seen = np.atleast_1d(shapely.covers(shape, lines))
    drawn: list[tuple[int, int]] = []
    for pair in np.lexsort((second, first, np.round(straight, 3))):
        here, there = int(first[pair]), int(second[pair])
        if not seen[pair] or apart[here, there] <= DETOUR_ALLOWED * straight[pair]:
            continue
        drawn.append((here, there))
        through = np.minimum(
            apart[:, here, None] + straight[pair] + apart[None, there, :],
            apart[:, there, None] + straight[pair] + apart[None, here, :],
        )
        np.minimum(apart, through, out=apart)
    return drawn
