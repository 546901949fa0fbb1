"""Units of work on one SQLite file: many short readers, one writer at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import trio

from wildside.domain.errors import Unavailable
from wildside.outbound.persistence.place_shelf import PlaceShelf
from wildside.outbound.persistence.sqlite.accounts import SqliteAccounts
from wildside.outbound.persistence.sqlite.catalogue import SqliteCatalogue
from wildside.outbound.persistence.sqlite.connection import connect, is_busy, translated
from wildside.outbound.persistence.sqlite.credentials import SqliteCredentials
from wildside.outbound.persistence.sqlite.idempotency import SqliteIdempotency
from wildside.outbound.persistence.sqlite.provenance import SqliteProvenance
from wildside.outbound.persistence.sqlite.region_files import SqliteRegionFiles
from wildside.outbound.persistence.sqlite.requests import SqliteRequests
from wildside.outbound.persistence.sqlite.routes import SqliteRoutes
from wildside.outbound.persistence.sqlite.shares import SqliteShares

MOST_IDLE_READERS = 8
EFFECT_SECONDS = 5.0  # what follows a commit may take so long even when the asker has gone
# What a walk takes several times over, really written: less would fit on a disk that is all but full.
_TRIAL = (
    "DROP TABLE IF EXISTS trial_of_the_disk",
    "CREATE TABLE trial_of_the_disk (data BLOB)",
    "INSERT INTO trial_of_the_disk VALUES (zeroblob(262144))",
)
_FIRST_PAUSE_SECONDS = 0.001
_LONGEST_PAUSE_SECONDS = 0.05


class SqliteWork:
    """The repositories over one transaction, and what is to follow its commit."""

    def __init__(self, connection: sqlite3.Connection, shelf: PlaceShelf) -> None:
        self.accounts = SqliteAccounts(connection)
        self.credentials = SqliteCredentials(connection)
        self.catalogue = SqliteCatalogue(connection, shelf)
        self.routes = SqliteRoutes(connection)
        self.requests = SqliteRequests(connection)
        self.idempotency = SqliteIdempotency(connection)
        self.region_files = SqliteRegionFiles(connection)
        self.shares = SqliteShares(connection)
        self.provenance = SqliteProvenance(connection)
        self.effects: list[Callable[[], Awaitable[None]]] = []

    def after_commit(self, effect: Callable[[], Awaitable[None]]) -> None:
        """Runs the effect once everything is stored; a reader's work never commits anything."""
        self.effects.append(effect)


class SqliteStorage:
    """A migrated SQLite file.

    Statements run inline: a short read costs some microseconds, a hop to a thread ten times that.
    Waiting for another process's lock is done on the event loop, up to `patience_seconds`.
    """

    def __init__(self, path: Path, *, patience_seconds: float = 10.0) -> None:
        self._path = path
        self._patience_seconds = patience_seconds
        self._writer = connect(path)
        self._turn_to_write = trio.Lock()
        self._idle_readers: list[sqlite3.Connection] = []
        self._is_closed = False
        self._writes_fail = False
        self.shelf = PlaceShelf()

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator[SqliteStorage]:
        """The storage, closed when the block ends."""
        storage = cls(path)
        try:
            yield storage
        finally:
            storage.close()

    def close(self) -> None:
        """Closes all idle connections; the last one to close tidies the write-ahead log."""
        self._is_closed = True
        while self._idle_readers:
            self._idle_readers.pop().close()
        self._writer.close()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqliteWork]:
        """One snapshot for the whole block, however long others write."""
        reader = self._idle_readers.pop() if self._idle_readers else self._new_reader()
        try:
            with translated(self._path):
                reader.execute("BEGIN")
                yield SqliteWork(reader, self.shelf)
                reader.execute("ROLLBACK")
        except BaseException:
            # Closing ends the transaction in whatever state it is.
            reader.close()
            raise
        if self._is_closed or len(self._idle_readers) >= MOST_IDLE_READERS:
            reader.close()
        else:
            self._idle_readers.append(reader)

    def glance(self) -> AbstractAsyncContextManager[SqliteWork]:
        """Nothing would be saved by doing less than reading does."""
        return self.read()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[SqliteWork]:
        """Everything or nothing; effects follow the commit, when the next writer may begin already."""
        await self._take_turn()
        try:
            with translated(self._path):
                await self._begin()
                work = SqliteWork(self._writer, self.shelf)
                try:
                    yield work
                    self._writer.execute("COMMIT")
                except BaseException:
                    self._undo()
                    raise
            self._writes_fail = False
        except Unavailable as error:
            cause = error.__cause__
            if isinstance(cause, sqlite3.Error) and not is_busy(cause):
                self._writes_fail = True
            raise
        finally:
            self._turn_to_write.release()
        if work.effects:
            # Stored is stored: an asker who hangs up now must not keep others from the news.
            with trio.move_on_after(EFFECT_SECONDS, shield=True):
                for effect in work.effects:
                    await effect()

    async def check(self) -> None:
        """Raises Unavailable when the file does not answer, or took no writes lately and still takes none."""
        with translated(self._path):
            # A connection of its own opens the file anew: one that is gone or full of zeros is noticed.
            reader = self._new_reader()
            try:
                ledger = reader.execute("PRAGMA table_info(schema_migrations)").fetchone()
            finally:
                reader.close()
        if ledger is None:
            raise Unavailable(f"{self._path.name}: the database has no schema")
        if self._writes_fail:
            await self._try_to_write()

    async def _try_to_write(self) -> None:
        async with self.write():
            for statement in _TRIAL:
                self._writer.execute(statement)
        async with self.write():
            self._writer.execute(_TRIAL[0])

    async def tidy(self) -> None:
        """Moves the write-ahead log into the file, in a thread: it waits for the disk."""
        await trio.to_thread.run_sync(_checkpoint, self._path)

    def _new_reader(self) -> sqlite3.Connection:
        return connect(self._path, read_only=True)

    async def _take_turn(self) -> None:
        with trio.move_on_after(self._patience_seconds):
            await self._turn_to_write.acquire()
            return
        raise Unavailable(f"{self._path.name}: too many are waiting to write")

    async def _begin(self) -> None:
        """BEGIN IMMEDIATE, tried until another process lets go of the lock or patience ends."""
        give_up_at = trio.current_time() + self._patience_seconds
        pause_seconds = _FIRST_PAUSE_SECONDS
        while True:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not is_busy(error) or trio.current_time() >= give_up_at:
                    raise
            else:
                return
            await trio.sleep(pause_seconds)
            pause_seconds = min(_LONGEST_PAUSE_SECONDS, pause_seconds * 2)

    def _undo(self) -> None:
        # A full or failing disk may have rolled back already, or refuse to: a new connection is clean.
        try:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
        except sqlite3.Error:
            self._writer.close()
            self._writer = connect(self._path)


def _checkpoint(path: Path) -> None:
    connection = connect(path, wait_seconds=1.0)
    try:
        with translated(path):
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    finally:
        connection.close()
