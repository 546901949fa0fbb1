"""The same questions put to PostgreSQL by psycopg in threads, and by asyncpg.

python storage_peers.py threads|asyncpg URL USER_ID TASKS COUNT
"""

import importlib
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

DRIVER, URL, USER = sys.argv[1:4]
TASKS, COUNT = int(sys.argv[4]), int(sys.argv[5])
CONNECTIONS = 10
FIND = "SELECT id, display_name, preferences, revision FROM users WHERE id = "
BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


def told(latencies: list[float], seconds: float, cpu_seconds: float) -> dict[str, float]:
    """A second's questions, the slow end of their answers, and what one costs us."""
    latencies.sort()
    return {
        "a_second": len(latencies) / seconds,
        "p99_ms": latencies[int(len(latencies) * 0.99)] * 1000,
        "cpu_us": cpu_seconds / len(latencies) * 1e6,
    }


async def measured(
    ask: Callable[[], Awaitable[None]], gather: Callable[[Any], Awaitable[None]]
) -> dict[str, float]:
    """COUNT questions by TASKS askers."""
    latencies: list[float] = []

    async def asker() -> None:
        for _ in range(COUNT // TASKS):
            began_at = time.perf_counter()
            await ask()
            latencies.append(time.perf_counter() - began_at)

    await gather(asker)
    latencies.clear()
    began_at, cpu_at = time.perf_counter(), time.process_time()
    await gather(asker)
    return told(latencies, time.perf_counter() - began_at, time.process_time() - cpu_at)


async def in_threads() -> dict[str, Any]:
    """Synchronous connections, each statement in a worker thread of trio."""
    import psycopg
    import trio

    idle = [psycopg.connect(URL, autocommit=True, prepare_threshold=0) for _ in range(CONNECTIONS)]
    room = trio.Semaphore(CONNECTIONS)

    async def asked(question: Callable[[Any], object]) -> None:
        async with room:
            connection = idle.pop()
            try:
                await trio.to_thread.run_sync(question, connection)
            finally:
                idle.append(connection)

    def one(connection: Any) -> object:
        return connection.execute(f"{FIND}%s", (USER,)).fetchone()

    def work(connection: Any) -> object:
        connection.execute(BEGIN)
        found = one(connection)
        connection.execute("COMMIT")
        return found

    async def gather(asker: Any) -> None:
        async with trio.open_nursery() as nursery:
            for _ in range(TASKS):
                nursery.start_soon(asker)

    return {
        "statement": await measured(lambda: asked(one), gather),
        "work": await measured(lambda: asked(work), gather),
    }


async def by_asyncpg() -> dict[str, Any]:
    """Its own pool, transactions and prepared statements."""
    import asyncio

    # Installed in the peers' own environment only.
    asyncpg: Any = importlib.import_module("asyncpg")
    pool = await asyncpg.create_pool(URL, min_size=CONNECTIONS, max_size=CONNECTIONS)

    async def one() -> None:
        async with pool.acquire() as connection:
            await connection.fetchrow(f"{FIND}$1", USER)

    async def work() -> None:
        async with (
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            await connection.fetchrow(f"{FIND}$1", USER)

    async def gather(asker: Any) -> None:
        await asyncio.gather(*(asker() for _ in range(TASKS)))

    return {"statement": await measured(one, gather), "work": await measured(work, gather)}


def main() -> None:
    if DRIVER == "threads":
        import trio

        answer = trio.run(in_threads)
    else:
        import asyncio

        answer = asyncio.run(by_asyncpg())
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
