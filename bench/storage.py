"""PostgreSQL asked from trio: psycopg over trio's own waiting, beside psycopg in threads and asyncpg.

Ten connections, sixteen askers, one core's worth of Python, one server on the same machine. A
statement is a row found by its key in autocommit; a unit of work is the same within a snapshot.
"""

import os
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import trio

from bench.harness import Row, arguments, medians, peer_python, report, run_peer
from tests.contracts.test_storage_accounts import a_walker
from tests.postgres_server import DATABASE, migrate, postgres_server
from wildside.domain.accounts import User
from wildside.outbound.persistence.postgres.database import PostgresStorage
from wildside.outbound.persistence.postgres.pool import Reach
from wildside.outbound.persistence.postgres.statements import Statement
from wildside.outbound.persistence.postgres.trio_connection import TrioConnection

TASKS, CONNECTIONS = 16, 10
FIND = "SELECT id, display_name, preferences, revision FROM users WHERE id = $1"
BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
FOUND = Statement("bench.find", FIND)
PEERS = ("threads", "asyncpg")
Figures = dict[str, dict[str, float]]


def told(latencies: list[float], seconds: float, cpu_seconds: float) -> dict[str, float]:
    """A second's questions, the slow end of their answers, and what one costs us."""
    latencies.sort()
    return {
        "a_second": len(latencies) / seconds,
        "p99_ms": latencies[int(len(latencies) * 0.99)] * 1000,
        "cpu_us": cpu_seconds / len(latencies) * 1e6,
    }


async def measured(ask: Callable[[], Awaitable[None]], count: int) -> dict[str, float]:
    """So many questions by sixteen askers, after as many to warm up."""
    latencies: list[float] = []

    async def asker() -> None:
        for _ in range(count // TASKS):
            began_at = time.perf_counter()
            await ask()
            latencies.append(time.perf_counter() - began_at)

    began_at = cpu_at = 0.0
    for _ in range(2):
        latencies.clear()
        began_at, cpu_at = time.perf_counter(), time.process_time()
        async with trio.open_nursery() as nursery:
            for _ in range(TASKS):
                nursery.start_soon(asker)
    return told(latencies, time.perf_counter() - began_at, time.process_time() - cpu_at)


async def ours(url: str, ada: User, count: int) -> Figures:
    """Bare statements on connections of ours, and units of work as the server does them."""
    idle = [await TrioConnection.open(url) for _ in range(CONNECTIONS)]
    room = trio.Semaphore(CONNECTIONS)

    async def one() -> None:
        async with room:
            connection = idle.pop()
            try:
                cursor = await connection.execute(FIND, (ada.id,), binary=True)
                await cursor.fetchone()
            finally:
                idle.append(connection)

    async with PostgresStorage.open(Reach(url, CONNECTIONS)) as storage:

        async def work() -> None:
            async with storage.pool.transaction(BEGIN) as session:
                await session.row(FOUND, ada.id)
                session.end_reading()

        figures = {"statement": await measured(one, count), "work": await measured(work, count)}
    for connection in idle:
        await connection.close()
    return figures


async def add(url: str, ada: User) -> None:
    async with PostgresStorage.open(Reach(url)) as storage, storage.write() as work:
        await work.accounts.add(ada)


def rows(url: str, ada: User, count: int, rounds: int) -> list[Row]:
    """Everybody in turns, so that a noisy moment spoils no single one."""
    python = peer_python("storage", "psycopg[binary]>=3.3,<3.4", "asyncpg>=0.30", "trio>=0.35")
    script = Path(__file__).with_name("storage_peers.py")
    last: dict[str, Any] = {}

    def ask(who: str) -> float:
        if who == "ours":
            last[who] = trio.run(ours, url, ada, count)
        else:
            words = (who, url, str(ada.id), str(TASKS), str(count))
            last[who] = run_peer(python, script, *words)
        gathered.setdefault(who, []).append(last[who])
        return 0.0

    gathered: dict[str, list[Figures]] = {}
    medians({who: partial(ask, who) for who in ("ours", *PEERS)}, rounds)

    def middle(who: str, kind: str, figure: str) -> float:
        values = sorted(figures[kind][figure] for figures in gathered[who])
        return values[len(values) // 2]

    found = []
    for kind, what in (("statement", "a row by its key"), ("work", "a unit of work that reads")):
        for figure, unit, target in (
            ("a_second", "a second", ">= both peers"),
            ("p99_ms", "p99 ms", ""),
            ("cpu_us", "CPU us", "<= both peers"),
        ):
            own = middle("ours", kind, figure)
            peers = {who: middle(who, kind, figure) for who in PEERS}
            met = None
            if figure == "a_second":
                met = own >= max(peers.values())
            elif figure == "cpu_us":
                met = own <= min(peers.values())
            found.append(Row(what, unit, own, peers, target, met))
    return found


def main() -> int:
    options = arguments(__doc__ or "")
    cores = os.sched_getaffinity(0)
    count, rounds = (1600, 1) if options.quick else (8000, 5)
    with postgres_server() as server:
        migrate(server, DATABASE)
        ada = a_walker()
        url = server.url(DATABASE)
        trio.run(add, url, ada)
        # Whoever asks has one core, as a server process does; PostgreSQL has them all.
        os.sched_setaffinity(0, {max(cores)})
        return 0 if report("storage", rows(url, ada, count, rounds), options) else 1


if __name__ == "__main__":
    sys.exit(main())
