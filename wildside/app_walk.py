"""The composition root of `wildside walk`: one engine child, no server, nothing stored."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from wildside.app_storage import DATABASE_FILE, migrated_storage
from wildside.domain.catalogue import Region
from wildside.domain.errors import Unavailable
from wildside.domain.geography import BoundingBox
from wildside.domain.ground import GroundShape
from wildside.inbound.cli.walk import TerminalWalks
from wildside.outbound.engine.solver_pool import SolverPool
from wildside.outbound.opening_hours import RegionOpeningHours
from wildside.outbound.persistence.postgres.pool import Reach
from wildside.outbound.tiles.base_tiles import BaseTiles
from wildside.outbound.tiles.ground import read_ground
from wildside.use_cases.find_walk import FindWalk

DEADLINE_SECONDS = 30.0


class _Unheard:
    """Nobody collects metrics of one walk in a terminal."""

    def note(self, event: object) -> None:
        """Forget it."""


@asynccontextmanager
async def open_walks(data_folder: Path, reach: Reach | None = None) -> AsyncIterator[TerminalWalks]:
    """Everything `wildside walk` needs; Unavailable where nothing was ingested yet."""
    if reach is None and not (data_folder / DATABASE_FILE).exists():
        raise Unavailable(f"no region in {data_folder}: run `wildside ingest-osm FILE` first")
    async with migrated_storage(data_folder, reach) as storage:

        async def regions() -> Sequence[Region]:
            async with storage.read() as work:
                return await work.catalogue.regions()

        async with storage.read() as work:
            themes = await work.catalogue.themes()
        engine = SolverPool(
            regions, data_folder, _Unheard(), size=1, deadline_seconds=DEADLINE_SECONDS
        )

        def ground(region: Region, bounds: BoundingBox) -> list[GroundShape]:
            path = data_folder / "regions" / region.id / region.version / "base.mbtiles"
            with BaseTiles(path) as tiles:
                return read_ground(tiles, bounds)

        async with trio.open_nursery() as nursery:
            await nursery.start(engine.run)
            yield TerminalWalks(
                FindWalk(storage, engine, RegionOpeningHours(data_folder)), themes, ground
            )
            nursery.cancel_scope.cancel()
