"""What several suites share: one PostgreSQL for the whole run, started when the first test asks."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import trio

from tests.postgres_server import IN_A_HURRY, PostgresServer, postgres_server
from tests.town import NOON
from wildside.bundled import folder
from wildside.outbound.persistence.migrate import read_migrations
from wildside.outbound.persistence.postgres.schema import migrate_up

DATABASE = "wildside"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server with a migrated database."""
    with postgres_server(*IN_A_HURRY) as server:
        server.execute(f"CREATE DATABASE {DATABASE}")
        migrations = read_migrations(folder("migrations") / "postgres")
        # In a thread: the test that asks first may have its event loop running already.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(trio.run, migrate_up, server.url(DATABASE), migrations, NOON).result()
        yield server


@pytest.fixture
def database_url(postgres: PostgresServer) -> str:
    """A migrated database, emptied for the test: much sooner there than a fresh one."""
    postgres.empty(DATABASE)
    return postgres.url(DATABASE)
