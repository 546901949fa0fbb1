"""Tells what there is to see: themes, regions and places."""

from __future__ import annotations

from collections.abc import Sequence

from wildside.domain.catalogue import Place, Region, Theme
from wildside.domain.errors import NotFound
from wildside.domain.geography import BoundingBox
from wildside.domain.identifiers import PlaceId, ThemeId
from wildside.domain.paging import Page, PageRequest
from wildside.ports import Storage
from wildside.use_cases.accounts import refuse_unknown_themes

_WHOLE_WORLD = BoundingBox(-180.0, -90.0, 180.0, 90.0)


class ReadCatalogue:
    """Reads the catalogue for anybody."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def themes(self) -> Sequence[Theme]:
        """The themes on offer, in their order."""
        async with self._storage.glance() as work:
            return await work.catalogue.themes()

    async def regions(self) -> Sequence[Region]:
        """The ingested regions."""
        async with self._storage.glance() as work:
            return await work.catalogue.regions()

    async def place(self, place_id: PlaceId) -> Place:
        """One place in full; NotFound where there never was such a place."""
        async with self._storage.glance() as work:
            place = await work.catalogue.place(place_id)
        if place is None:
            raise NotFound(f"there is no place {place_id}")
        return place

    async def page(
        self, bounds: BoundingBox | None, theme_ids: Sequence[ThemeId], page: PageRequest
    ) -> Page[Place]:
        """The places in the box with one of the themes (no themes: any)."""
        async with self._storage.read() as work:
            offered = {theme.id for theme in await work.catalogue.themes()}
            refuse_unknown_themes(theme_ids, offered, "theme_ids")
            return await work.catalogue.page(bounds or _WHOLE_WORLD, theme_ids, page)

    async def within(self, bounds: BoundingBox, theme_ids: Sequence[ThemeId]) -> Sequence[Place]:
        """All places in the box with one of the themes, for drawing them on a map."""
        async with self._storage.read() as work:
            return await work.catalogue.within(bounds, theme_ids)

    async def count(self) -> int:
        """How many places there are."""
        async with self._storage.glance() as work:
            return await work.catalogue.count()
