"""Has the solver build a region's walking graph."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

from solver.elevation import tiles_in
from solver.errors import SolverError
from solver.graph_file import FORMAT_VERSION
from solver.osm_graph import build_walk_graph
from wildside.domain.errors import IngestFailed
from wildside.domain.extract import Extract


class SolverGraphBuilder:
    """The walking network as a file that solver children map; heights where a folder of tiles is."""

    def __init__(self, elevation: Path | None = None) -> None:
        """`elevation` is a folder of SRTM tiles; IngestFailed where it cannot be listed."""
        self._elevation = elevation
        self._tiles = "" if elevation is None else _told_tiles(elevation)

    @property
    def format(self) -> int:
        """Changes when the same extract gives another graph, as it does with other heights."""
        return FORMAT_VERSION << 32 | zlib.crc32(self._tiles.encode())

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
        except (SolverError, ValueError) as error:  # ValueError: a tile that is none
            raise IngestFailed(str(error)) from error


def _told_tiles(folder: Path) -> str:
    """Names and sizes: tiles are replaced by others, never edited by hand."""
    try:
        tiles = [f"{path.name} {path.stat().st_size}" for path in tiles_in(folder)]
    except OSError as error:
        raise IngestFailed(
            f"elevation tiles cannot be read from {folder}: {error.strerror or error}"
        ) from error
    if not tiles:
        raise IngestFailed(
            f"there is no elevation tile in {folder}, such as N55W004.hgt or N55W004.hgt.zip;"
            " name another folder, or none to go without heights"
        )
    return "\n".join(tiles)
