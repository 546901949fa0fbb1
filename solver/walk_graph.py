"""The walking network: junctions, edges with their geometry, and what walking them is like."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.effort import PROFILES, Profile
from solver.errors import DamagedGraph
from solver.footways import E7
from solver.graph_file import Arrays, map_graph_file
from solver.graph_soundness import fault_of, has_hierarchy
from solver.many_to_many import ManyToMany
from solver.nearest_edge import nearest_edges
from solver.osm_walkable import CLASS_SHIFT, Flag, WayClass
from solver.question import LonLat
from solver.reach import Reach

SIZEABLE_METRES = 10_000  # with less path than this an island is a scrap of the map, not a place
MOST_DOORS = 20_000  # about 30 MB; then the memory starts anew
MOST_NEAR = 4  # edges compared for one point; more are the same pavement in pieces


class Foothold(NamedTuple):
    """Where a place meets the network: a point part-way along an edge."""

    edge: int
    along_centimetres: int  # from the edge's tail
    location: LonLat
    gap_metres: float  # from the place to the point, as the crow flies


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A contraction hierarchy of one profile; see contraction.pyx for the arrays' meaning."""

    first_up: NDArray[np.int32]
    head: NDArray[np.int32]
    up: NDArray[np.uint64]
    down: NDArray[np.uint64]
    up_middle: NDArray[np.int32]
    down_middle: NDArray[np.int32]


