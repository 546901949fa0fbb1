"""A town with open doors for attackers, and one real server on the made-up town."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from tests.end_to_end.server_process import wildside
from tests.http.doors import Doors, the_doors
from wildside.outbound.persistence.postgres.pool import Reach
from wildside.outbound.sample_town.town import write_sample_town

PLENTY = 1_000_000


@pytest.fixture
async def doors(tmp_path: Path, reach: Reach | None) -> AsyncIterator[Doors]:
    """The town's doors; its engine is quick and nobody counts wishes."""
    async with the_doors(tmp_path, routes_a_minute=PLENTY, reach=reach) as built:
        built.town.engine.search_seconds = 0.01
        yield built


@pytest.fixture(scope="session")
def ingested_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the made-up town in it, to be copied; nobody serves it itself."""
    folder = tmp_path_factory.mktemp("attacked")
    extract = folder / "town.osm.pbf"
    write_sample_town(extract)
    ingested = wildside("ingest-osm", extract, "--name", "Town", data_dir=folder / "data")
    assert ingested.returncode == 0, ingested.stderr
    return folder / "data"


@pytest.fixture(params=["sqlite", "postgres"])
def town_settings(request: pytest.FixtureRequest, town_folder: Path) -> Mapping[str, str]:
    """The settings of a server on the made-up town, in either store."""
    if request.param == "sqlite":
        return {}
    settings = {"DATABASE_URL": request.getfixturevalue("database_url")}
    ingested = wildside(
        *("ingest-osm", town_folder.parent / "town.osm.pbf", "--name", "Town"),
        data_dir=town_folder,
        settings=settings,
    )
    assert ingested.returncode == 0, ingested.stderr
    return settings


@pytest.fixture
def town_folder(ingested_town: Path, tmp_path: Path) -> Path:
    """The made-up town, for one server."""
    copy = tmp_path / "data"
    shutil.copytree(ingested_town, copy)
    shutil.copy(ingested_town.parent / "town.osm.pbf", tmp_path)
    return copy
