"""The composition root of the ingest: which adapters take a map in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from wildside.app_storage import migrated_storage
from wildside.domain.extract import Extract
from wildside.outbound.engine.graph_builder import SolverGraphBuilder
from wildside.outbound.opening_hours import CalendarBuilder
from wildside.outbound.osm.area import load_area
from wildside.outbound.osm.base_features import BASE_FEATURES_FORMAT, read_base_features
from wildside.outbound.osm.base_layers import LAYERS
from wildside.outbound.osm.extract import open_extract
from wildside.outbound.osm.places import OsmPlaces
from wildside.outbound.persistence.postgres.pool import Reach
from wildside.outbound.region_folders import DiskRegionFolders
from wildside.outbound.theme_book import load_themes
from wildside.outbound.tiles.base_map import TippecanoeBaseMap
from wildside.use_cases.ingest_places import IngestPlaces


class _WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class _OsmExtracts:
    def open(self, path: Path, area: Path | None) -> Extract:
        return open_extract(path, load_area(area) if area else None)


@asynccontextmanager
async def open_ingest(
    data_folder: Path, elevation: Path | None = None, reach: Reach | None = None
) -> AsyncIterator[IngestPlaces]:
    """The ingest into a data folder, its database migrated; Unavailable where that cannot be.

    `elevation` is a folder of SRTM tiles for heights.
    """
    clock, themes = _WallClock(), load_themes()
    async with migrated_storage(data_folder, reach) as storage:
        yield IngestPlaces(
            storage=storage,
            clock=clock,
            extracts=_OsmExtracts(),
            places=OsmPlaces(themes.entries),
            graph=SolverGraphBuilder(elevation),
            calendar=CalendarBuilder(),
            base_map=TippecanoeBaseMap(read_base_features, LAYERS, BASE_FEATURES_FORMAT),
            folders=DiskRegionFolders(data_folder),
            themes=themes.themes,
            themes_digest=themes.digest,
            # A database of its own is there for several machines: they fetch the files from it.
            publishes=reach is not None,
        )
