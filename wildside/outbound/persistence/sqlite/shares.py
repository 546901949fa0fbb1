"""Links that show a walk, in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wildside.domain.identifiers import RouteId, UserId
from wildside.domain.moments import microseconds, moment
from wildside.domain.shares import Share

_ADD = "INSERT INTO shares (token_hash, route_id, created_at, expires_at) VALUES (?, ?, ?, ?)"
_OF_WALKER = """
SELECT shares.* FROM shares JOIN routes ON routes.id = shares.route_id
WHERE routes.user_id = ? ORDER BY shares.created_at, shares.token_hash
"""
_OF_ROUTE = "SELECT * FROM shares WHERE route_id = ? ORDER BY created_at, token_hash"


class SqliteShares:
    """Shares within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def add(self, share: Share) -> None:
        self._connection.execute(
            _ADD,
            (
                share.token_hash,
                str(share.route_id),
                microseconds(share.created_at),
                microseconds(share.expires_at),
            ),
        )

    async def find(self, token_hash: str) -> Share | None:
        row = self._connection.execute(
            "SELECT * FROM shares WHERE token_hash = ?", (token_hash,)
        ).fetchone()
        return None if row is None else _share(row)

    async def of_route(self, route_id: RouteId) -> Sequence[Share]:
        return [_share(row) for row in self._connection.execute(_OF_ROUTE, (str(route_id),))]

    async def of_walker(self, user_id: UserId) -> Sequence[Share]:
        return [_share(row) for row in self._connection.execute(_OF_WALKER, (str(user_id),))]

    async def revoke(self, route_id: RouteId) -> int:
        gone = self._connection.execute("DELETE FROM shares WHERE route_id = ?", (str(route_id),))
        return gone.rowcount

    async def forget(self, token_hash: str) -> None:
        self._connection.execute("DELETE FROM shares WHERE token_hash = ?", (token_hash,))

    async def forget_expired(self, now: datetime) -> int:
        gone = self._connection.execute(
            "DELETE FROM shares WHERE expires_at <= ?", (microseconds(now),)
        )
        return gone.rowcount


def _share(row: sqlite3.Row) -> Share:
    return Share(
        token_hash=row["token_hash"],
        route_id=RouteId(UUID(row["route_id"])),
        created_at=moment(row["created_at"]),
        expires_at=moment(row["expires_at"]),
    )
