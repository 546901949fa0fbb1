"""Stored walks in SQLite."""

from __future__ import annotations

import sqlite3
from uuid import UUID

from wildside.domain.identifiers import RegionId, RequestId, RouteId, UserId
from wildside.domain.moments import microseconds, moment
from wildside.domain.paging import Page, PageRequest, page_of
from wildside.domain.route import OwnCopy, Route, RouteSummary
from wildside.outbound.persistence.sqlite.connection import of_nobody
from wildside.outbound.persistence.sqlite.paged import rows_of_page
from wildside.outbound.persistence.stored_forms import (
    object_from_json,
    summary_line_from_json,
    summary_line_to_json,
    to_json,
    walk_from_json,
    walk_to_json,
)

_SAVE = """
INSERT INTO routes (
    id, request_id, user_id, created_at, saved, region_id, engine_version, fingerprint,
    generation_params, summary, walk
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_COPY = """
INSERT INTO routes (
    id, request_id, user_id, created_at, saved, region_id, engine_version, fingerprint,
    generation_params, summary, walk
)
SELECT ?, ?, ?, ?, 0, region_id, engine_version, fingerprint, ?, summary, walk
FROM routes WHERE id = ?
"""
_COPY_STOPS = """
INSERT INTO route_pois (route_id, poi_id, position)
SELECT ?, poi_id, position FROM route_pois WHERE route_id = ?
"""
_STANDING = "SELECT user_id, saved FROM routes WHERE id = ?"
_SUMMARIES = """
SELECT id, request_id, created_at, saved, region_id, generation_params, summary
FROM routes WHERE user_id = :user_id AND (:saved IS NULL OR saved = :saved)
"""


class SqliteRoutes:
    """Stored walks within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def save(self, route: Route) -> None:
        self._connection.execute(
            _SAVE,
            (
                str(route.id),
                str(route.request_id),
                str(route.user_id),
                microseconds(route.created_at),
                int(route.saved),
                route.region,
                route.engine_version,
                route.fingerprint,
                to_json(route.generation_params),
                summary_line_to_json(route.walk),
                walk_to_json(route.walk),
            ),
        )
        self._connection.executemany(
            "INSERT INTO route_pois (route_id, poi_id, position) VALUES (?, ?, ?)",
            [(str(route.id), stop.place.id, stop.position) for stop in route.walk.stops],
        )

    async def copy(self, known: RouteId, own: OwnCopy) -> bool:
        row = (
            str(own.id),
            str(own.request_id),
            str(own.user_id),
            microseconds(own.created_at),
            to_json(own.generation_params),
            str(known),
        )
        try:
            copied = self._connection.execute(_COPY, row)
        except sqlite3.IntegrityError as error:
            raise of_nobody(error) from error
        self._connection.execute(_COPY_STOPS, (str(own.id), str(known)))
        return copied.rowcount == 1

    async def find(self, route_id: RouteId) -> Route | None:
        row = self._connection.execute(
            "SELECT * FROM routes WHERE id = ?", (str(route_id),)
        ).fetchone()
        return None if row is None else _route(row)

    async def standing(self, route_id: RouteId) -> tuple[UserId, bool] | None:
        row = self._connection.execute(_STANDING, (str(route_id),)).fetchone()
        return None if row is None else (UserId(UUID(row["user_id"])), bool(row["saved"]))

    async def page(
        self, user_id: UserId, saved: bool | None, page: PageRequest
    ) -> Page[RouteSummary]:
        rows = rows_of_page(
            self._connection,
            _SUMMARIES,
            {"user_id": str(user_id), "saved": None if saved is None else int(saved)},
            page,
            cursor_key=None if page.cursor is None else str(page.cursor.uuid_key()),
            newest_first=True,
        )
        return page_of(rows, page, lambda row: (moment(row["created_at"]), row["id"])).map(_summary)

    async def pin(self, user_id: UserId, route_id: RouteId, *, saved: bool) -> bool:
        changed = self._connection.execute(
            "UPDATE routes SET saved = ? WHERE id = ? AND user_id = ?",
            (int(saved), str(route_id), str(user_id)),
        )
        return changed.rowcount == 1

    async def delete(self, user_id: UserId, route_id: RouteId) -> bool:
        gone = self._connection.execute(
            "DELETE FROM routes WHERE id = ? AND user_id = ?", (str(route_id), str(user_id))
        )
        return gone.rowcount == 1


def _route(row: sqlite3.Row) -> Route:
    return Route(
        id=RouteId(UUID(row["id"])),
        request_id=RequestId(UUID(row["request_id"])),
        user_id=UserId(UUID(row["user_id"])),
        created_at=moment(row["created_at"]),
        walk=walk_from_json(row["walk"]),
        region=RegionId(row["region_id"]),
        engine_version=row["engine_version"],
        fingerprint=row["fingerprint"],
        generation_params=object_from_json(row["generation_params"]),
        saved=bool(row["saved"]),
    )


def _summary(row: sqlite3.Row) -> RouteSummary:
    summary, stop_names, warnings = summary_line_from_json(row["summary"])
    return RouteSummary(
        id=RouteId(UUID(row["id"])),
        request_id=RequestId(UUID(row["request_id"])),
        created_at=moment(row["created_at"]),
        saved=bool(row["saved"]),
        region=RegionId(row["region_id"]),
        summary=summary,
        stop_names=stop_names,
        warnings=warnings,
        generation_params=object_from_json(row["generation_params"]),
    )
