"""Accepted wishes in SQLite, and the latest word on each."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wildside.domain.identifiers import RequestId, RouteId, TraceId, UserId
from wildside.domain.moments import microseconds, moment
from wildside.domain.progress import Progress, Stage
from wildside.outbound.persistence.sqlite.connection import of_nobody
from wildside.outbound.persistence.stored_forms import wish_from_json, wish_to_json
from wildside.ports import OwedRequest, StoredRequest

_ADD = """
INSERT INTO route_requests (
    id, user_id, created_at, updated_at, wish, fingerprint, trace_id, status, progress,
    route_id, error
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_ADVANCE = """
UPDATE route_requests SET updated_at = ?, status = ?, progress = ?, route_id = ?, error = ?
WHERE id = ?
"""
_CHANGED_SINCE = """
SELECT * FROM route_requests WHERE updated_at >= ? ORDER BY updated_at, id
"""
# "Unfinished" is spelt as the partial index spells it, or SQLite would not use the index.
_WAITING_FOR = """
SELECT * FROM route_requests
WHERE fingerprint = ? AND status IN ('pending', 'in_progress')
ORDER BY created_at, id
"""
_OWED = """
SELECT id, created_at, fingerprint, trace_id FROM route_requests
WHERE status IN ('pending', 'in_progress') AND created_at <= ? AND (created_at, id) > (?, ?)
ORDER BY created_at, id LIMIT ?
"""
_NEWS = """
SELECT * FROM route_requests
WHERE user_id = ? AND (updated_at >= ? OR status IN ('pending', 'in_progress'))
ORDER BY updated_at, id
"""
_OF_WALKER = "SELECT * FROM route_requests WHERE user_id = ? ORDER BY created_at, id"


class SqliteRequests:
    """Accepted wishes within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def add(self, stored: StoredRequest) -> None:
        progress = stored.progress
        stamp = microseconds(progress.updated_at)
        row = (
            str(progress.request_id),
            str(progress.user_id),
            stamp,
            stamp,
            wish_to_json(stored.request),
            stored.fingerprint,
            progress.trace_id,
            progress.stage.value,
            progress.percent,
            _text(progress.route_id),
            progress.error,
        )
        try:
            self._connection.execute(_ADD, row)
        except sqlite3.IntegrityError as error:
            raise of_nobody(error) from error

    async def find(self, request_id: RequestId) -> StoredRequest | None:
        row = self._connection.execute(
            "SELECT * FROM route_requests WHERE id = ?", (str(request_id),)
        ).fetchone()
        return None if row is None else _stored(row)

    async def advance(self, progress: Progress, *, fence: int | None = None) -> bool:
        row = self._connection.execute(
            "SELECT * FROM route_requests WHERE id = ?", (str(progress.request_id),)
        ).fetchone()
        if row is None or not self._is_latest_claim(row, fence):
            return False
        if not progress.may_follow(_progress(row)):
            return False
        self._connection.execute(
            _ADVANCE,
            (
                microseconds(progress.updated_at),
                progress.stage.value,
                progress.percent,
                _text(progress.route_id),
                progress.error,
                str(progress.request_id),
            ),
        )
        return True

    def _is_latest_claim(self, row: sqlite3.Row, fence: int | None) -> bool:
        if fence is None or fence == row["fence"]:
            return True
        if fence < row["fence"]:
            return False
        self._connection.execute(
            "UPDATE route_requests SET fence = ? WHERE id = ?", (fence, row["id"])
        )
        return True

    async def changed_since(self, moment: datetime) -> Sequence[Progress]:
        rows = self._connection.execute(_CHANGED_SINCE, (microseconds(moment),))
        return [_progress(row) for row in rows]

    async def waiting_for(self, fingerprint: str) -> Sequence[StoredRequest]:
        rows = self._connection.execute(_WAITING_FOR, (fingerprint,))
        return [_stored(row) for row in rows]

    async def owed(
        self, accepted_until: datetime, after: OwedRequest | None, most: int
    ) -> Sequence[OwedRequest]:
        seen = (0, "") if after is None else (microseconds(after.accepted_at), str(after.id))
        rows = self._connection.execute(_OWED, (microseconds(accepted_until), *seen, most))
        return [
            OwedRequest(
                RequestId(UUID(row["id"])),
                moment(row["created_at"]),
                row["fingerprint"],
                TraceId(row["trace_id"]),
            )
            for row in rows
        ]

    async def news_for(self, user_id: UserId, finished_since: datetime) -> Sequence[Progress]:
        rows = self._connection.execute(_NEWS, (str(user_id), microseconds(finished_since)))
        return [_progress(row) for row in rows]

    async def of_walker(self, user_id: UserId) -> Sequence[StoredRequest]:
        return [_stored(row) for row in self._connection.execute(_OF_WALKER, (str(user_id),))]


def _text(route_id: RouteId | None) -> str | None:
    return None if route_id is None else str(route_id)


def _stored(row: sqlite3.Row) -> StoredRequest:
    return StoredRequest(wish_from_json(row["wish"]), _progress(row), row["fingerprint"])


def _progress(row: sqlite3.Row) -> Progress:
    route_id = row["route_id"]
    return Progress(
        request_id=RequestId(UUID(row["id"])),
        user_id=UserId(UUID(row["user_id"])),
        stage=Stage(row["status"]),
        percent=row["progress"],
        updated_at=moment(row["updated_at"]),
        trace_id=TraceId(row["trace_id"]),
        route_id=None if route_id is None else RouteId(UUID(route_id)),
        error=row["error"],
    )
