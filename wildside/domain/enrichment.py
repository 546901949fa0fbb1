"""Where what we know beyond the map came from: one record for each time somebody else was asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wildside.domain.geography import BoundingBox


@dataclass(frozen=True, slots=True)
class Enrichment:
    """One answer taken in: when, from which `source` (a short word such as `overpass`) and address,
    for which box, and how many places it changed.
    """

    id: UUID
    created_at: datetime
    source: str
    source_url: str
    bounds: BoundingBox
    place_count: int
