"""What SQLite's storage does when the disk, another process or the power plays tricks."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
import trio
from trio.testing import MockClock

from tests.contracts.test_storage_accounts import a_walker
from tests.town import migrated
from wildside.domain.accounts import User
from wildside.domain.errors import Unavailable
from wildside.domain.identifiers import UserId
from wildside.outbound.persistence.sqlite.database import SqliteStorage


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return migrated(tmp_path / "wildside.sqlite3")


def size_of(file: Path) -> int:
    return file.stat().st_size


def remove_files(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


async def add(storage: SqliteStorage, user: User) -> None:
    async with storage.write() as work:
        await work.accounts.add(user)


async def test_a_full_disk_is_unavailable_and_loses_nothing(file: Path) -> None:
    """SQLite's own page limit stands for the disk: the write fails whole, reading and later writing work."""
    ada, bob = a_walker(), a_walker()
    async with SqliteStorage.open(file) as storage:
        await add(storage, ada)
        (pages,) = storage._writer.execute("PRAGMA page_count").fetchone()
        storage._writer.execute(f"PRAGMA max_page_count = {pages}")

        async def add_many() -> None:
            async with storage.write() as work:
                for _ in range(1000):
                    await work.accounts.add(a_walker())

        with pytest.raises(Unavailable, match="the disk is full"):
            await add_many()
        async with storage.read() as work:
            assert await work.accounts.find(ada.id) == ada
        storage._writer.execute("PRAGMA max_page_count = 1000000")
        await add(storage, bob)
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (2,)


@contextmanager
def full_disk(file: Path) -> Iterator[None]:
    """No file of this process grows beyond what the database's log has by now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    log = file.with_name(file.name + "-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(size_of(file), size_of(log)), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def fill(storage: SqliteStorage) -> None:
    while True:
        await add(storage, a_walker())


async def test_a_full_disk_is_not_ready_until_there_is_room_again(file: Path) -> None:
    """Asked again and again the check tries by itself: no walker has to fail first."""
    async with SqliteStorage.open(file) as storage:
        await add(storage, a_walker())
        with full_disk(file):
            with pytest.raises(Unavailable, match="disk"):
                await fill(storage)
            for _ in range(2):
                with pytest.raises(Unavailable, match="disk"):
                    await storage.check()
        await storage.check()
        with full_disk(file):
            # It was seen to work: a disk that fills up unnoticed is found out by the next write.
            await storage.check()
    with sqlite3.connect(file) as connection:
        trial = "SELECT count(*) FROM sqlite_master WHERE name LIKE 'trial%'"
        assert connection.execute(trial).fetchone() == (0,)


async def test_a_writer_waits_for_another_process_and_the_loop_goes_on(file: Path) -> None:
    """An ingest holds the lock for a while: the server serves readers meanwhile, then writes."""
    ada = a_walker()
    ticks = 0
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    async with SqliteStorage.open(file) as storage, trio.open_nursery() as nursery:
        nursery.start_soon(add, storage, ada)
        for _ in range(20):
            await trio.sleep(0.005)
            async with storage.read() as work:
                assert await work.accounts.find(ada.id) is None
            ticks += 1
        other.execute("COMMIT")
    other.close()
    assert ticks == 20
    async with SqliteStorage.open(file) as storage, storage.read() as work:
        assert await work.accounts.find(ada.id) == ada


async def test_a_lock_that_is_never_released_is_unavailable(
    file: Path, autojump_clock: MockClock
) -> None:
    """Patience ends after ten seconds, for the one in front and for those behind."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refusals: list[str] = []
    async with SqliteStorage.open(file) as storage:

        async def try_to_add() -> None:
            try:
                await add(storage, a_walker())
            except Unavailable as refusal:
                refusals.append(refusal.message)

        begun_at = trio.current_time()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(try_to_add)
            nursery.start_soon(try_to_add)
        assert 10 <= trio.current_time() - begun_at <= 21
        assert len(refusals) == 2
        other.execute("ROLLBACK")
        await add(storage, a_walker())
    other.close()


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"not a database" * 1000, "not a database"), (b"\0" * 8192, "not a database")],
)
async def test_a_damaged_file_is_refused_in_one_line(
    tmp_path: Path, content: bytes, word: str
) -> None:
    """Somebody copied the wrong thing there."""
    file = tmp_path / "wildside.sqlite3"
    file.write_bytes(content)
    with pytest.raises(Unavailable, match=word):
        migrated(file)


