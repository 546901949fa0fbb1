"""Has the solver build a region's walking graph."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from solver.errors import SolverError
from solver.graph_file import FORMAT_VERSION
from solver.osm_graph import build_walk_graph
from wildside.domain.errors import IngestFailed
from wildside.domain.extract import Extract


class SolverGraphBuilder:
    """The walking network as a file that solver children map; heights where a folder of tiles is."""

    def __init__(self, elevation: Path | None = None) -> None:
        self._elevation = elevation

    @property
    def format(self) -> int:
        """Changes when the same extract gives another graph."""
        return FORMAT_VERSION

    def build(self, extract: Extract, target: Path, on_progress: Callable[[float], None]) -> None:
        """Writes the graph file; raises IngestFailed where there is nothing to walk on."""
        try:
            build_walk_graph(
                extract.path,
                target,
                area=dict(extract.area.geojson) if extract.area else None,
                elevation=self._elevation,
                report=lambda _step, share: on_progress(share),
            )
        except SolverError as error:
            raise IngestFailed(str(error)) from error
