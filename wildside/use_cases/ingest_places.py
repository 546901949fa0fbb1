"""Takes a map file in: places, walking graph and base map become a region, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wildside.domain.catalogue import Region, Theme
from wildside.domain.extract import Extract, name_of_extract, region_id_of, region_version
from wildside.domain.identifiers import RegionId
from wildside.ports import Clock, Extracts, MapFileBuilder, PlaceSource, RegionFolders, Storage
from wildside.use_cases.share_regions import publish_region

GRAPH_FILE = "graph.walk"
BASE_MAP_FILE = "base.mbtiles"
CALENDAR_FILE = "calendar.json"

# Told to whoever watches: a step in words, and how much of it is done, 0..1.
OnProgress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class IngestOrder:
    """What somebody asks to take in; no name: made from the file's."""

    extract: Path
    area: Path | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class IngestOutcome:
    """The region as it is now; `changed` False means it was this very version before.

    `was_damaged`: it was this version before, too, but files of it were missing or not as written.
    """

    region: Region
    changed: bool
    was_damaged: bool = False


class IngestPlaces:
    """The use case; files are written aside, and committing the region's version is the swap."""

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        extracts: Extracts,
        places: PlaceSource,
        graph: MapFileBuilder,
        base_map: MapFileBuilder,
        calendar: MapFileBuilder,
        folders: RegionFolders,
        themes: tuple[Theme, ...],
        themes_digest: str,
        publishes: bool = False,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._extracts = extracts
        self._places = places
        self._graph = graph
        self._base_map = base_map
        self._calendar = calendar
        self._folders = folders
        self._themes = themes
        self._themes_digest = themes_digest
        self._publishes = publishes

    async def __call__(self, order: IngestOrder, on_progress: OnProgress) -> IngestOutcome:
        """Ingests the order's extract.

        Raises IngestFailed (a bad file, no footpath, a full or read-only disk) and Unavailable
        (the database); the previous version of the region is then as it was.
        """
        name = (order.name or name_of_extract(order.extract)).strip()
        region_id = region_id_of(name)
        on_progress("Reading the file", 0.0)
        extract = self._extracts.open(order.extract, order.area)
        on_progress("Reading the file", 1.0)
        version = self._version(extract, region_id, name)
        await sweep_interrupted(self._storage, self._folders)
        current = await self._current(region_id)
        is_current = current is not None and current.version == version
        if current and is_current and self._folders.holds(region_id, version):
            return IngestOutcome(current, changed=False)

        with self._folders.incoming(region_id) as incoming:
            region = await self._take_in(extract, region_id, name, version, incoming, on_progress)
        # A walk under way may still be mapping the version before; anything older is let go.
        kept = [version] if current is None else [version, current.version]
        self._folders.forget_all_but(region_id, kept)
        return IngestOutcome(region, changed=True, was_damaged=is_current)

    async def _take_in(
        self,
        extract: Extract,
        region_id: RegionId,
        name: str,
        version: str,
        incoming: Path,
        on_progress: OnProgress,
    ) -> Region:
        def watch(step: str) -> Callable[[float], None]:
            on_progress(step, 0.0)
            return lambda share: on_progress(step, share)

        # The graph comes first: an extract nobody can walk in is refused before the long work.
        self._graph.build(extract, incoming / GRAPH_FILE, watch("Building the walking network"))
        done = watch("Finding places")
        places = self._places.read(extract)
        done(1.0)
        self._base_map.build(extract, incoming / BASE_MAP_FILE, watch("Drawing the base map"))
        self._calendar.build(
            extract, incoming / CALENDAR_FILE, watch("Looking up holidays and clocks")
        )
        done = watch("Storing the region")
        self._folders.keep(incoming, region_id, version)
        if self._publishes:
            # Before the region says that this is its version: whoever reads that can fetch it.
            before = await self._current(region_id)
            await publish_region(
                self._storage,
                self._folders,
                region_id,
                version,
                None if before is None else before.version,
            )
        region = Region(
            id=region_id,
            name=name,
            bounds=extract.bounds,
            centre=extract.bounds.centre,
            version=version,
            data_timestamp=extract.data_timestamp,
            place_count=len(places),
        )
        async with self._storage.write() as work:
            await work.catalogue.put_themes(self._themes)
            await work.catalogue.replace_region(region, places, self._clock.now())
        done(1.0)
        return region

    def _version(self, extract: Extract, region_id: RegionId, name: str) -> str:
        builders = (self._places, self._graph, self._base_map, self._calendar)
        formats = tuple(builder.format for builder in builders)
        return region_version(extract, region_id, name, self._themes_digest, formats)

    async def _current(self, region_id: RegionId) -> Region | None:
        async with self._storage.read() as work:
            regions = await work.catalogue.regions()
        return next((region for region in regions if region.id == region_id), None)


async def sweep_interrupted(storage: Storage, folders: RegionFolders) -> None:
    """Removes what killed ingests left on this disk; one that is under way is let be."""
    async with storage.read() as work:
        regions = await work.catalogue.regions()
    folders.sweep({region.id: region.version for region in regions})