async def test_a_folder_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path) -> None:
    """A file lies where the data folder should be."""
    (tmp_path / "data").write_text("")
    with pytest.raises(Unavailable, match="cannot be made"):
        migrated(tmp_path / "data" / "wildside.sqlite3")


async def test_a_database_that_may_only_be_read_is_unavailable(file: Path) -> None:
    """Reading goes on; the process is not ready."""
    async with SqliteStorage.open(file) as storage:
        await add(storage, a_walker())
        storage._writer.execute("PRAGMA query_only = ON")
        with pytest.raises(Unavailable, match="may only be read"):
            await add(storage, a_walker())
        async with storage.read() as work:
            assert await work.catalogue.count() == 0
        with pytest.raises(Unavailable, match="may only be read"):
            await storage.check()
        storage._writer.execute("PRAGMA query_only = OFF")
        await storage.check()


async def test_a_database_that_is_gone_is_noticed(tmp_path: Path) -> None:
    """Readiness opens the file anew each time: an emptied one has no schema."""
    file = migrated(tmp_path / "wildside.sqlite3")
    async with SqliteStorage.open(file) as storage:
        await storage.check()
        remove_files(tmp_path)
        with pytest.raises(Unavailable):
            await storage.check()


async def test_the_write_ahead_log_is_moved_into_the_file(file: Path) -> None:
    """Otherwise it would grow until the server ends."""
    async with SqliteStorage.open(file) as storage:
        before = size_of(file)
        for _ in range(50):
            await add(storage, a_walker())
        assert size_of(file) == before
        await storage.tidy()
        assert size_of(file) > before


WRITER = """
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID
import trio
from tests.contracts.test_storage_accounts import a_walker
from wildside.outbound.persistence.sqlite.database import SqliteStorage

async def main():
    async with SqliteStorage.open(Path(sys.argv[1])) as storage:
        number = 0
        while True:
            async with storage.write() as work:
                # Two walkers in one work: half of it must never be found.
                for part in (0, 1):
                    await work.accounts.add(a_walker(id=UUID(int=2 * number + part)))
            print(number, flush=True)
            number += 1

trio.run(main)
"""


def last_word_of_a_killed_writer(file: Path, acknowledged: int) -> int:
    """Lets a process write, kills it after so many answers and says which was its last."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(file)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    ) as process:
        assert process.stdout is not None
        answers = [process.stdout.readline() for _ in range(acknowledged)]
        os.kill(process.pid, signal.SIGKILL)
        answers += process.stdout.read().splitlines()
    return max(int(answer) for answer in answers if answer.strip())


@pytest.mark.parametrize("acknowledged", [1, 40, 300])
async def test_kill_9_in_the_middle_of_writing_loses_nothing_accepted(
    file: Path, acknowledged: int
) -> None:
    """Whatever the process said was stored is there, in pairs, and the file is whole."""
    last = last_word_of_a_killed_writer(file, acknowledged)
    async with SqliteStorage.open(file) as storage, storage.read() as work:
        for number in range(2 * last + 2):
            assert await work.accounts.find(UserId(UUID(int=number))) is not None
    with sqlite3.connect(file) as connection:
        (count,) = connection.execute("SELECT count(*) FROM users").fetchone()
        assert count in {2 * last + 2, 2 * last + 4}
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
