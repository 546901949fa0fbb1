"""Reads an extract into strips of walkable way: node ids, places and traits, nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray

from solver.errors import UnreadableExtract
from solver.osm_walkable import WayTraits, area_traits_of, stops_walkers, traits_of

E7 = 10_000_000  # OSM's own unit: a ten-millionth of a degree, about a centimetre
Point = tuple[int, int]  # longitude and latitude in E7, as the extract has them

_KEYS = ("highway", "barrier", "foot", "man_made", "public_transport", "railway")
_AREA_KEYS = ("highway", "man_made", "public_transport", "railway")


@dataclass(frozen=True, slots=True)
class Strip:
    """A walkable run of nodes of one way; nodes that are cut off by a barrier get negative ids."""

    nodes: tuple[int, ...]
    traits: WayTraits


@dataclass(frozen=True, slots=True)
class Plain:
    """A walkable area: closed rings of nodes, the outer one first."""

    rings: tuple[tuple[int, ...], ...]
    traits: WayTraits


@dataclass(slots=True)
class Footways:
    """Everything walkable of an extract."""

    strips: list[Strip] = field(default_factory=list)
    plains: list[Plain] = field(default_factory=list)
    places: dict[int, Point] = field(default_factory=dict)  # node id -> point
    data_timestamp: str | None = None


def read_footways(
    extract: Path, area: dict[str, Any] | None, report: Callable[[float], None]
) -> Footways:
    """Ways, areas and barriers of an extract, within a GeoJSON polygon if one is given.

    Raises UnreadableExtract for what is absent, truncated, empty or not OSM.
    """
    if not extract.is_file():
        raise UnreadableExtract(f"there is no file {extract}")
    if extract.stat().st_size == 0:
        raise UnreadableExtract(f"{extract} is empty")
    footways = Footways()
    try:
        walls = _read_ways(extract, footways)
        report(0.6)
        _read_relations(extract, footways)
        report(0.9)
        footways.data_timestamp = _timestamp_of(extract)
    except (RuntimeError, ValueError, OSError) as error:  # osmium's decoders raise all three
        raise UnreadableExtract(f"{extract} cannot be read as OSM data: {error}") from error
    footways.strips.sort(key=lambda strip: strip.nodes)
    _cut_at_walls(footways, walls)
    if area is not None:
        _clip(footways, area)
    return footways


def _read_ways(extract: Path, footways: Footways) -> set[int]:
    walls: set[int] = set()
    for thing in (
        osmium.FileProcessor(str(extract))
        .with_locations()
        .with_filter(osmium.filter.KeyFilter(*_KEYS))
    ):
        if isinstance(thing, osmium.osm.Node):
            if stops_walkers(dict(thing.tags)):
                walls.add(thing.id)
        elif isinstance(thing, osmium.osm.Way):
            _keep_way(thing, footways)
    return walls


def _keep_way(way: osmium.osm.Way, footways: Footways) -> None:
    traits = traits_of(dict(way.tags), is_closed=way.is_closed())
    if traits is None:
        return
    whole = True
    runs: list[list[int]] = [[]]
    for node in way.nodes:
        location = node.location
        if not location.valid():  # the extract was cut here
            whole = False
            runs.append([])
            continue
        footways.places[node.ref] = (location.x, location.y)
        if not runs[-1] or runs[-1][-1] != node.ref:
            runs[-1].append(node.ref)
    if traits.is_area and whole and len(runs[0]) >= 4:
        footways.plains.append(Plain((tuple(runs[0]),), traits))
        return
    footways.strips += [Strip(tuple(run), traits) for run in runs if len(run) >= 2]


def _read_relations(extract: Path, footways: Footways) -> None:
    areas = osmium.filter.KeyFilter(*_AREA_KEYS)
    for thing in osmium.FileProcessor(str(extract)).with_areas(areas).with_filter(areas):
        if not isinstance(thing, osmium.osm.Area) or thing.from_way():
            continue
        traits = area_traits_of(dict(thing.tags))
        if traits is None or not traits.is_area:
            continue
        for outer in thing.outer_rings():
            rings = [outer, *thing.inner_rings(outer)]
            for ring in rings:
                footways.places.update((node.ref, (node.x, node.y)) for node in ring)
            footways.plains.append(
                Plain(tuple(tuple(node.ref for node in ring) for ring in rings), traits)
            )


def _timestamp_of(extract: Path) -> str | None:
    with osmium.io.Reader(str(extract), osmium.osm.osm_entity_bits.NOTHING) as reader:
        return reader.header().get("osmosis_replication_timestamp") or None


def _cut_at_walls(footways: Footways, walls: set[int]) -> None:
    """A wall's node becomes two dead ends: each run beside it gets a copy of its own."""
    next_copy = -1

    def copy_of(node: int) -> int:
        nonlocal next_copy
        footways.places[next_copy] = footways.places[node]
        next_copy -= 1
        return next_copy + 1

    cut: list[Strip] = []
    for strip in footways.strips:
        if walls.isdisjoint(strip.nodes):
            cut.append(strip)
            continue
        for run in _runs_between(strip.nodes, walls):
            ends = [copy_of(node) if node in walls else node for node in (run[0], run[-1])]
            cut.append(Strip((ends[0], *run[1:-1], ends[1]), strip.traits))
    footways.strips = cut


def _runs_between(nodes: tuple[int, ...], cuts: set[int]) -> Iterator[tuple[int, ...]]:
    first = 0
    for index in range(1, len(nodes)):
        if nodes[index] in cuts or index == len(nodes) - 1:
            yield nodes[first : index + 1]
            first = index


def _clip(footways: Footways, area: dict[str, Any]) -> None:
    """Keep what lies within the area: whole segments of strips, whole plains."""
    shape = _shape_of(area)
    nodes = list(footways.places)
    places: NDArray[np.float64] = np.array([footways.places[node] for node in nodes]) / E7
    if not nodes:
        return
    inside = np.atleast_1d(shapely.contains_xy(shape, places[:, 0], places[:, 1]))
    kept = {node for node, is_inside in zip(nodes, inside.tolist(), strict=True) if is_inside}
    footways.strips = [
        Strip(run, strip.traits)
        for strip in footways.strips
        for run in _runs_within(strip.nodes, kept)
    ]
    footways.plains = [
        plain for plain in footways.plains if all(kept.issuperset(ring) for ring in plain.rings)
    ]


def _shape_of(area: dict[str, Any]) -> shapely.Geometry:
    """One prepared shape of a geometry, a feature or a collection of features."""
    features = area.get("features", [area])
    geometries = [feature.get("geometry", feature) for feature in features]
    shape = shapely.union_all([shapely.from_geojson(json.dumps(one)) for one in geometries])
    shapely.prepare(shape)
    return shape


def _runs_within(nodes: tuple[int, ...], kept: set[int]) -> Iterator[tuple[int, ...]]:
    run: list[int] = []
    for node in nodes:
        if node in kept:
            run.append(node)
            continue
        if len(run) >= 2:
            yield tuple(run)
        run = []
    if len(run) >= 2:
        yield tuple(run)
