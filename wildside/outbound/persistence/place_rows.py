"""A place as both stores' catalogues read it from a row."""

from __future__ import annotations

from typing import Any, Protocol

from wildside.domain.catalogue import Place
from wildside.domain.geography import Point
from wildside.domain.identifiers import PlaceId, ThemeId
from wildside.outbound.persistence.stored_forms import points_from_json, texts_from_json


class Row(Protocol):
    """Values by their columns' names, as each driver gives them."""

    def __getitem__(self, column: str, /) -> Any: ...


def place_of(row: Row, theme_ids: tuple[ThemeId, ...]) -> Place:
    """The place; its themes come as an array from one store and as a text from the other."""
    return Place(
        id=PlaceId(row["id"]),
        osm_type=row["osm_type"],
        osm_id=row["osm_id"],
        name=row["name"],
        location=Point(row["longitude"], row["latitude"]),
        tags=texts_from_json(row["osm_tags"]),
        theme_ids=theme_ids,
        names=texts_from_json(row["names"]),
        popularity_score=row["popularity_score"],
        visit_seconds=row["visit_seconds"],
        doors=points_from_json(row["doors"]),
        narrative=row["narrative"],
    )
