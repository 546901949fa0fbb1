"""Links that show a walk, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psycopg.rows import DictRow

from wildside.domain.identifiers import RouteId, UserId
from wildside.domain.shares import Share
from wildside.outbound.persistence.postgres.session import Session
from wildside.outbound.persistence.postgres.statements import statement

_SHARE = """
SELECT shares.token_hash, shares.route_id, shares.created_at, shares.expires_at FROM shares
"""
_OLDEST_FIRST = "ORDER BY shares.created_at, shares.token_hash"
_ADD = statement(
    "shares.add",
    "INSERT INTO shares (token_hash, route_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
)
_FIND = statement("shares.find", f"{_SHARE} WHERE token_hash = $1")
_OF_ROUTE = statement("shares.of_route", f"{_SHARE} WHERE route_id = $1 {_OLDEST_FIRST}")
_OF_WALKER = statement(
    "shares.of_walker",
    f"""
    {_SHARE} JOIN routes ON routes.id = shares.route_id WHERE routes.user_id = $1 {_OLDEST_FIRST}
    """,
)
_REVOKE = statement("shares.revoke", "DELETE FROM shares WHERE route_id = $1")
_FORGET = statement("shares.forget", "DELETE FROM shares WHERE token_hash = $1")
_FORGET_EXPIRED = statement("shares.forget_expired", "DELETE FROM shares WHERE expires_at <= $1")


class PostgresShares:
    """Shares within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, share: Share) -> None:
        await self._session.run(
            _ADD, share.token_hash, share.route_id, share.created_at, share.expires_at
        )

    async def find(self, token_hash: str) -> Share | None:
        row = await self._session.row(_FIND, token_hash)
        return None if row is None else _share(row)

    async def of_route(self, route_id: RouteId) -> Sequence[Share]:
        return [_share(row) for row in await self._session.rows(_OF_ROUTE, route_id)]

    async def of_walker(self, user_id: UserId) -> Sequence[Share]:
        return [_share(row) for row in await self._session.rows(_OF_WALKER, user_id)]

    async def revoke(self, route_id: RouteId) -> int:
        return await self._session.run(_REVOKE, route_id)

    async def forget(self, token_hash: str) -> None:
        await self._session.run(_FORGET, token_hash)

    async def forget_expired(self, now: datetime) -> int:
        return await self._session.run(_FORGET_EXPIRED, now)


def _share(row: DictRow) -> Share:
    return Share(
        token_hash=row["token_hash"],
        route_id=RouteId(row["route_id"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )
