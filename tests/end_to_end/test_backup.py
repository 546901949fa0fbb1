"""The runbook for backup and restore, tried on both stores."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

from tests.data_folder import data_file
from tests.end_to_end.server_process import server, wildside
from tests.end_to_end.test_worker_mode import ask, ended
from tests.end_to_end.walker import Walker
from tests.postgres_server import PostgresServer, programs

ROYAL_MILE = "osm/edinburgh-royal-mile.osm.pbf"


def prepared(folder: Path, settings: dict[str, str]) -> dict[str, str]:
    """A region taken in, and a key that outlives servers."""
    folder.mkdir(exist_ok=True)
    (folder / "session_key").write_text("k" * 64)
    settings = {**settings, "SESSION_KEY_FILE": str(folder / "session_key")}
    ingested = wildside("ingest-osm", data_file(ROYAL_MILE), data_dir=folder, settings=settings)
    assert ingested.returncode == 0, ingested.stderr
    return settings


async def a_walk(walker: Walker) -> dict[str, Any]:
    """One that is found and stored."""
    status = await ended(walker, await ask(walker, 30))
    assert status["status"] == "complete"
    route: dict[str, Any] = (await walker.http.get(f"/api/v1/routes/{status['route_id']}")).json()
    return route


async def kept(url: str, walker: Walker, route: dict[str, Any]) -> None:
    """The walk is there for its walker, with the session of before."""
    again = Walker(walker.http)
    again.http.base_url = url
    answer = await again.http.get(f"/api/v1/routes/{route['id']}")
    assert answer.status_code == 200, answer.text
    assert answer.json() == route


async def test_a_sqlite_file_is_backed_up_while_the_server_runs(tmp_path: Path) -> None:
    """What was stored before is there after; what came later is not."""
    folder = tmp_path / "data"
    settings = prepared(folder, {})
    database, copy = folder / "wildside.sqlite3", tmp_path / "copy.sqlite3"
    with server(folder, settings=settings) as running:
        walker = await Walker.arrive(running.url)
        route = await a_walk(walker)
        with sqlite3.connect(database) as source, sqlite3.connect(copy) as target:
            source.backup(target)
        later = await Walker.arrive(running.url)
        await later.leave()
    for name in ("wildside.sqlite3", "wildside.sqlite3-wal", "wildside.sqlite3-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.copy(copy, database)
    with server(folder, settings=settings) as running:
        await kept(running.url, walker, route)
        gone = await later.http.__class__(base_url=running.url, cookies=later.http.cookies).get(
            "/api/v1/users/me"
        )
        assert gone.status_code == 401
    await walker.leave()


async def test_postgresql_is_dumped_and_restored_elsewhere(
    postgres: PostgresServer, database_url: str, tmp_path: Path
) -> None:
    """By the runbook's own commands."""
    folder, dump = tmp_path / "data", tmp_path / "wildside.dump"
    settings = prepared(folder, {"DATABASE_URL": database_url})
    with server(folder, settings=settings) as running:
        walker = await Walker.arrive(running.url)
        route = await a_walk(walker)
        of_postgres("pg_dump", "--format=custom", f"--file={dump}", database_url)
    postgres.execute("DROP DATABASE IF EXISTS restored")
    postgres.execute("CREATE DATABASE restored")
    restored = postgres.url("restored")
    of_postgres("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={restored}", str(dump))
    elsewhere = {**settings, "DATABASE_URL": restored}
    status = wildside("migrate", "status", data_dir=folder, settings=elsewhere)
    assert status.returncode == 0, status.stderr
    with server(folder, settings=elsewhere) as running:
        await kept(running.url, walker, route)
    await walker.leave()


def of_postgres(program: str, *words: str) -> None:
    """One of PostgreSQL's own programs, to its end."""
    bin_folder = programs()
    assert bin_folder is not None
    subprocess.run([bin_folder / program, *words], check=True)
