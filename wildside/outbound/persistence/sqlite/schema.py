"""Brings a SQLite file to the newest schema or back, however many processes start at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from wildside.domain.errors import Unavailable
from wildside.domain.moments import microseconds, moment
from wildside.outbound.persistence.migrate import (
    Migration,
    Step,
    last_applied,
    pending,
    steps,
)
from wildside.outbound.persistence.sqlite.connection import connect, translated

_WAIT_SECONDS = 30.0  # as long as another process may take for its migrations
_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT
"""


def migrate_up(path: Path, migrations: Sequence[Migration], now: datetime) -> tuple[Migration, ...]:
    """Applies what is missing, all of it or nothing, and returns it.

    The write lock is taken before the ledger is read: a second process waits, then finds nothing
    left to do. Raises Unavailable where files and ledger contradict each other.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"{path.parent} cannot be made: {error.strerror}") from error

    def apply_missing(connection: sqlite3.Connection) -> tuple[Migration, ...]:
        connection.execute(_LEDGER)
        missing = pending(migrations, _applied(connection))
        for migration in missing:
            for statement in statements(migration.sql):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO schema_migrations VALUES (?, ?, ?, ?)",
                (migration.number, migration.name, migration.checksum, microseconds(now)),
            )
        return missing

    return _alone(path, apply_missing)


def migrate_down(path: Path, migrations: Sequence[Migration], count: int) -> tuple[Migration, ...]:
    """Undoes the newest `count` migrations, all of it or nothing, and returns them, newest first."""

    def undo(connection: sqlite3.Connection) -> tuple[Migration, ...]:
        undone = last_applied(migrations, _applied(connection), count)
        for migration in undone:
            for statement in statements(migration.down_sql or ""):
                connection.execute(statement)
            connection.execute(
                "DELETE FROM schema_migrations WHERE number = ?", (migration.number,)
            )
        return undone

    return _alone(path, undo) if path.exists() else ()


def migration_steps(path: Path, migrations: Sequence[Migration]) -> tuple[Step, ...]:
    """Each migration and when it was applied; the file is not made where there is none."""
    if not path.exists():
        return steps(migrations, {})
    connection = connect(path, read_only=True, wait_seconds=_WAIT_SECONDS)
    try:
        with translated(path):
            applied = _applied(connection)
            pending(migrations, applied)
            moments = connection.execute(
                "SELECT number, applied_at FROM schema_migrations"
                if applied
                else "SELECT 1, 1 LIMIT 0"
            ).fetchall()
    finally:
        connection.close()
    return steps(migrations, {number: moment(stamp) for number, stamp in moments})


def migrations_missing(path: Path, migrations: Sequence[Migration]) -> tuple[Migration, ...]:
    """What `migrate_up` would apply; the file is not changed, nor made where there is none."""
    if not path.exists():
        return tuple(migrations)
    connection = connect(path, read_only=True, wait_seconds=_WAIT_SECONDS)
    try:
        with translated(path):
            return pending(migrations, _applied(connection))
    finally:
        connection.close()


def _alone(
    path: Path, change: Callable[[sqlite3.Connection], tuple[Migration, ...]]
) -> tuple[Migration, ...]:
    """Runs the change in a transaction that nobody else writes beside."""
    connection = connect(path, wait_seconds=_WAIT_SECONDS)
    try:
        with translated(path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                changed = change(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return changed
    finally:
        connection.close()


def _applied(connection: sqlite3.Connection) -> dict[int, str]:
    ledger = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'"
    )
    if ledger.fetchone() is None:
        return {}
    return dict(
        connection.execute(
            "SELECT number, checksum FROM schema_migrations ORDER BY number"
        ).fetchall()
    )


def statements(sql: str) -> Iterator[str]:
    """The single statements of a script: `executescript` would commit before it begins."""
    gathered = ""
    for line in sql.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""
    if gathered.strip():
        yield gathered
