"""Builds a graph file from an OpenStreetMap extract: the same extract makes the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from solver.elevation import Terrain
from solver.errors import NoFootpath
from solver.footways import E7, read_footways
from solver.graph_file import write_graph_file
from solver.junctions import edges_between_junctions
from solver.network import network_arrays
from solver.osm_walkable import Flag
from solver.plains import strips_of_plains
from solver.surroundings import flag_surroundings
from solver.walk_graph import SIZEABLE_METRES

Report = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class GraphSummary:
    """What was built: sizes, extent, and how much of it hangs together."""

    node_count: int
    edge_count: int
    metres: int  # of paths and streets; crossings of squares are not counted
    island_count: int  # islands with at least 10 km of them; scraps are not counted
    largest_island_share: float  # of all metres
    bounds: tuple[float, float, float, float]  # west, south, east, north
    has_heights: bool
    data_timestamp: str | None


def build_walk_graph(
    extract: Path,
    target: Path,
    *,
    area: dict[str, Any] | None = None,
    elevation: Path | None = None,
    report: Report | None = None,
) -> GraphSummary:
    """Read `extract` (.osm.pbf, .osm.bz2, …), write the graph file `target` whole, say what it is.

    `area` is a GeoJSON polygon, feature or collection to stay within; `elevation` a folder of SRTM
    tiles, others are ignored. `report(stage, share)` is told of progress, share from 0 to 1.
    Raises UnreadableExtract, NoFootpath, ValueError for a tile that is none, OSError of the disk.
    """
    tell = report or (lambda _stage, _share: None)
    tell("reading ways", 0.0)
    footways = read_footways(extract, area, lambda share: tell("reading ways", 0.35 * share))
    strips = footways.strips
    tell("crossing squares", 0.35)
    strips = strips + strips_of_plains(footways)
    tell("finding junctions", 0.45)
    edges = edges_between_junctions(strips, footways.places)
    if not edges:
        where = "within the area" if area is not None else "in it"
        raise NoFootpath(f"{extract} was read to its end, but no footpath is {where}")
    terrain = None
    if elevation is not None:
        places = np.array([footways.places[node] for edge in edges for node in edge.nodes]) / E7
        (west, south), (east, north) = places.min(axis=0), places.max(axis=0)
        terrain = Terrain.read(elevation, (west, south, east, north))
    tell("measuring", 0.6)
    arrays, has_heights = network_arrays(edges, footways.places, terrain)
    tell("looking for parks and water", 0.85)
    flag_surroundings(extract, arrays)
    tell("writing", 0.95)
    summary = _summary(arrays, has_heights, footways.data_timestamp)
    write_graph_file(
        target,
        arrays,
        {"has_heights": has_heights, "data_timestamp": footways.data_timestamp},
    )
    tell("written", 1.0)
    return summary


def _summary(arrays: dict[str, Any], has_heights: bool, data_timestamp: str | None) -> GraphSummary:
    islands = arrays["island_metres"]
    is_street = arrays["edge_word"] & Flag.CROSSES_AREA == 0
    metres = int(arrays["edge_length"][is_street].sum(dtype=np.int64)) // 100
    longitudes, latitudes = arrays["point_lon"], arrays["point_lat"]
    return GraphSummary(
        node_count=len(arrays["node_lon"]),
        edge_count=len(arrays["edge_tail"]),
        metres=metres,
        island_count=max(1, int((islands >= SIZEABLE_METRES).sum())),
        largest_island_share=float(islands[0]) / max(1, metres),
        bounds=(
            int(longitudes.min()) / E7,
            int(latitudes.min()) / E7,
            int(longitudes.max()) / E7,
            int(latitudes.max()) / E7,
        ),
        has_heights=has_heights,
        data_timestamp=data_timestamp,
    )
