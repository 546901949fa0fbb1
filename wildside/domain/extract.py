"""A map file to be taken in: what it holds, which region it becomes and which version of it."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wildside.domain.errors import Invalid
from wildside.domain.geography import BoundingBox
from wildside.domain.identifiers import RegionId

LONGEST_REGION_ID = 60  # it names a folder

_ENDINGS = re.compile(r"(\.osm)?(\.(pbf|gz|bz2|osm|xml))?$")
_DATE = re.compile(r"[-_.](latest|\d{4}([-_]?\d{2}){0,2}|\d{6})$")


@dataclass(frozen=True, slots=True)
class MapArea:
    """The part of an extract that is wanted, as GeoJSON polygons in degrees."""

    geojson: Mapping[str, object]
    digest: str
    bounds: BoundingBox


@dataclass(frozen=True, slots=True)
class Extract:
    """An OpenStreetMap file that was looked at and found readable.

    `digest` is the SHA-256 of its bytes, `bounds` cover what is walkable within the area, `frame`
    is the box it was cut by, None where the file does not tell.
    """

    path: Path
    digest: str
    bounds: BoundingBox
    frame: BoundingBox | None = None
    data_timestamp: datetime | None = None
    area: MapArea | None = None


def region_id_of(name: str) -> RegionId:
    """A name as a folder and an address may carry it: `Vila Nova (São João)` → `vila-nova-sao-joao`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_REGION_ID].strip("-")
    if not slug:
        message = f"the name {name!r} has no letter a–z or digit: give the region another --name"
        raise Invalid.field("name", "invalid", message)
    return RegionId(slug)


def name_of_extract(path: Path) -> str:
    """A name for people made from the file's: `edinburgh-centre-2025-06.osm.pbf` → Edinburgh Centre."""
    stem = _DATE.sub("", _ENDINGS.sub("", path.name))
    words = re.split(r"[-_. ]+", stem)
    return " ".join(word.capitalize() for word in words if word) or "Region"


def region_version(
    extract: Extract, region: RegionId, name: str, themes_digest: str, formats: tuple[int, ...]
) -> str:
    """Sixteen hex digits that change when anything does that the region is made from."""
    made_from = [
        extract.digest,
        extract.area.digest if extract.area else None,
        region,
        name,
        themes_digest,
        list(formats),
    ]
    return hashlib.sha256(json.dumps(made_from).encode()).hexdigest()[:16]
