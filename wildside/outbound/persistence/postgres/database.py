"""Units of work in PostgreSQL: readers on a snapshot, writers that lock just the rows they change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import trio

from wildside.domain.errors import Unavailable
from wildside.outbound.persistence.place_shelf import PlaceShelf
from wildside.outbound.persistence.postgres.accounts import PostgresAccounts
from wildside.outbound.persistence.postgres.catalogue import PostgresCatalogue
from wildside.outbound.persistence.postgres.credentials import PostgresCredentials
from wildside.outbound.persistence.postgres.errors import translated
from wildside.outbound.persistence.postgres.idempotency import PostgresIdempotency
from wildside.outbound.persistence.postgres.pool import Pool, Reach
from wildside.outbound.persistence.postgres.provenance import PostgresProvenance
from wildside.outbound.persistence.postgres.region_files import PostgresRegionFiles
from wildside.outbound.persistence.postgres.requests import PostgresRequests
from wildside.outbound.persistence.postgres.routes import PostgresRoutes
from wildside.outbound.persistence.postgres.session import Session
from wildside.outbound.persistence.postgres.shares import PostgresShares
from wildside.outbound.persistence.postgres.statements import statement

EFFECT_SECONDS = 5.0  # what follows a commit may take so long even when the asker has gone
# A reader sees one moment however long it reads. A writer sees what others have committed at each
# statement, and what it reads in order to change it stays locked until it commits.
_TO_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_TO_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

_LEDGER = statement(
    "schema.check", "SELECT to_regclass('schema_migrations') IS NOT NULL AS is_there"
)


def _forget(_: object) -> None:
    """Nobody listens."""


class PostgresWork:
    """The repositories over one transaction, and what is to follow its commit."""

    def __init__(self, session: Session, shelf: PlaceShelf, *, locks: bool) -> None:
        self.accounts = PostgresAccounts(session, locks=locks)
        self.credentials = PostgresCredentials(session, locks=locks)
        self.catalogue = PostgresCatalogue(session, shelf)
        self.routes = PostgresRoutes(session)
        self.requests = PostgresRequests(session, locks=locks)
        self.idempotency = PostgresIdempotency(session, locks=locks)
        self.region_files = PostgresRegionFiles(session)
        self.shares = PostgresShares(session)
        self.provenance = PostgresProvenance(session)
        self.effects: list[Callable[[], Awaitable[None]]] = []

    def after_commit(self, effect: Callable[[], Awaitable[None]]) -> None:
        """Runs the effect once everything is stored; a reader's work never commits anything."""
        self.effects.append(effect)


class PostgresStorage:
    """A migrated database; `hear` is told of each statement."""

    def __init__(self, reach: Reach, hear: Callable[[object], None] = _forget) -> None:
        self.pool = Pool(reach, hear)
        self.shelf = PlaceShelf()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, reach: Reach, hear: Callable[[object], None] = _forget
    ) -> AsyncIterator[PostgresStorage]:
        """The storage, closed when the block ends; it connects when it is first asked."""
        storage = cls(reach, hear)
        try:
            yield storage
        finally:
            storage.pool.close()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[PostgresWork]:
        """One snapshot for the whole block, however long others write."""
        with translated():
            async with self.pool.transaction(_TO_READ) as session:
                yield PostgresWork(session, self.shelf, locks=False)
                session.end_reading()

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[PostgresWork]:
        """A single statement has its snapshot anyway: no transaction is begun or ended for it."""
        with translated():
            async with self.pool.transaction(None) as session:
                yield PostgresWork(session, self.shelf, locks=False)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[PostgresWork]:
        """Everything or nothing; effects follow the commit, when the connection is free again.

        After an error the block can only be left: the server takes nothing more in this work.
        """
        with translated():
            async with self.pool.transaction(_TO_WRITE) as session:
                work = PostgresWork(session, self.shelf, locks=True)
                yield work
                await session.commit()
        if work.effects:
            # Stored is stored: an asker who hangs up now must not keep others from the news.
            with trio.move_on_after(EFFECT_SECONDS, shield=True):
                for effect in work.effects:
                    await effect()

    async def check(self) -> None:
        """Raises Unavailable when the server does not answer, or answers without our schema."""
        with translated():
            async with self.pool.transaction(_TO_READ) as session:
                ledger = await session.row(_LEDGER)
                session.end_reading()
        if ledger is None or not ledger["is_there"]:
            raise Unavailable("the database has no schema: wildside migrate up")

    async def tidy(self) -> None:
        """Gives connections back that nobody needs."""
        self.pool.tidy()