class WalkGraph:
    """A network in memory or in a mapped graph file; read-only, shared by whoever opens it.

    Nodes are junctions, sorted along a Morton curve; edge e runs from `edge_tail[e]` to
    `edge_head[e]`, its points are first_point[e] .. first_point[e + 1], both junctions included.
    The directed arc 2 * e walks it forward, 2 * e + 1 backward. Coordinates are 1e-7 degrees.
    """

    def __init__(self, arrays: Arrays, facts: dict[str, Any]) -> None:
        """Take the arrays as `network_arrays` made them; DamagedGraph where they do not fit."""
        fault = fault_of(arrays)
        if fault is not None:
            raise DamagedGraph(f"the graph's arrays do not fit together: {fault}")
        self.node_lon: NDArray[np.int32] = arrays["node_lon"]
        self.node_lat: NDArray[np.int32] = arrays["node_lat"]
        self.node_rank: NDArray[np.int32] = arrays["node_rank"]
        self.first_out: NDArray[np.int32] = arrays["first_out"]
        self.arc_head: NDArray[np.int32] = arrays["arc_head"]
        self.arc: NDArray[np.int32] = arrays["arc"]
        self.edge_tail: NDArray[np.int32] = arrays["edge_tail"]
        self.edge_head: NDArray[np.int32] = arrays["edge_head"]
        self.edge_length: NDArray[np.int32] = arrays["edge_length"]  # centimetres
        self.edge_rise: NDArray[np.int16] = arrays["edge_rise"]  # decimetres up, forward
        self.edge_fall: NDArray[np.int16] = arrays["edge_fall"]  # decimetres up, backward
        self.edge_word: NDArray[np.uint16] = arrays["edge_word"]
        self.edge_name: NDArray[np.int32] = arrays["edge_name"]
        self.first_point: NDArray[np.int32] = arrays["first_point"]
        self.point_lon: NDArray[np.int32] = arrays["point_lon"]
        self.point_lat: NDArray[np.int32] = arrays["point_lat"]
        self.point_edge: NDArray[np.int32] = arrays["point_edge"]
        # By whether stairs are avoided: islands without steps are smaller.
        self.edge_island = (arrays["edge_island"], arrays["edge_level_island"])
        self.island_metres = (arrays["island_metres"], arrays["level_island_metres"])
        self._labels = tuple(arrays[f"labels_{profile.number}"] for profile in PROFILES)
        self._grid = (arrays["grid_frame"], arrays["grid_first"], arrays["grid_segments"])
        self._name_first: NDArray[np.int32] = arrays["name_first"]
        self._name_bytes: NDArray[np.uint8] = arrays["name_bytes"]
        self._arrays = arrays
        self._reaches: dict[int, Reach] = {}
        self._searches: dict[int, ManyToMany | Reach] = {}
        self.known_doors: dict[Hashable, tuple[Foothold, ...]] = {}
        self.facts = facts
        self.has_heights = bool(facts.get("has_heights", False))
        self._sizeable = tuple(self._sizeable_islands(metres) for metres in self.island_metres)

    @classmethod
    def open(cls, path: Path | str) -> WalkGraph:
        """Map a graph file; raises DamagedGraph if it is missing, damaged or of another version."""
        arrays, facts = map_graph_file(Path(path))
        return cls(arrays, facts)

    @property
    def node_count(self) -> int:
        """How many junctions there are."""
        return len(self.node_lon)

    @property
    def edge_count(self) -> int:
        """How many edges there are."""
        return len(self.edge_tail)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of all points, in degrees."""
        west, east = int(self.point_lon.min()), int(self.point_lon.max())
        south, north = int(self.point_lat.min()), int(self.point_lat.max())
        return west / E7, south / E7, east / E7, north / E7

    def labels(self, profile: Profile) -> NDArray[np.uint64]:
        """Weight and effort of every arc for a profile, (2 * edges,); see effort.labels."""
        return self._labels[profile.number]

    def hierarchy(self, profile: Profile) -> Hierarchy | None:
        """The profile's contraction hierarchy, where the file carries one."""
        prefix = f"hierarchy_{profile.number}_"
        if not has_hierarchy(self._arrays, prefix):
            return None
        return Hierarchy(
            *(self._arrays[prefix + name] for name in Hierarchy.__dataclass_fields__),
        )

    def reach(self, profile: Profile) -> Reach:
        """Plain searches over the network; the object is kept and reused, one thread at a time."""
        known = self._reaches.get(profile.number)
        if known is None:
            known = self._reaches[profile.number] = Reach(
                self.first_out,
                self.arc_head,
                self.arc,
                self.labels(profile),
                self.node_lon,
                self.node_lat,
            )
        return known

    def searches(self, profile: Profile) -> ManyToMany | Reach:
        """What makes matrices and routes: the hierarchy where there is one, else plain searches."""
        known = self._searches.get(profile.number)
        if known is None:
            found = self.hierarchy(profile)
            known = self.reach(profile)
            if found is not None:
                parts = (getattr(found, name) for name in Hierarchy.__dataclass_fields__)
                known = ManyToMany(self.node_rank, *parts)
            self._searches[profile.number] = known
        return known

    def remember_door(self, door: Hashable, footholds: tuple[Foothold, ...]) -> None:
        """Keep where a place stands: the same places are asked for again and again."""
        if len(self.known_doors) >= MOST_DOORS:
            self.known_doors.clear()
        self.known_doors[door] = footholds

    def name_of(self, edge: int) -> str | None:
        """The street's name, or None."""
        index = int(self.edge_name[edge])
        if index < 0:
            return None
        first, last = self._name_first[index], self._name_first[index + 1]
        return bytes(self._name_bytes[first:last]).decode(errors="replace")

    def way_class(self, edge: int) -> WayClass:
        """What kind of way the edge is."""
        return WayClass(int(self.edge_word[edge]) >> CLASS_SHIFT)

    def has(self, edge: int, flag: Flag) -> bool:
        """Whether the edge carries a flag."""
        return bool(int(self.edge_word[edge]) & flag)

    def points_of(self, edge: int) -> NDArray[np.int32]:
        """The edge's points from tail to head, (points, 2), longitude and latitude in E7."""
        span = slice(int(self.first_point[edge]), int(self.first_point[edge + 1]))
        return np.stack([self.point_lon[span], self.point_lat[span]], axis=1)

    def island_of(self, foothold: Foothold, *, avoid_stairs: bool = False) -> int:
        """The number of the island a foothold is on; 0 is the largest."""
        return int(self.edge_island[avoid_stairs][foothold.edge])

    def is_sizeable(self, island: int, *, avoid_stairs: bool = False) -> bool:
        """Whether an island is large enough to be meant, or the largest there is."""
        return bool(self._sizeable[avoid_stairs][island])

    def nearest(
        self,
        place: LonLat,
        radius_metres: float,
        *,
        avoid_stairs: bool = False,
        only_sizeable: bool = True,
        only_island: int | None = None,
    ) -> Foothold | None:
        """The nearest point on an edge within the radius, or None.

        `only_island` passes over all other islands; `avoid_stairs` passes over steps and counts
        islands without them.
        """
        found = self._near(place, radius_metres, avoid_stairs, only_sizeable, only_island, 1)
        return self._foothold(*found[0]) if found else None

    def near(
        self,
        place: LonLat,
        radius_metres: float,
        *,
        avoid_stairs: bool = False,
        only_sizeable: bool = True,
        only_island: int | None = None,
        slack: tuple[float, float],
    ) -> tuple[Foothold, ...]:
        """The same with points on other edges that are hardly farther, nearest first, at most 4.

        `slack`: how much farther, in metres and as a share of the nearest's distance, added up.
        """
        found = self._near(
            place, radius_metres, avoid_stairs, only_sizeable, only_island, MOST_NEAR, slack
        )
        return tuple(self._foothold(*one) for one in found)

    def _near(
        self,
        place: LonLat,
        radius_metres: float,
        avoid_stairs: bool,
        only_sizeable: bool,
        only_island: int | None,
        most: int,
        slack: tuple[float, float] = (0.0, 0.0),
    ) -> list[tuple[int, float, float]]:
        is_open = self._sizeable[avoid_stairs]
        if only_island is not None:
            is_open = np.zeros_like(is_open)
            is_open[only_island] = 1
        elif not only_sizeable:
            is_open = np.ones_like(is_open)
        return nearest_edges(
            *self._grid,
            self.point_lon,
            self.point_lat,
            self.point_edge,
            self.edge_island[avoid_stairs],
            is_open,
            self.edge_word,
            int(Flag.STEPS) if avoid_stairs else 0,
            place[0] * E7,
            place[1] * E7,
            radius_metres,
            most,
            *slack,
        )

    def _foothold(self, segment: int, share: float, gap_metres: float) -> Foothold:
        edge = int(self.point_edge[segment])
        points = self.points_of(edge)
        at = segment - int(self.first_point[edge])
        location = points[at] + share * (points[at + 1] - points[at]).astype(np.float64)
        steps = np.hypot(
            *(np.diff(points.astype(np.float64), axis=0) * (_shrink(points[0, 1]), 1.0)).T
        )
        total = float(steps.sum())
        covered = (float(steps[:at].sum()) + share * float(steps[at])) / total if total else 0.0
        along = min(int(self.edge_length[edge]), round(covered * int(self.edge_length[edge])))
        return Foothold(edge, along, (float(location[0]) / E7, float(location[1]) / E7), gap_metres)

    @staticmethod
    def _sizeable_islands(metres: NDArray[np.int32]) -> NDArray[np.uint8]:
        sizeable = (metres >= SIZEABLE_METRES).astype(np.uint8)
        if len(sizeable):
            sizeable[0] = 1
        return sizeable


def _shrink(latitude_e7: int) -> float:
    return float(np.cos(np.radians(latitude_e7 / E7)))
