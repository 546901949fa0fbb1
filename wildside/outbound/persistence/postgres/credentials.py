"""Hashes of passwords in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from wildside.domain.identifiers import UserId
from wildside.outbound.persistence.postgres.session import Session
from wildside.outbound.persistence.postgres.statements import statement

_FIND = statement("credentials.find", "SELECT password_hash FROM credentials WHERE user_id = $1")
# Who reads a hash in order to replace it: nobody else has replaced it meanwhile.
_FIND_LOCKED = statement(
    "credentials.find_locked",
    "SELECT password_hash FROM credentials WHERE user_id = $1 FOR UPDATE",
)
_KEEP = statement(
    "credentials.keep",
    """
    INSERT INTO credentials (user_id, password_hash, updated_at) VALUES ($1, $2, $3)
    ON CONFLICT (user_id) DO UPDATE SET
        password_hash = excluded.password_hash, updated_at = excluded.updated_at
    """,
)


class PostgresCredentials:
    """Hashes within one transaction."""

    def __init__(self, session: Session, *, locks: bool) -> None:
        self._session = session
        self._find = _FIND_LOCKED if locks else _FIND

    async def find(self, user_id: UserId) -> str | None:
        row = await self._session.row(self._find, user_id)
        return None if row is None else str(row["password_hash"])

    async def keep(self, user_id: UserId, password_hash: str, now: datetime) -> None:
        await self._session.run(_KEEP, user_id, password_hash, now)
