"""Themes, places and regions in PostgreSQL, places found through PostGIS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from psycopg.rows import DictRow

from wildside.domain.catalogue import Place, Region, Theme
from wildside.domain.geography import BoundingBox, Point
from wildside.domain.identifiers import PlaceId, RegionId, ThemeId
from wildside.domain.paging import Page, PageRequest, page_of
from wildside.outbound.persistence.place_rows import place_of
from wildside.outbound.persistence.place_shelf import PlaceShelf
from wildside.outbound.persistence.postgres.session import Session
from wildside.outbound.persistence.postgres.statements import PagedStatements, statement
from wildside.outbound.persistence.stored_forms import (
    points_to_json,
    to_json,
)

_PLACE = """
SELECT id, osm_type, osm_id, name, names, longitude, latitude, doors, osm_tags, narrative,
    popularity_score, visit_seconds, created_at, updated_at, ARRAY(
        SELECT theme_id FROM poi_interest_themes WHERE poi_id = pois.id ORDER BY position
    ) AS theme_ids
FROM pois
"""
_CHANGES = "SELECT id, updated_at FROM pois"
# The index keeps 32-bit boxes, rounded outwards: a hit is checked against the exact coordinates.
_WITHIN = """
WHERE is_present AND location::geometry && ST_MakeEnvelope($1, $2, $3, $4, 4326)
AND longitude BETWEEN $1 AND $3 AND latitude BETWEEN $2 AND $4
"""
_OF_THEMES = """
AND EXISTS (
    SELECT 1 FROM poi_interest_themes WHERE poi_id = pois.id AND theme_id = ANY ($5::uuid[])
)
"""
_FIND_THEMES = statement(
    "catalogue.themes",
    "SELECT id, name, description, icon_key FROM interest_themes WHERE is_offered ORDER BY position",
)
_FIND_REGIONS = statement(
    "catalogue.regions",
    """
    SELECT id, name, west, south, east, north, centre_longitude, centre_latitude, version,
        data_timestamp, place_count, attribution
    FROM regions ORDER BY id
    """,
)
_FIND_PLACE = statement("catalogue.place", f"{_PLACE} WHERE id = $1")
_FIND_PLACES = statement(
    "catalogue.places", f"{_PLACE} WHERE is_present AND id = ANY ($1::bigint[])"
)
_FIND_CHANGES = statement("catalogue.within", f"{_CHANGES} {_WITHIN} ORDER BY id")
_FIND_CHANGES_OF_THEMES = statement(
    "catalogue.within_of_themes", f"{_CHANGES} {_WITHIN} {_OF_THEMES} ORDER BY id"
)
_PAGE = PagedStatements("catalogue.page", _PLACE + _WITHIN, parameters=4, key_type="bigint")
_PAGE_OF_THEMES = PagedStatements(
    "catalogue.page_of_themes", _PLACE + _WITHIN + _OF_THEMES, parameters=5, key_type="bigint"
)
_COUNT = statement("catalogue.count", "SELECT count(*) AS places FROM pois WHERE is_present")

# One at a time changes the map or the themes, whichever server or ingest it is.
_TAKE_TURN = statement(
    "catalogue.take_turn", "SELECT pg_advisory_xact_lock(hashtextextended('catalogue', 0))"
)
_WITHDRAW_THEMES = statement(
    "catalogue.withdraw_themes", "UPDATE interest_themes SET is_offered = false WHERE is_offered"
)
_PUT_THEMES = statement(
    "catalogue.put_themes",
    """
    INSERT INTO interest_themes (id, name, description, icon_key, position, is_offered)
    SELECT id, name, description, icon_key, position - 1, true
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
        WITH ORDINALITY AS themes (id, name, description, icon_key, position)
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, description = excluded.description, icon_key = excluded.icon_key,
        position = excluded.position, is_offered = true
    """,
)
_PUT_REGION = statement(
    "catalogue.put_region",
    """
    INSERT INTO regions (
        id, name, west, south, east, north, centre_longitude, centre_latitude, version,
        data_timestamp, place_count, attribution, updated_at
    ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, west = excluded.west, south = excluded.south, east = excluded.east,
        north = excluded.north, centre_longitude = excluded.centre_longitude,
        centre_latitude = excluded.centre_latitude, version = excluded.version,
        data_timestamp = excluded.data_timestamp, place_count = excluded.place_count,
        attribution = excluded.attribution, updated_at = excluded.updated_at
    """,
)
# Places come in by COPY into a table of this transaction, and from there to where they belong.
_MAKE_ROOM = statement(
    "catalogue.make_room",
    """
    CREATE TEMPORARY TABLE incoming_pois (
        number BIGINT, id BIGINT, osm_type TEXT, osm_id BIGINT, name TEXT, names JSON,
        location GEOGRAPHY(POINT, 4326), doors JSON, osm_tags JSONB, narrative TEXT,
        popularity_score DOUBLE PRECISION, visit_seconds DOUBLE PRECISION, theme_ids UUID[]
    ) ON COMMIT DROP
    """,
)
_COPY_PLACES = statement(
    "catalogue.copy_places",
    """
    COPY incoming_pois (
        number, id, osm_type, osm_id, name, names, location, doors, osm_tags, narrative,
        popularity_score, visit_seconds, theme_ids
    ) FROM STDIN
    """,
    after="catalogue.make_room",
)
_DROP_TWINS = statement(
    "catalogue.drop_twins",
    """
    DELETE FROM incoming_pois AS earlier USING incoming_pois AS later
    WHERE earlier.id = later.id AND earlier.number < later.number
    """,
    after="catalogue.make_room",
)
_PUT_PLACES = statement(
    "catalogue.put_places",
    """
    INSERT INTO pois (
        id, osm_type, osm_id, name, names, location, doors, osm_tags, narrative, popularity_score,
        visit_seconds, is_present, created_at, updated_at
    )
    SELECT id, osm_type, osm_id, name, names, location, doors, osm_tags, narrative,
        popularity_score, visit_seconds, true, $1, $1
    FROM incoming_pois
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, names = excluded.names, location = excluded.location,
        doors = excluded.doors, osm_tags = excluded.osm_tags,
        -- An ingest knows no story; what enrichment told is kept.
        narrative = coalesce(excluded.narrative, pois.narrative),
        popularity_score = excluded.popularity_score, visit_seconds = excluded.visit_seconds,
        is_present = true, updated_at = excluded.updated_at
    """,
    after="catalogue.make_room",
)
_FORGET_THEMES = statement(
    "catalogue.forget_themes",
    "DELETE FROM poi_interest_themes WHERE poi_id IN (SELECT id FROM incoming_pois)",
    after="catalogue.make_room",
)
_PUT_PLACE_THEMES = statement(
    "catalogue.put_place_themes",
    """
    INSERT INTO poi_interest_themes (poi_id, theme_id, position)
    SELECT id, theme_id, position - 1
    FROM incoming_pois, unnest(theme_ids) WITH ORDINALITY AS themes (theme_id, position)
    """,
    after="catalogue.make_room",
)
_FORGET_HOLDINGS = statement(
    "catalogue.forget_holdings", "DELETE FROM region_pois WHERE region_id = $1"
)
_PUT_HOLDINGS = statement(
    "catalogue.put_holdings",
    "INSERT INTO region_pois (region_id, poi_id) SELECT $1, id FROM incoming_pois",
    after="catalogue.make_room",
)
_LOSE_PLACES = statement(
    "catalogue.lose_places",
    """
    UPDATE pois SET is_present = false, updated_at = $1
    WHERE is_present AND NOT EXISTS (SELECT 1 FROM region_pois WHERE poi_id = pois.id)
    """,
)
_CLEAR_ROOM = statement(
    "catalogue.clear_room", "DROP TABLE incoming_pois", after="catalogue.make_room"
)
_BIGGEST = 2**63 - 1


class PostgresCatalogue:
    """Themes, places and regions within one transaction."""

    def __init__(self, session: Session, shelf: PlaceShelf) -> None:
        self._session = session
        self._shelf = shelf

    async def themes(self) -> Sequence[Theme]:
        return [
            Theme(ThemeId(row["id"]), row["name"], row["description"], row["icon_key"])
            for row in await self._session.rows(_FIND_THEMES)
        ]

    async def regions(self) -> Sequence[Region]:
        return [_region(row) for row in await self._session.rows(_FIND_REGIONS)]

    async def place(self, place_id: PlaceId) -> Place | None:
        if not 0 <= place_id <= _BIGGEST:
            return None
        row = await self._session.row(_FIND_PLACE, int(place_id))
        return None if row is None else _place(row)

    async def places(self, place_ids: Iterable[PlaceId]) -> Sequence[Place]:
        wanted = [int(place_id) for place_id in place_ids if 0 <= place_id <= _BIGGEST]
        if not wanted:
            return []
        return [_place(row) for row in await self._session.rows(_FIND_PLACES, wanted)]

    async def page(
        self, bounds: BoundingBox, theme_ids: Sequence[ThemeId], page: PageRequest
    ) -> Page[Place]:
        paged = _PAGE_OF_THEMES if theme_ids else _PAGE
        cursor_key = None if page.cursor is None else page.cursor.integer_key()
        chosen, parameters = paged.for_page(_box(bounds, theme_ids), page, cursor_key)
        rows = await self._session.rows(chosen, *parameters)
        return page_of(rows, page, lambda row: (row["created_at"], str(row["id"]))).map(_place)

    async def within(self, bounds: BoundingBox, theme_ids: Sequence[ThemeId]) -> Sequence[Place]:
        rows = await self._session.rows(
            _FIND_CHANGES_OF_THEMES if theme_ids else _FIND_CHANGES, *_box(bounds, theme_ids)
        )
        wanted = [(PlaceId(row["id"]), row["updated_at"]) for row in rows]
        found, absent = self._shelf.look(wanted)
        if absent:
            ids = [int(place_id) for place_id in absent]
            for row in await self._session.rows(_FIND_PLACES, ids):
                place = found[PlaceId(row["id"])] = _place(row)
                self._shelf.put(place, row["updated_at"])
        # In a writer's work another may have lost a place since the first statement.
        return [found[place_id] for place_id, _ in wanted if place_id in found]

    async def count(self) -> int:
        row = await self._session.row(_COUNT)
        return 0 if row is None else int(row["places"])

    async def put_themes(self, themes: Sequence[Theme]) -> None:
        await self._session.run(_TAKE_TURN)
        await self._session.run(_WITHDRAW_THEMES)
        await self._session.run(
            _PUT_THEMES,
            [theme.id for theme in themes],
            [theme.name for theme in themes],
            [theme.description for theme in themes],
            [theme.icon_key for theme in themes],
        )

    async def replace_region(self, region: Region, places: Iterable[Place], now: datetime) -> None:
        run = self._session.run
        await run(_TAKE_TURN)
        await run(_PUT_REGION, *_region_row(region), now)
        await run(_FORGET_HOLDINGS, region.id)
        await run(_MAKE_ROOM)
        await self._session.copy_in(_COPY_PLACES, _place_rows(places))
        await run(_DROP_TWINS)
        await run(_PUT_PLACES, now)
        await run(_FORGET_THEMES)
        await run(_PUT_PLACE_THEMES)
        await run(_PUT_HOLDINGS, region.id)
        await run(_LOSE_PLACES, now)
        # A second region may follow in the same work.
        await run(_CLEAR_ROOM)


def _box(bounds: BoundingBox, theme_ids: Sequence[ThemeId]) -> tuple[object, ...]:
    box = (bounds.west, bounds.south, bounds.east, bounds.north)
    return (*box, list(theme_ids)) if theme_ids else box


def _place_rows(places: Iterable[Place]) -> Iterator[Sequence[object]]:
    for number, place in enumerate(places):
        yield (
            number,
            place.id,
            place.osm_type,
            place.osm_id,
            place.name,
            to_json(dict(place.names)),
            f"SRID=4326;POINT({place.location.longitude!r} {place.location.latitude!r})",
            points_to_json(place.doors),
            to_json(dict(place.tags)),
            place.narrative,
            place.popularity_score,
            place.visit_seconds,
            list(dict.fromkeys(place.theme_ids)),
        )


def _place(row: DictRow) -> Place:
    return place_of(row, tuple(ThemeId(theme_id) for theme_id in row["theme_ids"]))


def _region_row(region: Region) -> tuple[object, ...]:
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
        region.data_timestamp,
        region.place_count,
        region.attribution,
    )


def _region(row: DictRow) -> Region:
    return Region(
        id=RegionId(row["id"]),
        name=row["name"],
        bounds=BoundingBox(row["west"], row["south"], row["east"], row["north"]),
        centre=Point(row["centre_longitude"], row["centre_latitude"]),
        version=row["version"],
        data_timestamp=row["data_timestamp"],
        place_count=row["place_count"],
        attribution=row["attribution"],
    )
