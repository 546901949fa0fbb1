"""Our side of bench.jobs: one process that puts or runs jobs, and prints its figures as JSON.

python jobs_ours.py enqueue|drain|listen|trips|send|effects URL …
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
import trio

from wildside.domain.jobs import Job, JobKind
from wildside.inbound.jobs.dispatch import Handler
from wildside.inbound.jobs.scheduler import Scheduler
from wildside.outbound.journal import EventJournal
from wildside.outbound.metrics import Metrics
from wildside.outbound.queue.redis_streams import scripts
from wildside.outbound.queue.redis_streams.queue import QueueRules, RedisQueue
from wildside.outbound.redis_link.address import read_address
from wildside.outbound.redis_link.link import RedisLink
from wildside.outbound.redis_link.speech import Word

PLACES = 10
ASKERS = 50
ROOM = 1_000_000
WALK = JobKind.GENERATE_ROUTE
Run = Callable[[Job], Awaitable[None]]


class CountedLink(RedisLink):
    """Counts what is asked of Redis, so round trips; the lease's are the worker's, not a job's."""

    asked = 0

    async def ask(self, *words: Word, again: bool = False) -> Any:
        CountedLink.asked += words[1:2] != (scripts.LOOK_AFTER.sha,)
        return await super().ask(*words, again=again)


@asynccontextmanager
async def a_queue(url: str, lease_seconds: float = 5.0) -> AsyncIterator[RedisQueue]:
    address = read_address(url)
    link, waits = CountedLink(address), CountedLink(address)
    async with trio.open_nursery() as nursery:
        await nursery.start(link.run)
        await nursery.start(waits.run)
        await link.ping()
        yield RedisQueue(link, waits, QueueRules(room=ROOM, lease_seconds=lease_seconds))
        nursery.cancel_scope.cancel()


async def enqueue(url: str, count: str) -> dict[str, float]:
    """Jobs put by fifty tasks at once, as a busy server does."""
    total = int(count)
    async with a_queue(url) as queue:

        async def put(first: int) -> None:
            for number in range(first, total, ASKERS):
                await queue.put(Job(f"job:{number}", WALK, {"number": number}, None))

        wall, cpu = time.perf_counter(), time.process_time()
        async with trio.open_nursery() as nursery:
            for first in range(ASKERS):
                nursery.start_soon(put, first)
        return _figures(total, wall, cpu)


async def pace(url: str, count: str) -> dict[str, float]:
    """One job after the other put, claimed and finished: the middle round in ms, and memory in MB."""
    rounds: list[float] = []
    async with a_queue(url) as queue, trio.open_nursery() as nursery:
        await nursery.start(queue.run)
        for number in range(int(count)):
            begun_at = time.perf_counter()
            await queue.put(Job(f"pace:{number}", WALK, {"number": number}))
            await queue.finish(await queue.claim())
            rounds.append((time.perf_counter() - begun_at) * 1000)
        nursery.cancel_scope.cancel()
    return {"ms": sorted(rounds)[len(rounds) // 2], "megabytes": _megabytes()}


async def drain(url: str, count: str) -> dict[str, float]:
    """A worker with ten places until so many jobs are done."""
    left, done = int(count), trio.Event()

    async def run(_: Job) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            done.set()

    async with a_queue(url) as queue, working(queue, run):
        wall, cpu = time.perf_counter(), time.process_time()
        await done.wait()
        return _figures(int(count), wall, cpu)


async def idle_round_trips(url: str, count: str) -> float:
    """A worker that waits for each job: how often it asks Redis for one and to its end."""
    async with a_queue(url) as queue, trio.open_nursery() as nursery:
        await nursery.start(queue.run)
        asked = 0
        for number in range(int(count)):
            await queue.put(Job(f"trip:{number}", WALK, {"number": number}))
            before = CountedLink.asked
            await queue.finish(await queue.claim())
            asked += CountedLink.asked - before
        nursery.cancel_scope.cancel()
    return asked / int(count)


async def listen(url: str, count: str) -> list[float]:
    """An idle worker: how long each job was on its way, in seconds."""
    waits: list[float] = []
    done = trio.Event()

    async def run(job: Job) -> None:
        sent_at = job.payload["sent_at"]
        assert isinstance(sent_at, float)
        waits.append(time.time() - sent_at)
        if len(waits) == int(count):
            done.set()

    async with a_queue(url) as queue, working(queue, run):
        await done.wait()
    return waits


async def send(url: str, count: str, gap_seconds: str) -> None:
    """One job after the other, each saying when it was sent."""
    async with a_queue(url) as queue:
        for number in range(int(count)):
            await queue.put(Job(f"sent:{number}", WALK, {"sent_at": time.time()}))
            await trio.sleep(float(gap_seconds))


async def effects(url: str, file: str, lease_seconds: str, job_seconds: str) -> None:
    """A worker whose jobs take a while and write one row each, if their claim is the latest."""
    ledger = sqlite3.connect(file, isolation_level=None, timeout=30)

    async def run(job: Job) -> None:
        ledger.execute("INSERT INTO begun VALUES (?, ?, ?)", (job.key, time.time(), os.getpid()))
        await trio.sleep(float(job_seconds) * random.uniform(0.5, 1.5))
        ledger.execute("BEGIN IMMEDIATE")
        row = ledger.execute("SELECT fence, done FROM wishes WHERE key = ?", (job.key,)).fetchone()
        if row[0] <= job.fence and not row[1]:
            ledger.execute(
                "UPDATE wishes SET fence = ?, done = 1 WHERE key = ?", (job.fence, job.key)
            )
            ledger.execute("INSERT INTO effects VALUES (?)", (job.key,))
        ledger.execute("COMMIT")

    async with a_queue(url, float(lease_seconds)) as queue, working(queue, run):
        await trio.sleep_forever()


@asynccontextmanager
async def working(queue: RedisQueue, run: Run) -> AsyncIterator[None]:
    async def give_up(job: Job, error: str) -> None:
        raise AssertionError(f"{job.key} failed: {error}")

    journal = EventJournal((Metrics().hear,))
    scheduler = Scheduler(
        queue,
        {WALK: Handler(run, give_up)},
        journal,
        random.Random(),
        places=PLACES,
        job_seconds=60,
    )
    async with trio.open_nursery() as nursery:
        await nursery.start(queue.run)
        await nursery.start(scheduler.run)
        yield
        nursery.cancel_scope.cancel()


def _megabytes() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def _figures(count: int, wall: float, cpu: float) -> dict[str, float]:
    return {
        "per_cpu_second": count / (time.process_time() - cpu),
        "per_second": count / (time.perf_counter() - wall),
        "round_trips": CountedLink.asked / count,
    }


def main() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    verbs: dict[str, Callable[..., Awaitable[Any]]] = {
        "enqueue": enqueue,
        "drain": drain,
        "pace": pace,
        "listen": listen,
        "trips": idle_round_trips,
        "send": send,
        "effects": effects,
    }
    verb, *words = sys.argv[1:]
    print(json.dumps(trio.run(verbs[verb], *words)))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    main()
