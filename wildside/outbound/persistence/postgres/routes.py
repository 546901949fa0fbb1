"""Stored walks in PostgreSQL, their paths as geometries too."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from uuid import UUID

from psycopg.rows import DictRow

from wildside.domain.geography import Point
from wildside.domain.identifiers import RegionId, RequestId, RouteId, UserId
from wildside.domain.paging import Page, PageRequest, page_of
from wildside.domain.route import OwnCopy, Route, RouteSummary
from wildside.outbound.persistence.postgres.session import Session
from wildside.outbound.persistence.postgres.statements import PagedStatements, statement
from wildside.outbound.persistence.stored_forms import (
    object_from_json,
    summary_line_from_json,
    summary_line_to_json,
    to_json,
    walk_from_json,
    walk_to_json,
)

_SAVE = statement(
    "routes.save",
    """
    INSERT INTO routes (
        id, request_id, user_id, created_at, saved, region_id, engine_version, fingerprint,
        generation_params, summary, walk, path
    ) VALUES (
        $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, ST_GeomFromWKB($12, 4326)
    )
    """,
)
_SAVE_STOPS = statement(
    "routes.save_stops",
    """
    INSERT INTO route_pois (route_id, poi_id, position)
    SELECT $1, poi_id, position
    FROM unnest($2::bigint[], $3::integer[]) AS stops (poi_id, position)
    """,
)
_COPY = statement(
    "routes.copy",
    """
    WITH copied AS (
        INSERT INTO routes (
            id, request_id, user_id, created_at, saved, region_id, engine_version, fingerprint,
            generation_params, summary, walk, path
        )
        SELECT $1, $2, $3, $4, false, region_id, engine_version, fingerprint, $5, summary, walk,
            path
        FROM routes WHERE id = $6
        RETURNING id
    ), stops AS (
        INSERT INTO route_pois (route_id, poi_id, position)
        SELECT copied.id, poi_id, position FROM copied, route_pois WHERE route_id = $6
    )
    SELECT count(*) AS copies FROM copied
    """,
)
_FIND = statement(
    "routes.find",
    """
    SELECT id, request_id, user_id, created_at, saved, region_id, engine_version, fingerprint,
        generation_params, walk
    FROM routes WHERE id = $1
    """,
)
_STANDING = statement("routes.standing", "SELECT user_id, saved FROM routes WHERE id = $1")
_PAGE = PagedStatements(
    "routes.page",
    """
    SELECT id, request_id, created_at, saved, region_id, generation_params, summary
    FROM routes WHERE user_id = $1 AND ($2::boolean IS NULL OR saved = $2)
    """,
    parameters=2,
    key_type="uuid",
    newest_first=True,
)
_PIN = statement("routes.pin", "UPDATE routes SET saved = $3 WHERE id = $2 AND user_id = $1")
_DELETE = statement("routes.delete", "DELETE FROM routes WHERE id = $2 AND user_id = $1")


class PostgresRoutes:
    """Stored walks within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def save(self, route: Route) -> None:
        await self._session.run(
            _SAVE,
            route.id,
            route.request_id,
            route.user_id,
            route.created_at,
            route.saved,
            route.region,
            route.engine_version,
            route.fingerprint,
            to_json(route.generation_params),
            summary_line_to_json(route.walk),
            walk_to_json(route.walk),
            line_string(route.walk.path),
        )
        stops = route.walk.stops
        if stops:
            places = [int(stop.place.id) for stop in stops]
            await self._session.run(
                _SAVE_STOPS, route.id, places, [stop.position for stop in stops]
            )

    async def copy(self, known: RouteId, own: OwnCopy) -> bool:
        row = await self._session.row(
            _COPY,
            own.id,
            own.request_id,
            own.user_id,
            own.created_at,
            to_json(own.generation_params),
            known,
        )
        return row is not None and row["copies"] == 1

    async def find(self, route_id: RouteId) -> Route | None:
        row = await self._session.row(_FIND, route_id)
        return None if row is None else _route(row)

    async def standing(self, route_id: RouteId) -> tuple[UserId, bool] | None:
        row = await self._session.row(_STANDING, route_id)
        return None if row is None else (UserId(row["user_id"]), row["saved"])

    async def page(
        self, user_id: UserId, saved: bool | None, page: PageRequest
    ) -> Page[RouteSummary]:
        chosen, parameters = _PAGE.for_page(
            (user_id, saved), page, None if page.cursor is None else page.cursor.uuid_key()
        )
        rows = await self._session.rows(chosen, *parameters)
        return page_of(rows, page, lambda row: (row["created_at"], str(row["id"]))).map(_summary)

    async def pin(self, user_id: UserId, route_id: RouteId, *, saved: bool) -> bool:
        return await self._session.run(_PIN, user_id, route_id, saved) == 1

    async def delete(self, user_id: UserId, route_id: RouteId) -> bool:
        return await self._session.run(_DELETE, user_id, route_id) == 1


def line_string(path: Sequence[Point]) -> bytes:
    """The path as a line in well-known binary (OGC 06-103r4, 8.2); a single point stands still there."""
    points = path if len(path) > 1 else (*path, *path)
    numbers = [number for point in points for number in (point.longitude, point.latitude)]
    return struct.pack(f"<BII{len(numbers)}d", 1, 2, len(points), *numbers)


def _route(row: DictRow) -> Route:
    return Route(
        id=RouteId(row["id"]),
        request_id=RequestId(row["request_id"]),
        user_id=UserId(row["user_id"]),
        created_at=row["created_at"],
        walk=walk_from_json(row["walk"]),
        region=RegionId(row["region_id"]),
        engine_version=row["engine_version"],
        fingerprint=row["fingerprint"],
        generation_params=object_from_json(row["generation_params"]),
        saved=row["saved"],
    )


def _summary(row: DictRow) -> RouteSummary:
    summary, stop_names, warnings = summary_line_from_json(row["summary"])
    route_id: UUID = row["id"]
    return RouteSummary(
        id=RouteId(route_id),
        request_id=RequestId(row["request_id"]),
        created_at=row["created_at"],
        saved=row["saved"],
        region=RegionId(row["region_id"]),
        summary=summary,
        stop_names=stop_names,
        warnings=warnings,
        generation_params=object_from_json(row["generation_params"]),
    )
