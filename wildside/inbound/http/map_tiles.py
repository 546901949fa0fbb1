"""The tiles of whatever regions are current: opened when first asked for, let go when replaced."""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

import trio

from wildside.domain.catalogue import Place, Region
from wildside.domain.geography import BoundingBox
from wildside.inbound.http.house import Tile
from wildside.use_cases.catalogue import ReadCatalogue

TILES_REMEMBERED = 2048  # place tiles; a walker's screen shows about a dozen
LOOKED_UP_FOR_SECONDS = 1.0  # how soon a newly ingested region shows
PLACES_FROM_ZOOM = 10  # below, a city is a dot and a tile would hold all of it


class Reader(Protocol):
    """A region's prebuilt base map."""

    def read(self, zoom: int, column: int, row: int) -> bytes | None: ...
    def close(self) -> None: ...


class RegionTiles:
    """Base tiles by region and place tiles by content, each with a tag that names it."""

    def __init__(
        self,
        catalogue: ReadCatalogue,
        open_base: Callable[[Region], Reader],
        bounds_of_places: Callable[[int, int, int], BoundingBox],
        encode_places: Callable[[Sequence[Place], int, int, int], bytes],
    ) -> None:
        self._catalogue = catalogue
        self._open_base = open_base
        self._bounds_of_places = bounds_of_places
        self._encode_places = encode_places
        self._regions: Sequence[Region] = ()
        self._looked_at = -math.inf
        self._version = ""
        self._readers: dict[str, Reader] = {}
        self._encoded: OrderedDict[tuple[int, int, int], Tile | None] = OrderedDict()

    async def version(self) -> str:
        """Changes whenever a region does."""
        await self._look()
        return self._version

    async def bounds(self) -> BoundingBox | None:
        """The box around every region."""
        regions = await self._look()
        if not regions:
            return None
        boxes = [region.bounds for region in regions]
        return BoundingBox(
            min(box.west for box in boxes),
            min(box.south for box in boxes),
            max(box.east for box in boxes),
            max(box.north for box in boxes),
        )

    async def base(self, zoom: int, column: int, row: int) -> Tile | None:
        """The base map's tile, of the first region that draws there."""
        box = tile_box(zoom, column, row)
        for region in await self._look():
            if not _touch(region.bounds, box):
                continue
            data = self._reader(region).read(zoom, column, row)
            if data is not None:
                return Tile(data, f"{region.version[:16]}-{zoom}-{column}-{row}")
        return None

    async def places(self, zoom: int, column: int, row: int) -> Tile | None:
        """The places of the tile; None where there are none."""
        await self._look()
        key = (zoom, column, row)
        if key in self._encoded:
            self._encoded.move_to_end(key)
            return self._encoded[key]
        tile = None
        if zoom >= PLACES_FROM_ZOOM:
            found = await self._catalogue.within(self._bounds_of_places(*key), ())
            data = self._encode_places(found, zoom, column, row)
            tile = _tagged(data) if data else None
        self._encoded[key] = tile
        if len(self._encoded) > TILES_REMEMBERED:
            self._encoded.popitem(last=False)
        return tile

    async def _look(self) -> Sequence[Region]:
        now = trio.current_time()
        if now - self._looked_at < LOOKED_UP_FOR_SECONDS:
            return self._regions
        regions = await self._catalogue.regions()
        self._looked_at = now
        words = ",".join(sorted(f"{region.id}@{region.version}" for region in regions))
        version = hashlib.sha256(words.encode()).hexdigest()[:16]
        if version != self._version:
            self._regions, self._version = regions, version
            self._encoded.clear()
            for reader in self._readers.values():
                reader.close()
            self._readers.clear()
        return self._regions

    def _reader(self, region: Region) -> Reader:
        reader = self._readers.get(region.version)
        if reader is None:
            reader = self._readers[region.version] = self._open_base(region)
        return reader


def tile_box(zoom: int, column: int, row: int) -> BoundingBox:
    """The tile's box in degrees (Web Mercator, rows from the north)."""
    count = 1 << zoom

    def latitude(edge: int) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * edge / count))))

    return BoundingBox(
        column / count * 360 - 180,
        latitude(row + 1),
        (column + 1) / count * 360 - 180,
        latitude(row),
    )


def _touch(one: BoundingBox, other: BoundingBox) -> bool:
    return (
        one.west <= other.east
        and other.west <= one.east
        and one.south <= other.north
        and other.south <= one.north
    )


def _tagged(data: bytes) -> Tile:
    return Tile(data, hashlib.sha256(data).hexdigest()[:24])
