"""A PostgreSQL with PostGIS of the tests' own, on a free port and in a folder that vanishes."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
import trio
from psycopg.waiting import Ready, Wait

from tests.town import NOON
from wildside.bundled import folder as bundled_folder
from wildside.outbound.persistence.migrate import read_migrations
from wildside.outbound.persistence.postgres import trio_connection
from wildside.outbound.persistence.postgres.pool import Reach
from wildside.outbound.persistence.postgres.schema import migrate_up

START_SECONDS = 30
# A server is told to end when the thread that started it ends: this one lives as long as the tests.
_LAUNCHER = ThreadPoolExecutor(1)
DATABASE = "wildside"
# Where durability is not the subject: nothing waits for the disk.
IN_A_HURRY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def programs() -> Path | None:
    """The folder of the newest installed server's programs that has PostGIS, or None."""
    found = sorted(
        (int(path.parent.parent.name), path.parent)
        for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")
    )
    for version, folder in reversed(found):
        if Path(f"/usr/share/postgresql/{version}/extension/postgis.control").exists():
            return folder
    named = shutil.which("postgres")
    return Path(named).parent if named else None


def _somebody() -> str | None:
    """Whom the server runs as: initdb refuses root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass
class PostgresServer:
    """One server: may be stopped, killed and started again on its port."""

    folder: Path
    settings: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None
    _databases: int = 0

    def url(self, database: str = "postgres", *, port: int | None = None) -> str:
        """Where to connect to."""
        return f"postgresql://postgres@127.0.0.1:{port or self.port}/{database}"

    def start(self) -> None:
        """Starts it and waits until it answers."""
        bin_folder = programs()
        assert bin_folder is not None
        words = [
            *(["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []),
            str(bin_folder / "postgres"),
            *("-D", str(self.folder / "data"), "-p", str(self.port), "-k", str(self.folder)),
        ]
        for setting in ("listen_addresses=127.0.0.1", "max_connections=60", *self.settings):
            words += ["-c", setting]
        self._process = self._launched(words)
        give_up_at = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up_at:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
                if self._process.poll() is not None:
                    # The children of one that was killed hold its memory until they notice.
                    self._process = self._launched(words)
            else:
                return
        text = (self.folder / "log").read_text()[-2000:]
        raise AssertionError(f"PostgreSQL does not start: {text}")

    def _launched(self, words: Sequence[str]) -> subprocess.Popen[bytes]:
        def launch() -> subprocess.Popen[bytes]:
            with (self.folder / "log").open("ab") as log:
                return subprocess.Popen(
                    words, user=_somebody(), stdout=log, stderr=log, cwd=self.folder
                )

        return _LAUNCHER.submit(launch).result()

    def pids(self) -> set[int]:
        """Its own process and one for each connection."""
        assert self._process is not None
        own = self._process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        return {own, *map(int, children)}

    def stop(self, sign: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: at once, but tidily. SIGKILL: as if somebody had pulled the plug on it."""
        if self._process is None:
            return
        self._process.send_signal(sign)
        self._process.wait(START_SECONDS)
        self._process = None

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """One statement as the server's owner."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def new_database(self, template: str | None = None) -> str:
        """The URL of a fresh database."""
        self._databases += 1
        name = f"test_{self._databases}"
        like = f" TEMPLATE {template} STRATEGY FILE_COPY" if template else ""
        self.execute(f"CREATE DATABASE {name}{like}")
        return self.url(name)

    def empty(self, database: str) -> None:
        """Empties every table of ours; deleting a few rows is far quicker than TRUNCATE's new files."""
        ours = self.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            " AND tablename NOT IN ('spatial_ref_sys', 'schema_migrations')",
            database,
        )
        deletes = [f"DELETE FROM {name}" for (name,) in ours]
        # As a replica it would, the server looks after no foreign keys: any order will do.
        self.execute("; ".join(["SET session_replication_role = replica", *deletes]), database)

    def forget(self, url: str) -> None:
        """Drops the database, whoever is connected to it."""
        self.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")


@contextmanager
def postgres_server(*settings: str) -> Iterator[PostgresServer]:
    """A running server; the test is skipped with a reason where there is none to run."""
    bin_folder = programs()
    if bin_folder is None:
        if os.environ.get("CI") == "true":
            raise AssertionError("in CI nothing may be skipped: PostgreSQL is not installed")
        pytest.skip("needs PostgreSQL with PostGIS (scripts/install-test-tools)")
    folder = Path(tempfile.mkdtemp(prefix="wildside-postgres-"))
    somebody = _somebody()
    try:
        if somebody is not None:
            shutil.chown(folder, somebody)
        subprocess.run(
            [
                *(bin_folder / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust"),
                *("-E", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
            ],
            check=True,
            user=somebody,
            stdout=subprocess.DEVNULL,
            cwd=folder,
        )
        server = PostgresServer(folder, settings)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One for the whole run, with a migrated database, started when the first test asks."""
    with postgres_server(*IN_A_HURRY) as server:
        migrate(server, DATABASE)
        yield server


@pytest.fixture
def database_url(postgres: PostgresServer) -> str:
    """A migrated database, emptied for the test: much sooner there than a fresh one."""
    postgres.empty(DATABASE)
    return postgres.url(DATABASE)


@pytest.fixture
def reach(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Reach | None:
    """Which store a town is built on: None for SQLite; suites ask for both through BOTH_STORES.

    While a statement is under way the event loop does not come to rest, so that a virtual clock does
    not take the database's milliseconds for an idle hour.
    """
    if getattr(request, "param", "sqlite") == "sqlite":
        return None
    monkeypatch.setattr(trio_connection, "_ready", _looking_again_and_again)
    return Reach(request.getfixturevalue("database_url"))


async def _looking_again_and_again(descriptor: int, wanted: Wait) -> Ready:
    while True:
        ready = trio_connection._ready_now(descriptor) & wanted
        if ready:
            return Ready(ready)
        await trio.lowlevel.checkpoint()


def migrate(server: PostgresServer, database: str) -> None:
    """Makes the database with the newest schema in it."""
    server.execute(f"CREATE DATABASE {database}")
    migrations = read_migrations(bundled_folder("migrations") / "postgres")
    # In a thread: the test that asks first may have its event loop running already.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(trio.run, migrate_up, server.url(database), migrations, NOON).result()
