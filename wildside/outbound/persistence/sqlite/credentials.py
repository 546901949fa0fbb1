"""Hashes of passwords in SQLite."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from wildside.domain.identifiers import UserId
from wildside.domain.moments import microseconds

_KEEP = """
INSERT OR REPLACE INTO credentials (user_id, password_hash, updated_at) VALUES (?, ?, ?)
"""


class SqliteCredentials:
    """Hashes within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def find(self, user_id: UserId) -> str | None:
        row = self._connection.execute(
            "SELECT password_hash FROM credentials WHERE user_id = ?", (str(user_id),)
        ).fetchone()
        return None if row is None else str(row["password_hash"])

    async def keep(self, user_id: UserId, password_hash: str, now: datetime) -> None:
        self._connection.execute(_KEEP, (str(user_id), password_hash, microseconds(now)))
