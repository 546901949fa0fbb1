"""Answers at once whether a footpath is near, from the same mapped graphs as the children's."""

from __future__ import annotations

from pathlib import Path

import trio

from solver import DamagedGraph, WalkGraph, reaches_footpath
from wildside.domain.errors import Unavailable
from wildside.domain.geography import Point


class Footpaths:
    """Graphs by region version, mapped when first asked for.

    Looked up in the server itself and not in a child: the answer takes some microseconds, while
    every child may be busy with a walk for a tenth of a second. Mapping and checking a graph takes
    longer and is done in a thread.
    """

    def __init__(self) -> None:
        self._graphs: dict[str, WalkGraph] = {}
        self._opening = trio.Lock()

    async def expect_graph(self, version: str, path: Path) -> None:
        """Raises Unavailable where the graph cannot be read."""
        if version not in self._graphs:
            await self._opened(version, path)

    async def near(self, version: str, path: Path, point: Point) -> bool:
        """Whether a footpath lies within 500 m; Unavailable where the graph cannot be read."""
        graph = self._graphs.get(version) or await self._opened(version, path)
        return reaches_footpath(graph, (point.longitude, point.latitude))

    def keep_only(self, versions: set[str]) -> None:
        """Lets go of graphs that are no longer current."""
        for version in set(self._graphs) - versions:
            del self._graphs[version]

    async def _opened(self, version: str, path: Path) -> WalkGraph:
        async with self._opening:
            known = self._graphs.get(version)
            if known is not None:
                return known
            try:
                graph = await trio.to_thread.run_sync(WalkGraph.open, path)
            except DamagedGraph as error:
                region = path.parent.parent.name
                raise Unavailable(
                    f"the map of {region} is damaged or missing; take it in again with"
                    " `wildside ingest-osm` and the file that it came from"
                ) from error
            self._graphs[version] = graph
            return graph
