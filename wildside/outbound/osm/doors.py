"""Finds where a walker may enter an area: its entrances, the paths that cross its edge, its corners."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum

import numpy as np
import osmium.osm

from wildside.domain.geography import Point

MOST_DOORS = 12  # a park has a dozen gates worth knowing; each door costs the engine a snap

# Doors that are not for visitors.
_CLOSED = {
    "private",
    "no",
    "exit",
    "emergency",
    "fire_exit",
    "garage",
    "service",
    "home",
    "staircase",
}


class Entrance(IntEnum):
    """How good a door is; lower comes first."""

    MAIN = 0
    DOOR = 1
    GATE = 2
    PATH = 3


class DoorIndex:
    """Knows, by node id, what a node on an outline means to somebody who wants in."""

    def __init__(self, path_node_ids: Iterable[int]) -> None:
        """`path_node_ids` are the nodes of all ways one may walk, repeats allowed."""
        self._entrances: dict[int, Entrance] = {}
        # Sorted numbers: a country has millions, and osmium's own IdSet takes a gigabyte for them.
        self._path_nodes = np.unique(np.frombuffer(array("q", path_node_ids), dtype=np.int64))

    def note_node(self, node_id: int, tags: Mapping[str, str] | osmium.osm.TagList) -> None:
        """Remembers the node if it is an entrance or a gate that visitors may use."""
        if tags.get("access") in {"private", "no"}:
            return
        entrance = tags.get("entrance")
        if entrance is not None and entrance not in _CLOSED:
            self._entrances[node_id] = Entrance.MAIN if entrance == "main" else Entrance.DOOR
        elif tags.get("barrier") in {"gate", "entrance", "kissing_gate", "turnstile"}:
            self._entrances[node_id] = Entrance.GATE

    def doors_of(self, outline: Sequence[tuple[int, Point]]) -> tuple[Point, ...]:
        """At most MOST_DOORS points, the best first.

        Entrances and gates come first, then nodes shared with a path. Corners are taken only where
        nothing better is known: the corner of a castle may hang over a cliff.
        """
        graded: dict[Point, Entrance] = {}
        for node_id, point in outline:
            grade = self._entrances.get(node_id)
            if grade is None and self._on_path(node_id):
                grade = Entrance.PATH
            if grade is not None and point not in graded:
                graded[point] = grade
        if not graded:
            return _thinned(list(dict.fromkeys(point for _, point in outline)))
        best = [point for point in graded if graded[point] < Entrance.PATH]
        best.sort(key=lambda point: graded[point])  # stable: along the outline within a grade
        room = MOST_DOORS - len(best)
        if room <= 0:
            return tuple(best[:MOST_DOORS])
        paths = [point for point in graded if graded[point] is Entrance.PATH]
        return (*best, *_thinned(paths, room))

    def _on_path(self, node_id: int) -> bool:
        index = int(np.searchsorted(self._path_nodes, node_id))
        return index < len(self._path_nodes) and int(self._path_nodes[index]) == node_id


def _thinned(points: Sequence[Point], most: int = MOST_DOORS) -> tuple[Point, ...]:
    """Evenly chosen points along the outline."""
    if len(points) <= most:
        return tuple(points)
    return tuple(points[index * len(points) // most] for index in range(most))
