"""Opens an OpenStreetMap extract: digest, date and bounds, and its faults as one clear line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import osmium
import osmium.filter
import osmium.io
import osmium.osm

from wildside.domain.errors import IngestFailed, Invalid
from wildside.domain.extract import Extract, MapArea
from wildside.domain.geography import BoundingBox

FORMATS = (".osm.pbf", ".pbf", ".osm.gz", ".osm.bz2", ".osm")
_NAMED_FORMATS = ", ".join(FORMATS[:-1]) + f" or {FORMATS[-1]}"
_CHUNK_BYTES = 1 << 20


@contextmanager
def reading(extract: Path) -> Iterator[None]:
    """Turns whatever libosmium says about a bad file into one IngestFailed line that names it."""
    try:
        yield
    except RuntimeError as error:
        raise IngestFailed(
            f"{extract} cannot be read as OpenStreetMap data: {error}."
            " It may be cut short or damaged: download it again"
        ) from error
    except OSError as error:
        raise IngestFailed(f"{extract} cannot be read: {error.strerror or error}") from error


def open_extract(extract: Path, area: MapArea | None = None) -> Extract:
    """Looks an extract through once: digest, date and bounds, cut by the area where there is one.

    Raises IngestFailed for a file that is missing, of another format, damaged, or without any
    street within the area.
    """
    if not extract.is_file():
        what = "is a folder, not a file" if extract.is_dir() else "is not a file that is there"
        raise IngestFailed(f"{extract} {what}; name an extract that ends in {_NAMED_FORMATS}")
    if not extract.name.endswith(FORMATS):
        raise IngestFailed(
            f"{extract} is no extract by its name, which would end in {_NAMED_FORMATS}"
        )
    with reading(extract):
        if extract.stat().st_size == 0:
            raise IngestFailed(f"{extract} is empty: download it again")
        digest = _digest(extract)
        reader = osmium.io.Reader(str(extract))
        try:
            header = reader.header()
            frame, timestamp = _box(header.box()), header.get("osmosis_replication_timestamp", "")
        finally:
            reader.close()
        bounds = _street_bounds(extract, [box for box in (frame, area and area.bounds) if box])
    if bounds is None:
        if area is not None:
            raise IngestFailed(
                f"{extract} has no street or footpath within the area: nothing to walk on."
                " Take another --area, or leave it out"
            )
        raise IngestFailed(
            f"{extract} has no street or footpath in it: nothing to walk on. Take another extract"
        )
    return Extract(extract, digest, bounds, frame, _moment(timestamp), area)


def _digest(extract: Path) -> str:
    digest = hashlib.sha256()
    with extract.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except ValueError:
        return None


def _box(box: osmium.osm.Box) -> BoundingBox | None:
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    try:
        return BoundingBox(low.lon, low.lat, high.lon, high.lat)
    except Invalid:
        return None


def _street_bounds(extract: Path, frames: Sequence[BoundingBox]) -> BoundingBox | None:
    """The box of all street nodes; ways that stick out of a frame do not stretch it."""
    west, south, east, north = 180.0, 90.0, -180.0, -90.0
    ways = (
        osmium.FileProcessor(str(extract), osmium.osm.NODE | osmium.osm.WAY)
        .with_locations()
        .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
        .with_filter(osmium.filter.KeyFilter("highway"))
    )
    for way in ways:
        if not isinstance(way, osmium.osm.Way):
            continue
        for node in way.nodes:
            location = node.location
            if not location.valid():
                continue
            longitude, latitude = location.lon, location.lat
            west, east = min(west, longitude), max(east, longitude)
            south, north = min(south, latitude), max(north, latitude)
    for frame in frames:
        west, south = max(west, frame.west), max(south, frame.south)
        east, north = min(east, frame.east), min(north, frame.north)
    return BoundingBox(west, south, east, north) if west <= east and south <= north else None
