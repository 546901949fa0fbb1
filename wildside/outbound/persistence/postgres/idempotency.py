"""Claimed idempotency keys and their answers in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from wildside.domain.identifiers import UserId
from wildside.outbound.persistence.postgres.session import Session
from wildside.outbound.persistence.postgres.statements import statement
from wildside.outbound.persistence.stored_forms import texts_from_json, to_json
from wildside.ports import RememberedAnswer

# Twins take turns though there is no row yet to lock: the second finds what the first has kept.
_CLAIM = statement(
    "idempotency.claim",
    "SELECT pg_advisory_xact_lock(hashtextextended('idempotency ' || $1::text, 0))",
)
_FIND = statement(
    "idempotency.find",
    """
    SELECT payload_hash, status, headers, body, created_at
    FROM idempotency_keys WHERE user_id = $1 AND key = $2
    """,
)
_KEEP = statement(
    "idempotency.keep",
    """
    INSERT INTO idempotency_keys (user_id, key, payload_hash, status, headers, body, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (user_id, key) DO UPDATE SET
        payload_hash = excluded.payload_hash, status = excluded.status,
        headers = excluded.headers, body = excluded.body, created_at = excluded.created_at
    """,
)
_FORGET = statement("idempotency.forget", "DELETE FROM idempotency_keys WHERE created_at < $1")


class PostgresIdempotency:
    """Claimed keys within one transaction."""

    def __init__(self, session: Session, *, locks: bool) -> None:
        self._session = session
        self._locks = locks

    async def find(self, user_id: UserId, key: UUID) -> RememberedAnswer | None:
        if self._locks:
            await self._session.run_later(_CLAIM, f"{user_id} {key}")
        row = await self._session.row(_FIND, user_id, key)
        if row is None:
            return None
        return RememberedAnswer(
            payload_hash=row["payload_hash"],
            status=row["status"],
            headers=texts_from_json(row["headers"]),
            body=bytes(row["body"]),
            created_at=row["created_at"],
        )

    async def keep(self, user_id: UserId, key: UUID, answer: RememberedAnswer) -> None:
        await self._session.run_later(
            _KEEP,
            user_id,
            key,
            answer.payload_hash,
            answer.status,
            to_json(dict(answer.headers)),
            answer.body,
            answer.created_at,
        )

    async def forget_before(self, moment: datetime) -> int:
        return await self._session.run(_FORGET, moment)
