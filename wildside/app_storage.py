"""The composition root of storage: which store a process keeps everything in, and that store's schema."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from wildside import bundled
from wildside.domain.errors import Unavailable
from wildside.outbound.machine import SystemClock
from wildside.outbound.metrics import Metrics
from wildside.outbound.persistence.migrate import Migration, Step, read_migrations
from wildside.outbound.persistence.postgres import schema as postgres_schema
from wildside.outbound.persistence.postgres.database import PostgresStorage
from wildside.outbound.persistence.postgres.diagram import er_diagram
from wildside.outbound.persistence.postgres.pool import Reach
from wildside.outbound.persistence.sqlite import schema as sqlite_schema
from wildside.outbound.persistence.sqlite.database import SqliteStorage
from wildside.outbound.persistence.sqlite.neighbours import among_servers
from wildside.outbound.theme_book import load_themes
from wildside.ports import Journal, Storage
from wildside.settings import Settings

log = structlog.get_logger("wildside")

DATABASE_FILE = "wildside.sqlite3"
# One statement of an ingest moves a whole country's places.
INGEST_STATEMENT_SECONDS = 1800.0


def reach_of(settings: Settings) -> Reach | None:
    """The PostgreSQL that DATABASE_URL names; None: SQLite in the data folder."""
    if not settings.database_url:
        return None
    return Reach(
        settings.database_url,
        settings.database_connections,
        settings.database_wait_seconds,
        settings.statement_seconds,
    )


def reach_of_ingest(settings: Settings) -> Reach | None:
    """The same for who may take their time."""
    reach = reach_of(settings)
    return None if reach is None else replace(reach, statement_seconds=INGEST_STATEMENT_SECONDS)


def data_folder(settings: Settings) -> Path:
    """Where everything is kept, made where it is not there yet."""
    folder = settings.wildside_data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"WILDSIDE_DATA_DIR {folder} cannot be made: {error.strerror}") from error
    return folder.resolve()


@asynccontextmanager
async def migrated_storage(folder: Path, reach: Reach | None = None) -> AsyncIterator[Storage]:
    """The storage with the newest schema; Unavailable where it cannot be had."""
    await schema_keeper(folder, reach).up()
    if reach is None:
        async with SqliteStorage.open(folder / DATABASE_FILE) as sqlite:
            yield sqlite
    else:
        async with PostgresStorage.open(reach) as postgres:
            yield postgres


@asynccontextmanager
async def opened_storage(folder: Path, reach: Reach | None = None) -> AsyncIterator[Storage]:
    """The migrated storage with today's themes on offer."""
    async with migrated_storage(folder, reach) as storage:
        themes = load_themes().themes
        async with storage.read() as work:
            offered = tuple(await work.catalogue.themes())
        if offered != themes:
            async with storage.write() as work:
                await work.catalogue.put_themes(themes)
        yield storage


@contextmanager
def neighbours_noticed(settings: Settings, folder: Path) -> Iterator[None]:
    """Says so in the log where another server works on the same file and neither hears the other."""
    if settings.database_url or settings.redis_url:
        yield
        return
    with among_servers(folder / DATABASE_FILE) as is_first:
        if not is_first:
            log.warning(
                "another server uses this database; without REDIS_URL neither hears of the other's walks",
                folder=str(folder),
            )
        yield


def watch_storage(storage: Storage, journal: Journal, metrics: Metrics) -> None:
    """Lets metrics show the places at hand and connections, and the journal hear of statements."""
    if isinstance(storage, (PostgresStorage, SqliteStorage)):
        shelf = storage.shelf
        metrics.gauge("cache_reference_places", "Places at hand", lambda: shelf.places)
        metrics.gauge("cache_reference_hits", "Places found at hand", lambda: shelf.hits)
        metrics.gauge("cache_reference_misses", "Places read anew", lambda: shelf.misses)
    if not isinstance(storage, PostgresStorage):
        return
    pool = storage.pool
    pool.hear = journal.note
    metrics.gauge("database_connections_lent", "Connections at work", lambda: pool.lent)
    metrics.gauge("database_connections_idle", "Connections without work", lambda: pool.idle)


@dataclass(frozen=True, slots=True)
class SqliteSchema:
    """The schema of a SQLite file, looked after by its commands."""

    path: Path
    migrations: Sequence[Migration]

    async def up(self) -> Sequence[str]:
        """Applies what is missing and names it."""
        now = SystemClock().now()
        return [one.title for one in sqlite_schema.migrate_up(self.path, self.migrations, now)]

    async def down(self, count: int) -> Sequence[str]:
        """Undoes the newest ones and names them."""
        undone = sqlite_schema.migrate_down(self.path, self.migrations, count)
        return [one.title for one in undone]

    async def status(self) -> Sequence[Step]:
        """What was applied when."""
        return sqlite_schema.migration_steps(self.path, self.migrations)

    async def diagram(self) -> str:
        """Its twin's tables are drawn, which have types."""
        raise Unavailable("only PostgreSQL's tables are drawn; name one in DATABASE_URL")


@dataclass(frozen=True, slots=True)
class PostgresSchema:
    """The schema of a PostgreSQL database, looked after by its commands."""

    url: str
    migrations: Sequence[Migration]

    async def up(self) -> Sequence[str]:
        """Applies what is missing and names it."""
        now = SystemClock().now()
        applied = await postgres_schema.migrate_up(self.url, self.migrations, now)
        return [one.title for one in applied]

    async def down(self, count: int) -> Sequence[str]:
        """Undoes the newest ones and names them."""
        undone = await postgres_schema.migrate_down(self.url, self.migrations, count)
        return [one.title for one in undone]

    async def status(self) -> Sequence[Step]:
        """What was applied when."""
        return await postgres_schema.migration_steps(self.url, self.migrations)

    async def diagram(self) -> str:
        """The tables and how they refer to each other."""
        return await er_diagram(self.url)


def schema_keeper(folder: Path, reach: Reach | None) -> SqliteSchema | PostgresSchema:
    """Who brings the store up to date."""
    migrations = bundled.folder("migrations")
    if reach is None:
        return SqliteSchema(folder / DATABASE_FILE, read_migrations(migrations / "sqlite"))
    return PostgresSchema(reach.url, read_migrations(migrations / "postgres"))
