"""kill -9 of PostgreSQL, and of those who write to it: nothing accepted is lost, nothing half is kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import trio

from tests.contracts.test_storage_accounts import a_walker
from tests.postgres_server import DATABASE, PostgresServer, migrate, postgres_server
from wildside.domain.errors import Unavailable
from wildside.domain.identifiers import UserId
from wildside.outbound.persistence.postgres.database import PostgresStorage
from wildside.outbound.persistence.postgres.pool import Reach

WRITERS = 4


@pytest.fixture(scope="module")
def durable() -> Iterator[PostgresServer]:
    """A server that waits for the disk before it says that something is stored."""
    with postgres_server("fsync=on", "synchronous_commit=on") as server:
        migrate(server, DATABASE)
        yield server


async def write_pairs(storage: PostgresStorage, writer: int, accepted: list[int]) -> None:
    """Stores two walkers in each work, until the database goes away."""
    number = 0
    while True:
        first = 2 * (number * WRITERS + writer)
        try:
            async with storage.write() as work:
                for part in (0, 1):
                    await work.accounts.add(a_walker(id=UUID(int=first + part)))
        except Unavailable:
            return
        accepted.append(first)
        number += 1


async def walkers_stored(storage: PostgresStorage, first: int) -> int:
    """How many of the pair are there."""
    async with storage.read() as work:
        found = [
            await work.accounts.find(UserId(UUID(int=number))) for number in (first, first + 1)
        ]
    return sum(user is not None for user in found)


@pytest.mark.parametrize("accepted_before", [1, 100, 400])
async def test_kill_9_of_the_database_under_load_loses_nothing_accepted(
    durable: PostgresServer, accepted_before: int
) -> None:
    """Whatever a writer heard of as stored is there after the restart, in pairs; new writes work."""
    durable.execute("DELETE FROM users", DATABASE)
    accepted: list[int] = []
    async with PostgresStorage.open(Reach(durable.url(DATABASE))) as storage:
        async with trio.open_nursery() as nursery:
            for writer in range(WRITERS):
                nursery.start_soon(write_pairs, storage, writer, accepted)
            with trio.fail_after(30):
                while len(accepted) < accepted_before:
                    await trio.lowlevel.checkpoint()
            await trio.to_thread.run_sync(durable.stop, signal.SIGKILL)
        assert len(accepted) >= accepted_before
        await trio.to_thread.run_sync(durable.start)
        for first in accepted:
            assert await walkers_stored(storage, first) == 2
        # A commit may have been kept that nobody could be told of any more, but never half of one.
        ((count,),) = durable.execute("SELECT count(*) FROM users", DATABASE)
        assert isinstance(count, int)
        assert count % 2 == 0
        assert 0 <= count - 2 * len(accepted) <= 2 * WRITERS
        async with storage.write() as work:
            await work.accounts.add(a_walker())


WRITER = """
import sys
from uuid import UUID
import trio
from tests.contracts.test_storage_accounts import a_walker
from wildside.outbound.persistence.postgres.database import PostgresStorage
from wildside.outbound.persistence.postgres.pool import Reach

async def main():
    async with PostgresStorage.open(Reach(sys.argv[1])) as storage:
        number = 0
        while True:
            async with storage.write() as work:
                for part in (0, 1):
                    await work.accounts.add(a_walker(id=UUID(int=2 * number + part)))
            print(number, flush=True)
            number += 1

trio.run(main)
"""


def last_word_of_a_killed_writer(url: str, acknowledged: int) -> int:
    """Lets a process write, kills it after so many answers and says which was its last."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, url],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    ) as process:
        assert process.stdout is not None
        answers = [process.stdout.readline() for _ in range(acknowledged)]
        os.kill(process.pid, signal.SIGKILL)
        answers += process.stdout.read().splitlines()
    return max(int(answer) for answer in answers if answer.strip())


@pytest.mark.parametrize("acknowledged", [1, 50])
async def test_kill_9_of_a_writer_leaves_whole_works_only(
    durable: PostgresServer, acknowledged: int
) -> None:
    """Its last work is there or it is not; the server undoes what was not committed by itself."""
    durable.execute("DELETE FROM users", DATABASE)
    last = last_word_of_a_killed_writer(durable.url(DATABASE), acknowledged)
    async with PostgresStorage.open(Reach(durable.url(DATABASE))) as storage:
        for number in range(last + 1):
            assert await walkers_stored(storage, 2 * number) == 2
    ((count,),) = durable.execute("SELECT count(*) FROM users", DATABASE)
    assert count in {2 * last + 2, 2 * last + 4}
