"""What there is to see: themes, places and regions, when they are open, and where more was learnt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from wildside.domain.catalogue import Place, Region, Theme
from wildside.domain.enrichment import Enrichment
from wildside.domain.geography import BoundingBox
from wildside.domain.identifiers import PlaceId, ThemeId
from wildside.domain.opening_hours import Hours
from wildside.domain.paging import Page, PageRequest


class Catalogue(Protocol):
    """Themes, places and regions, within one unit of work."""

    async def themes(self) -> Sequence[Theme]: ...
    async def regions(self) -> Sequence[Region]: ...
    async def place(self, place_id: PlaceId) -> Place | None:
        """One place, even one that the map has lost since somebody walked there."""
        ...

    async def places(self, place_ids: Iterable[PlaceId]) -> Sequence[Place]:
        """Those of the places that are there today, in no order."""
        ...

    async def page(
        self, bounds: BoundingBox, theme_ids: Sequence[ThemeId], page: PageRequest
    ) -> Page[Place]: ...
    async def within(self, bounds: BoundingBox, theme_ids: Sequence[ThemeId]) -> Sequence[Place]:
        """Every present place in the box with one of the themes (no themes: any)."""
        ...

    async def count(self) -> int:
        """How many places are there today."""
        ...

    async def put_themes(self, themes: Sequence[Theme]) -> None:
        """Makes these the themes on offer, in this order; others are kept but no longer offered."""
        ...

    async def replace_region(self, region: Region, places: Iterable[Place], now: datetime) -> None:
        """Makes `places` the whole content of the region and the region current, in this work.

        Places that are gone keep their rows, since walks refer to them, and are no longer found.
        """
        ...


class Provenance(Protocol):
    """What was enriched from where, within one unit of work."""

    async def add(self, enrichment: Enrichment) -> None: ...
    async def page(self, page: PageRequest) -> Page[Enrichment]:
        """Newest first by (created_at, id)."""
        ...


class OpeningHours(Protocol):
    """Knows by which clock a region lives, and reads what mappers wrote about places' hours."""

    async def during(
        self, region: Region, depart_at: datetime, seconds: float
    ) -> Callable[[Place], Hours]:
        """What tells when a place is open in the `seconds` after departure, without waiting."""
        ...
