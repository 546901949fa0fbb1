"""Themes, places and regions in SQLite, places found through an R*Tree."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from wildside.domain.catalogue import Place, Region, Theme
from wildside.domain.geography import BoundingBox, Point
from wildside.domain.identifiers import PlaceId, RegionId, ThemeId
from wildside.domain.moments import microseconds, moment
from wildside.domain.paging import Page, PageRequest, page_of
from wildside.outbound.persistence.place_rows import place_of
from wildside.outbound.persistence.place_shelf import PlaceShelf
from wildside.outbound.persistence.sqlite.paged import rows_of_page
from wildside.outbound.persistence.stored_forms import (
    points_to_json,
    theme_ids_from_json,
    to_json,
)

PLACES_A_BATCH = 1000  # bounds the memory of an ingest, whatever the size of the region

_PLACE = """
SELECT pois.*, (
    SELECT json_group_array(theme_id) FROM (
        SELECT theme_id FROM poi_interest_themes WHERE poi_id = pois.id ORDER BY position
    )
) AS theme_ids
FROM pois
"""
_CHANGES = """
SELECT pois.id, pois.updated_at FROM pois
"""
_AMONG = """
WHERE pois.is_present = 1 AND pois.id IN (SELECT value FROM json_each(?))
"""
_WITHIN = """
WHERE pois.is_present = 1
AND pois.longitude BETWEEN :west AND :east AND pois.latitude BETWEEN :south AND :north
AND pois.id IN (
    SELECT id FROM poi_boxes
    WHERE east >= :west AND west <= :east AND north >= :south AND south <= :north
)
"""
_OF_THEMES = """
AND EXISTS (
    SELECT 1 FROM poi_interest_themes
    WHERE poi_id = pois.id AND theme_id IN (SELECT value FROM json_each(:theme_ids))
)
"""
_PUT_PLACE = """
INSERT INTO pois (
    id, osm_type, osm_id, name, names, longitude, latitude, doors, osm_tags, narrative,
    popularity_score, visit_seconds, is_present, created_at, updated_at
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, names = excluded.names, longitude = excluded.longitude,
    latitude = excluded.latitude, doors = excluded.doors, osm_tags = excluded.osm_tags,
    -- An ingest knows no story; what enrichment told is kept.
    narrative = coalesce(excluded.narrative, pois.narrative),
    popularity_score = excluded.popularity_score, visit_seconds = excluded.visit_seconds,
    is_present = 1, updated_at = excluded.updated_at
"""
_PUT_REGION = """
INSERT INTO regions (
    id, name, west, south, east, north, centre_longitude, centre_latitude, version,
    data_timestamp, place_count, attribution, updated_at
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, west = excluded.west, south = excluded.south, east = excluded.east,
    north = excluded.north, centre_longitude = excluded.centre_longitude,
    centre_latitude = excluded.centre_latitude, version = excluded.version,
    data_timestamp = excluded.data_timestamp, place_count = excluded.place_count,
    attribution = excluded.attribution, updated_at = excluded.updated_at
"""
_PUT_THEME = """
INSERT INTO interest_themes (id, name, description, icon_key, position, is_offered)
VALUES (?, ?, ?, ?, ?, 1)
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, description = excluded.description, icon_key = excluded.icon_key,
    position = excluded.position, is_offered = 1
"""
_LOSE_PLACES = """
UPDATE pois SET is_present = 0, updated_at = ?
WHERE is_present = 1 AND NOT EXISTS (SELECT 1 FROM region_pois WHERE poi_id = pois.id)
"""


class SqliteCatalogue:
    """Themes, places and regions within one transaction."""

    def __init__(self, connection: sqlite3.Connection, shelf: PlaceShelf) -> None:
        self._connection = connection
        self._shelf = shelf

    async def themes(self) -> Sequence[Theme]:
        rows = self._connection.execute(
            "SELECT * FROM interest_themes WHERE is_offered = 1 ORDER BY position"
        )
        return [
            Theme(ThemeId(UUID(row["id"])), row["name"], row["description"], row["icon_key"])
            for row in rows
        ]

    async def regions(self) -> Sequence[Region]:
        return [
            _region(row) for row in self._connection.execute("SELECT * FROM regions ORDER BY id")
        ]

    async def place(self, place_id: PlaceId) -> Place | None:
        row = self._connection.execute(f"{_PLACE} WHERE pois.id = ?", (place_id,)).fetchone()
        return None if row is None else _place(row)

    async def places(self, place_ids: Iterable[PlaceId]) -> Sequence[Place]:
        rows = self._connection.execute(_PLACE + _AMONG, (to_json(list(place_ids)),))
        return [_place(row) for row in rows]

    async def page(
        self, bounds: BoundingBox, theme_ids: Sequence[ThemeId], page: PageRequest
    ) -> Page[Place]:
        rows = rows_of_page(
            self._connection,
            _PLACE + _WITHIN + (_OF_THEMES if theme_ids else ""),
            _box(bounds, theme_ids),
            page,
            cursor_key=None if page.cursor is None else page.cursor.integer_key(),
        )
        rows_on_page = page_of(rows, page, lambda row: (moment(row["created_at"]), str(row["id"])))
        return rows_on_page.map(_place)

    async def within(self, bounds: BoundingBox, theme_ids: Sequence[ThemeId]) -> Sequence[Place]:
        rows = self._connection.execute(
            _CHANGES + _WITHIN + (_OF_THEMES if theme_ids else "") + "ORDER BY pois.id",
            _box(bounds, theme_ids),
        )
        wanted = [(PlaceId(row["id"]), row["updated_at"]) for row in rows]
        found, absent = self._shelf.look(wanted)
        if absent:
            for row in self._connection.execute(_PLACE + _AMONG, (to_json(absent),)):
                place = found[PlaceId(row["id"])] = _place(row)
                self._shelf.put(place, row["updated_at"])
        return [found[place_id] for place_id, _ in wanted]

    async def count(self) -> int:
        (count,) = self._connection.execute(
            "SELECT count(*) FROM pois WHERE is_present = 1"
        ).fetchone()
        return int(count)

    async def put_themes(self, themes: Sequence[Theme]) -> None:
        self._connection.execute("UPDATE interest_themes SET is_offered = 0")
        self._connection.executemany(
            _PUT_THEME,
            [
                (str(theme.id), theme.name, theme.description, theme.icon_key, position)
                for position, theme in enumerate(themes)
            ],
        )

    async def replace_region(self, region: Region, places: Iterable[Place], now: datetime) -> None:
        stamp = microseconds(now)
        execute, executemany = self._connection.execute, self._connection.executemany
        execute(_PUT_REGION, _region_row(region, stamp))
        execute("DELETE FROM region_pois WHERE region_id = ?", (region.id,))
        for batch in _batches(places):
            ids = [(place.id,) for place in batch]
            executemany(_PUT_PLACE, [_place_row(place, stamp) for place in batch])
            executemany(
                "INSERT OR IGNORE INTO region_pois (region_id, poi_id) VALUES (?, ?)",
                [(region.id, place.id) for place in batch],
            )
            executemany("DELETE FROM poi_interest_themes WHERE poi_id = ?", ids)
            executemany(
                "INSERT INTO poi_interest_themes (poi_id, theme_id, position) VALUES (?, ?, ?)",
                [
                    (place.id, str(theme_id), position)
                    for place in batch
                    for position, theme_id in enumerate(dict.fromkeys(place.theme_ids))
                ],
            )
            executemany(
                "INSERT OR REPLACE INTO poi_boxes (id, west, east, south, north)"
                " VALUES (?, ?, ?, ?, ?)",
                [_box_row(place) for place in batch],
            )
        execute(_LOSE_PLACES, (stamp,))
        execute("DELETE FROM poi_boxes WHERE id IN (SELECT id FROM pois WHERE is_present = 0)")


def _batches(places: Iterable[Place]) -> Iterator[list[Place]]:
    coming = iter(places)
    while batch := list(islice(coming, PLACES_A_BATCH)):
        yield batch


def _box(bounds: BoundingBox, theme_ids: Sequence[ThemeId]) -> dict[str, object]:
    return {
        "west": bounds.west,
        "south": bounds.south,
        "east": bounds.east,
        "north": bounds.north,
        "theme_ids": to_json([str(theme_id) for theme_id in theme_ids]),
    }


def _box_row(place: Place) -> tuple[object, ...]:
    longitude, latitude = place.location.longitude, place.location.latitude
    return (place.id, longitude, longitude, latitude, latitude)


def _place_row(place: Place, stamp: int) -> tuple[object, ...]:
    return (
        place.id,
        place.osm_type,
        place.osm_id,
        place.name,
        to_json(dict(place.names)),
        place.location.longitude,
        place.location.latitude,
        points_to_json(place.doors),
        to_json(dict(place.tags)),
        place.narrative,
        place.popularity_score,
        place.visit_seconds,
        stamp,
        stamp,
    )


def _place(row: sqlite3.Row) -> Place:
    return place_of(row, theme_ids_from_json(row["theme_ids"]))


def _region_row(region: Region, stamp: int) -> tuple[object, ...]:
    return (
        region.id,
        region.name,
        region.bounds.west,
        region.bounds.south,
        region.bounds.east,
        region.bounds.north,
        region.centre.longitude,
        region.centre.latitude,
        region.version,
        None if region.data_timestamp is None else microseconds(region.data_timestamp),
        region.place_count,
        region.attribution,
        stamp,
    )


def _region(row: sqlite3.Row) -> Region:
    timestamp = row["data_timestamp"]
    return Region(
        id=RegionId(row["id"]),
        name=row["name"],
        bounds=BoundingBox(row["west"], row["south"], row["east"], row["north"]),
        centre=Point(row["centre_longitude"], row["centre_latitude"]),
        version=row["version"],
        data_timestamp=None if timestamp is None else moment(timestamp),
        place_count=row["place_count"],
        attribution=row["attribution"],
    )
