"""Claimed idempotency keys and their answers in SQLite."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from uuid import UUID

from wildside.domain.identifiers import UserId
from wildside.domain.moments import microseconds, moment
from wildside.outbound.persistence.stored_forms import texts_from_json, to_json
from wildside.ports import RememberedAnswer

_KEEP = """
INSERT OR REPLACE INTO idempotency_keys (
    user_id, key, payload_hash, status, headers, body, created_at
) VALUES (?, ?, ?, ?, ?, ?, ?)
"""


class SqliteIdempotency:
    """Claimed keys within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def find(self, user_id: UserId, key: UUID) -> RememberedAnswer | None:
        row = self._connection.execute(
            "SELECT * FROM idempotency_keys WHERE user_id = ? AND key = ?", (str(user_id), str(key))
        ).fetchone()
        if row is None:
            return None
        return RememberedAnswer(
            payload_hash=row["payload_hash"],
            status=row["status"],
            headers=texts_from_json(row["headers"]),
            body=row["body"],
            created_at=moment(row["created_at"]),
        )

    async def keep(self, user_id: UserId, key: UUID, answer: RememberedAnswer) -> None:
        self._connection.execute(
            _KEEP,
            (
                str(user_id),
                str(key),
                answer.payload_hash,
                answer.status,
                to_json(dict(answer.headers)),
                answer.body,
                microseconds(answer.created_at),
            ),
        )

    async def forget_before(self, moment: datetime) -> int:
        gone = self._connection.execute(
            "DELETE FROM idempotency_keys WHERE created_at < ?", (microseconds(moment),)
        )
        return gone.rowcount
