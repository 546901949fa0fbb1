"""Collects nodes, ways and relations drawn in metres and writes them as an .osm.pbf."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import osmium
import osmium.io
import osmium.osm
from osmium.osm import mutable

from wildside.outbound.sample_town.ground import Spot

# Far above every id of the real map, so that the town and a real city can live in one database.
FIRST_ID = 100_000_000_000

METRES_A_DEGREE = 111_195.0
_MIDDLE = (-3.9, 54.05)  # degrees: open water between Man and Cumbria, where no town disturbs ours

Tags = Mapping[str, str]


def degrees(spot: Spot) -> tuple[float, float]:
    """Longitude and latitude of a spot."""
    narrowing = math.cos(math.radians(_MIDDLE[1]))
    return (
        round(_MIDDLE[0] + spot[0] / METRES_A_DEGREE / narrowing, 7),
        round(_MIDDLE[1] + spot[1] / METRES_A_DEGREE, 7),
    )


class OsmDrawing:
    """A map being drawn; lines that pass one spot share its node."""

    def __init__(self) -> None:
        self._node_at: dict[Spot, int] = {}
        self._spots: list[Spot] = []
        self._node_tags: dict[int, dict[str, str]] = {}
        self._ways: list[tuple[list[int], Tags]] = []
        self._relations: list[tuple[list[tuple[int, str]], Tags]] = []

    def node(self, spot: Spot, tags: Tags | None = None) -> int:
        """The index of the node at a spot, made or tagged as needed."""
        key = (round(spot[0], 2), round(spot[1], 2))
        if key not in self._node_at:
            self._node_at[key] = len(self._spots)
            self._spots.append(key)
        index = self._node_at[key]
        if tags:
            self._node_tags.setdefault(index, {}).update(tags)
        return index

    def line(self, spots: Iterable[Sequence[float]], tags: Tags) -> int:
        """A way along the spots."""
        nodes: list[int] = []
        for spot in spots:
            node = self.node((spot[0], spot[1]))
            if not nodes or nodes[-1] != node:
                nodes.append(node)
        self._ways.append((nodes, tags))
        return len(self._ways) - 1

    def ring(self, outer: Sequence[int], inner: Sequence[int], tags: Tags) -> None:
        """A multipolygon of ways drawn before."""
        members = [(way, "outer") for way in outer] + [(way, "inner") for way in inner]
        self._relations.append((members, {"type": "multipolygon", **tags}))

    def write(self, target: Path, corners: tuple[Spot, Spot]) -> None:
        """The extract: sorted, with a header that names its box; OSError where the disk refuses."""
        header = osmium.io.Header()
        header.set("generator", "wildside sample town")
        low, high = degrees(corners[0]), degrees(corners[1])
        header.add_box(osmium.osm.Box(low[0], low[1], high[0], high[1]))
        try:
            with osmium.SimpleWriter(str(target), header=header, overwrite=True) as writer:
                for index, spot in enumerate(self._spots):
                    tags = self._node_tags.get(index, {})
                    node = mutable.Node(id=FIRST_ID + index, location=degrees(spot), tags=tags)
                    writer.add_node(node)
                for index, (nodes, way_tags) in enumerate(self._ways):
                    ids = [FIRST_ID + one for one in nodes]
                    way = mutable.Way(id=FIRST_ID + index, nodes=ids, tags=dict(way_tags))
                    writer.add_way(way)
                for index, (members, ring_tags) in enumerate(self._relations):
                    ways = [("w", FIRST_ID + one, role) for one, role in members]
                    ring = mutable.Relation(id=FIRST_ID + index, members=ways, tags=dict(ring_tags))
                    writer.add_relation(ring)
        except RuntimeError as error:
            raise OSError(f"{target} cannot be written: {error}") from error
