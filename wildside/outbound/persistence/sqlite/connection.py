"""One connection to the SQLite file, set up as Wildside needs it, and its errors in our words."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wildside.domain.errors import Unauthorized, Unavailable

# What went wrong, by primary result code (https://www.sqlite.org/rescode.html), as an operator says it.
_MEANINGS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_BUSY: "another process holds the database for too long",
    sqlite3.SQLITE_LOCKED: "the database is locked",
    sqlite3.SQLITE_READONLY: "the database may only be read",
    sqlite3.SQLITE_IOERR: "the disk fails",
    sqlite3.SQLITE_CORRUPT: "the database is damaged",
    sqlite3.SQLITE_NOTADB: "the file is not a database",
    sqlite3.SQLITE_CANTOPEN: "the database file cannot be opened",
    sqlite3.SQLITE_PERM: "the database file may not be opened",
    sqlite3.SQLITE_AUTH: "the database file may not be opened",
    sqlite3.SQLITE_NOMEM: "there is no memory left",
}
_LOOK_AGAIN_SECONDS = 0.01
# WAL lets readers go on while one writes. NORMAL syncs at checkpoints only: what was committed
# survives the death of the process (kill -9) since the kernel holds it; only a power cut may lose
# the last moments, and never damages the file. FULL would stop the event loop for an fsync a write.
_SETTINGS = (
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 0",  # waiting is done on the event loop, not inside SQLite
    "PRAGMA cache_size = -16000",  # 16 MB
    "PRAGMA temp_store = MEMORY",
    "PRAGMA journal_size_limit = 67108864",
    # Checkpoints run in a thread of their own (SqliteStorage.tidy); this is the net below it.
    "PRAGMA wal_autocheckpoint = 8000",
)


def connect(
    path: Path, *, read_only: bool = False, wait_seconds: float = 0.0
) -> sqlite3.Connection:
    """A connection in autocommit mode; `wait_seconds` blocks the thread while others hold a lock."""
    with translated(path):
        connection = sqlite3.connect(
            path,
            timeout=wait_seconds,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        try:
            connection.execute(f"PRAGMA busy_timeout = {int(max(wait_seconds, 5.0) * 1000)}")
            _switch_to_wal(connection, max(wait_seconds, 5.0))
            for setting in _SETTINGS:
                connection.execute(setting)
            connection.execute(f"PRAGMA busy_timeout = {int(wait_seconds * 1000)}")
            if read_only:
                connection.execute("PRAGMA query_only = ON")
        except BaseException:
            connection.close()
            raise
    connection.row_factory = sqlite3.Row
    return connection


def _switch_to_wal(connection: sqlite3.Connection, wait_seconds: float) -> None:
    """Makes the journal a write-ahead log.

    The first switch of a new file asks for an exclusive lock without SQLite's own waiting: of
    several processes that start at once, all but one would be refused. So we wait ourselves.
    """
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() >= deadline:
                raise
            time.sleep(_LOOK_AGAIN_SECONDS)
        else:
            return


def is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else holds the lock, so that trying again makes sense."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF == sqlite3.SQLITE_BUSY


def of_nobody(error: sqlite3.IntegrityError) -> Exception:
    """What somebody erased since they were admitted writes is refused; another error stays itself."""
    if error.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
        return Unauthorized("this session belongs to nobody any more")
    return error


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turns what SQLite says about the file, the disk and locks into `Unavailable`.

    Mistakes in our own statements stay what they are: they are bugs, and no later try mends them.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        meaning = None if code is None else _MEANINGS.get(code & 0xFF)
        if meaning is None:
            raise
        raise Unavailable(f"{path.name}: {meaning}") from error
