"""The adapters over which each contract suite runs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.town import migrated
from wildside.outbound.persistence.postgres.database import PostgresStorage
from wildside.outbound.persistence.postgres.pool import Reach
from wildside.outbound.persistence.sqlite.database import SqliteStorage
from wildside.ports import Storage


@pytest.fixture(params=["sqlite", "postgres"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    """An empty, migrated store of each kind."""
    if request.param == "sqlite":
        async with SqliteStorage.open(migrated(tmp_path / "wildside.sqlite3")) as sqlite:
            yield sqlite
    else:
        url = request.getfixturevalue("database_url")
        async with PostgresStorage.open(Reach(url)) as postgres:
            yield postgres
