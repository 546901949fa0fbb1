"""The peers' side of bench.jobs, run in their own environments: prints one JSON answer.

python jobs_peers.py saq|arq|taskiq|dramatiq enqueue|drain|listen|send URL COUNT [GAP]

Every peer as its guide sets it up, with ten places; jobs are acknowledged after they have run.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

PLACES = 10
ASKERS = 50


class Tally:
    """Counts jobs that have run; the last one says what it cost and ends the process."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.waits: list[float] = []
        self.left = count
        self.lock = threading.Lock()
        self.begin()

    def begin(self) -> None:
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def hit(self, sent_at: float) -> None:
        with self.lock:
            if sent_at:
                self.waits.append(time.time() - sent_at)
            self.left -= 1
            if self.left:
                return
        answer: Any = self.waits or {
            "per_cpu_second": self.count / (time.process_time() - self.cpu),
            "per_second": self.count / (time.perf_counter() - self.wall),
        }
        print(json.dumps(answer), flush=True)
        os._exit(0)


TALLY: Tally


async def put_all(
    verb: str, count: int, gap: float, put: Callable[[float], Awaitable[Any]]
) -> None:
    """Fifty askers at once, or one that says when it sent."""
    if verb == "send":
        for _ in range(count):
            await put(time.time())
            await asyncio.sleep(gap)
        return
    tally = Tally(count)

    async def some(first: int) -> None:
        for _ in range(first, count, ASKERS):
            await put(0.0)

    await asyncio.gather(*(some(first) for first in range(ASKERS)))
    figures = {
        "per_cpu_second": count / (time.process_time() - tally.cpu),
        "per_second": count / (time.perf_counter() - tally.wall),
    }
    print(json.dumps(figures), flush=True)


async def saq(verb: str, url: str, count: int, gap: float) -> None:
    peer: Any = importlib.import_module("saq")
    queue = peer.Queue.from_url(url)
    await queue.connect()
    if verb in {"enqueue", "send"}:
        await put_all(verb, count, gap, lambda sent_at: queue.enqueue("job", sent_at=sent_at))
        return

    async def job(_: Any, *, sent_at: float) -> None:
        TALLY.hit(sent_at)

    TALLY.begin()
    await peer.Worker(queue, functions=[("job", job)], concurrency=PLACES).start()


async def arq(verb: str, url: str, count: int, gap: float) -> None:
    peer: Any = importlib.import_module("arq")
    settings = peer.connections.RedisSettings.from_dsn(url)
    if verb in {"enqueue", "send"}:
        pool = await peer.create_pool(settings)
        await put_all(verb, count, gap, lambda sent_at: pool.enqueue_job("job", sent_at))
        return

    async def job(_: Any, sent_at: float) -> None:
        TALLY.hit(sent_at)

    worker = importlib.import_module("arq.worker")
    TALLY.begin()
    await worker.Worker(
        functions=[worker.func(job, name="job")],
        redis_settings=settings,
        max_jobs=PLACES,
        handle_signals=False,
    ).async_run()


async def taskiq(verb: str, url: str, count: int, gap: float) -> None:
    peer: Any = importlib.import_module("taskiq_redis")
    broker = peer.RedisStreamBroker(url)

    @broker.task(task_name="job")
    async def job(sent_at: float) -> None:
        TALLY.hit(sent_at)

    if verb in {"enqueue", "send"}:
        await broker.startup()
        await put_all(verb, count, gap, job.kiq)
        return
    receiver: Any = importlib.import_module("taskiq.receiver")
    broker.is_worker_process = True
    await broker.startup()
    TALLY.begin()
    await receiver.Receiver(
        broker, run_startup=False, max_async_tasks=PLACES, max_async_tasks_jitter=0
    ).listen(asyncio.Event())


async def dramatiq(verb: str, url: str, count: int, gap: float) -> None:
    peer: Any = importlib.import_module("dramatiq")
    brokers: Any = importlib.import_module("dramatiq.brokers.redis")
    broker = brokers.RedisBroker(url=url)
    peer.set_broker(broker)

    @peer.actor(actor_name="job")
    def job(sent_at: float) -> None:
        TALLY.hit(sent_at)

    if verb in {"enqueue", "send"}:

        async def put(sent_at: float) -> None:
            job.send(sent_at)

        await put_all(verb, count, gap, put)
        return
    TALLY.begin()
    peer.Worker(broker, worker_threads=PLACES).start()
    await asyncio.sleep(3600)


def main() -> None:
    global TALLY  # noqa: PLW0603 - the peers' jobs are plain functions
    name, verb, url, count, *rest = sys.argv[1:]
    peers = {"saq": saq, "arq": arq, "taskiq": taskiq, "dramatiq": dramatiq}
    TALLY = Tally(int(count))
    asyncio.run(peers[name](verb, url, int(count), float(rest[0]) if rest else 0.0))


if __name__ == "__main__":
    main()
