"""Accepted wishes in PostgreSQL, and the latest word on each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from psycopg.rows import DictRow

from wildside.domain.identifiers import RequestId, RouteId, TraceId, UserId
from wildside.domain.progress import Progress, Stage
from wildside.outbound.persistence.postgres.session import Session
from wildside.outbound.persistence.postgres.statements import statement
from wildside.outbound.persistence.stored_forms import wish_from_json, wish_to_json
from wildside.ports import OwedRequest, StoredRequest

_PROGRESS = "SELECT id, user_id, updated_at, trace_id, status, progress, route_id, error"
_STORED = f"{_PROGRESS}, wish, fingerprint"
_BEGINNING = (datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))
# Who reads a wish in order to move it on has it alone until the commit, always the oldest first.
_LOCKING = "FOR NO KEY UPDATE"
# "Unfinished" is spelt as the partial index spells it, or PostgreSQL would not use the index.
_WAITING = """
FROM route_requests WHERE fingerprint = $1 AND status IN ('pending', 'in_progress')
ORDER BY created_at, id
"""
_ADD = statement(
    "requests.add",
    """
    INSERT INTO route_requests (
        id, user_id, created_at, updated_at, wish, fingerprint, trace_id, status, progress,
        route_id, error
    ) VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10)
    """,
)
_FIND = statement("requests.find", f"{_STORED} FROM route_requests WHERE id = $1")
_FIND_LOCKED = statement(
    "requests.find_locked", f"{_STORED} FROM route_requests WHERE id = $1 {_LOCKING}"
)
_PROGRESS_LOCKED = statement(
    "requests.progress_locked", f"{_PROGRESS}, fence FROM route_requests WHERE id = $1 {_LOCKING}"
)
_CLAIM = statement("requests.claim", "UPDATE route_requests SET fence = $2 WHERE id = $1")
_ADVANCE = statement(
    "requests.advance",
    """
    UPDATE route_requests SET updated_at = $2, status = $3, progress = $4, route_id = $5, error = $6
    WHERE id = $1
    """,
)
_WAITING_FOR = statement("requests.waiting_for", f"{_STORED} {_WAITING}")
_WAITING_LOCKED = statement("requests.waiting_locked", f"{_STORED} {_WAITING} {_LOCKING}")
_OWED = statement(
    "requests.owed",
    """
    SELECT id, created_at, fingerprint, trace_id FROM route_requests
    WHERE status IN ('pending', 'in_progress') AND created_at <= $1 AND (created_at, id) > ($2, $3)
    ORDER BY created_at, id LIMIT $4
    """,
)
_CHANGED_SINCE = statement(
    "requests.changed_since",
    f"{_PROGRESS} FROM route_requests WHERE updated_at >= $1 ORDER BY updated_at, id",
)
_NEWS = statement(
    "requests.news",
    f"""
    {_PROGRESS} FROM route_requests
    WHERE user_id = $1 AND (updated_at >= $2 OR status IN ('pending', 'in_progress'))
    ORDER BY updated_at, id
    """,
)
_OF_WALKER = statement(
    "requests.of_walker",
    f"{_STORED} FROM route_requests WHERE user_id = $1 ORDER BY created_at, id",
)


class PostgresRequests:
    """Accepted wishes within one transaction."""

    def __init__(self, session: Session, *, locks: bool) -> None:
        self._session = session
        self._locks = locks

    async def add(self, stored: StoredRequest) -> None:
        progress = stored.progress
        await self._session.run_later(
            _ADD,
            progress.request_id,
            progress.user_id,
            progress.updated_at,
            wish_to_json(stored.request),
            stored.fingerprint,
            progress.trace_id,
            progress.stage.value,
            progress.percent,
            progress.route_id,
            progress.error,
        )

    async def find(self, request_id: RequestId) -> StoredRequest | None:
        row = await self._session.row(_FIND_LOCKED if self._locks else _FIND, request_id)
        return None if row is None else _stored(row)

    async def advance(self, progress: Progress, *, fence: int | None = None) -> bool:
        row = await self._session.row(_PROGRESS_LOCKED, progress.request_id)
        if row is None or not await self._is_latest_claim(row, fence):
            return False
        if not progress.may_follow(_progress(row)):
            return False
        await self._session.run(
            _ADVANCE,
            progress.request_id,
            progress.updated_at,
            progress.stage.value,
            progress.percent,
            progress.route_id,
            progress.error,
        )
        return True

    async def _is_latest_claim(self, row: DictRow, fence: int | None) -> bool:
        if fence is None or fence == row["fence"]:
            return True
        if fence < row["fence"]:
            return False
        await self._session.run(_CLAIM, row["id"], fence)
        return True

    async def changed_since(self, moment: datetime) -> Sequence[Progress]:
        return [_progress(row) for row in await self._session.rows(_CHANGED_SINCE, moment)]

    async def waiting_for(self, fingerprint: str) -> Sequence[StoredRequest]:
        rows = await self._session.rows(
            _WAITING_LOCKED if self._locks else _WAITING_FOR, fingerprint
        )
        return [_stored(row) for row in rows]

    async def owed(
        self, accepted_until: datetime, after: OwedRequest | None, most: int
    ) -> Sequence[OwedRequest]:
        seen = _BEGINNING if after is None else (after.accepted_at, after.id)
        rows = await self._session.rows(_OWED, accepted_until, *seen, most)
        return [
            OwedRequest(
                RequestId(row["id"]),
                row["created_at"],
                row["fingerprint"],
                TraceId(row["trace_id"]),
            )
            for row in rows
        ]

    async def news_for(self, user_id: UserId, finished_since: datetime) -> Sequence[Progress]:
        rows = await self._session.rows(_NEWS, user_id, finished_since)
        return [_progress(row) for row in rows]

    async def of_walker(self, user_id: UserId) -> Sequence[StoredRequest]:
        return [_stored(row) for row in await self._session.rows(_OF_WALKER, user_id)]


def _stored(row: DictRow) -> StoredRequest:
    return StoredRequest(wish_from_json(row["wish"]), _progress(row), row["fingerprint"])


def _progress(row: DictRow) -> Progress:
    route_id = row["route_id"]
    return Progress(
        request_id=RequestId(row["id"]),
        user_id=UserId(row["user_id"]),
        stage=Stage(row["status"]),
        percent=row["progress"],
        updated_at=row["updated_at"],
        trace_id=TraceId(row["trace_id"]),
        route_id=None if route_id is None else RouteId(route_id),
        error=row["error"],
    )
