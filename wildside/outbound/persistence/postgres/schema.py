"""Brings a PostgreSQL database to the newest schema or back, however many servers start at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import psycopg
import trio

from wildside.domain.errors import Unavailable
from wildside.outbound.persistence.migrate import (
    Migration,
    Step,
    last_applied,
    pending,
    steps,
)
from wildside.outbound.persistence.postgres.errors import translated
from wildside.outbound.persistence.postgres.trio_connection import TrioConnection
from wildside.outbound.persistence.postgres.unreachable import unreachable

CONNECT_SECONDS = 10.0
# As long as another process may take for its migrations, and as ours may.
_PATIENCE_SECONDS = 600
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('wildside schema', 0))"
_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL
)
"""


async def migrate_up(
    url: str, migrations: Sequence[Migration], now: datetime
) -> tuple[Migration, ...]:
    """Applies what is missing, all of it or nothing, and returns it.

    An advisory lock is taken before the ledger is read: a second server waits, then finds nothing
    left to do. Raises Unavailable where files and ledger contradict each other.
    """
    async with _alone(url) as connection:
        await connection.script(_LEDGER)
        missing = pending(migrations, await _checksums(connection))
        for migration in missing:
            await _run_script(connection, migration.title, migration.sql)
            await connection.execute(
                "INSERT INTO schema_migrations VALUES ($1, $2, $3, $4)",
                (migration.number, migration.name, migration.checksum, now),
            )
        return missing


async def migrate_down(
    url: str, migrations: Sequence[Migration], count: int
) -> tuple[Migration, ...]:
    """Undoes the newest `count` migrations, all of it or nothing, and returns them, newest first."""
    async with _alone(url) as connection:
        undone = last_applied(migrations, await _checksums(connection), count)
        for migration in undone:
            await _run_script(connection, f"{migration.title}.down", migration.down_sql or "")
            await connection.execute(
                "DELETE FROM schema_migrations WHERE number = $1", (migration.number,)
            )
        return undone


async def migration_steps(url: str, migrations: Sequence[Migration]) -> tuple[Step, ...]:
    """Each migration and when it was applied."""
    async with _alone(url) as connection:
        applied = await _checksums(connection)
        pending(migrations, applied)
        if not applied:
            return steps(migrations, {})
        cursor = await connection.execute("SELECT number, applied_at FROM schema_migrations")
        moments = {row["number"]: row["applied_at"] for row in await cursor.fetchall()}
        return steps(migrations, moments)


@asynccontextmanager
async def _alone(url: str) -> AsyncIterator[TrioConnection]:
    """A transaction that no other migration runs beside; committed when the block ends well."""
    with translated():
        connection = await _connected(url)
        try:
            await connection.script(
                f"SET timezone TO 'UTC'; SET statement_timeout TO '{_PATIENCE_SECONDS}s'"
            )
            await connection.script("BEGIN")
            await connection.script(_LOCK)
            yield connection
            await connection.script("COMMIT")
        finally:
            # Closing undoes whatever was not committed.
            await connection.close()


async def _connected(url: str) -> TrioConnection:
    """Who starts us is told more than walkers are: where it should be, and what is in the way."""
    with trio.move_on_after(CONNECT_SECONDS):
        try:
            return await TrioConnection.open(
                url, application_name="wildside migrate", connect_timeout=int(CONNECT_SECONDS)
            )
        except psycopg.Error as error:
            raise unreachable(url, error) from error
    raise unreachable(url, None)


async def _run_script(connection: TrioConnection, title: str, sql: str) -> None:
    try:
        await connection.script(sql)
    except psycopg.errors.FeatureNotSupported as error:
        raise Unavailable(f"{title}: {error} (is PostGIS installed?)") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise Unavailable(f"{title}: {error}") from error


async def _checksums(connection: TrioConnection) -> dict[int, str]:
    cursor = await connection.execute("SELECT to_regclass('schema_migrations') AS ledger")
    found = await cursor.fetchone()
    if found is None or found["ledger"] is None:
        return {}
    cursor = await connection.execute(
        "SELECT number, checksum FROM schema_migrations ORDER BY number"
    )
    return {row["number"]: row["checksum"] for row in await cursor.fetchall()}
