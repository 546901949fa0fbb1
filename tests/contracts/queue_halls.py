"""Queues of each kind in surroundings where time passes when a test says so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.redis_server import RedisServer
from wildside.domain.jobs import JobKind
from wildside.outbound.queue.memory import MemoryQueue
from wildside.outbound.queue.redis_streams.office import RedisOffice
from wildside.outbound.queue.redis_streams.queue import QueueRules, RedisQueue
from wildside.outbound.queue.sqlite import LEASE_SECONDS, POLL_SECONDS, SqliteQueue
from wildside.outbound.redis_link.address import read_address
from wildside.outbound.redis_link.link import RedisLink
from wildside.ports import JobQueue, JobsOffice

BEGAN_AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
STEP_SECONDS = 0.25


class Hall(Protocol):
    """A queue, its office, and a clock in the hand of the test."""

    @property
    def queue(self) -> JobQueue: ...
    @property
    def office(self) -> JobsOffice: ...
    async def pass_seconds(self, seconds: float) -> None:
        """Time passes, and everything that was to happen by then has happened."""
        ...

    async def settle(self) -> None:
        """Whatever is under way has arrived."""
        ...


@dataclass
class MemoryHall:
    """Everything is in this process."""

    queue: MemoryQueue
    clock: MockClock

    @property
    def office(self) -> JobsOffice:
        return self.queue

    async def pass_seconds(self, seconds: float) -> None:
        self.clock.jump(seconds)
        await self.settle()

    async def settle(self) -> None:
        await wait_all_tasks_blocked()


@dataclass
class RedisHall:
    """A worker of a queue in Redis, whose clock is moved along with trio's."""

    queue: RedisQueue
    office: RedisOffice
    link: RedisLink
    clock: MockClock

    async def pass_seconds(self, seconds: float) -> None:
        self.clock.jump(seconds)
        await self.queue.look_after()
        await self.settle()

    async def settle(self) -> None:
        # Answers come in order: once a later question is answered, the earlier ones are.
        for _ in range(3):
            await wait_all_tasks_blocked()
            await self.link.ping()
        await wait_all_tasks_blocked()


@dataclass
class SqliteHall:
    """A process whose queue lies in a file."""

    queue: SqliteQueue
    clock: MockClock

    @property
    def office(self) -> JobsOffice:
        return self.queue

    async def pass_seconds(self, seconds: float) -> None:
        # The lease is renewed on the way, as by a process that lives.
        left = seconds
        while left > 0:
            step = min(left, LEASE_SECONDS / 2) if seconds < 1000 else left
            self.clock.jump(step)
            left -= step
            await self.queue.look_after()
        await self.settle()

    async def settle(self) -> None:
        self.clock.jump(POLL_SECONDS / 1000)
        await wait_all_tasks_blocked()


@contextmanager
def sqlite_hall(folder: Path, clock: MockClock, room: int = 100) -> Iterator[SqliteHall]:
    """An empty queue in a file of its own."""
    with closing(SqliteQueue(folder / "jobs.sqlite3", room, hall_time)) as queue:
        yield SqliteHall(queue, clock)


def hall_time() -> datetime:
    """The wall clock, moved by trio's own."""
    return BEGAN_AT + timedelta(seconds=trio.current_time())


@asynccontextmanager
async def memory_hall(clock: MockClock, room: int = 100) -> AsyncIterator[MemoryHall]:
    """An empty queue in this process."""
    yield MemoryHall(MemoryQueue(room, hall_time), clock)


@asynccontextmanager
async def redis_hall(
    server: RedisServer, clock: MockClock, rules: QueueRules, room: int = 100
) -> AsyncIterator[RedisHall]:
    """One worker of the queue in that Redis; several may have halls of their own."""
    address = read_address(server.url)
    link, waiting = RedisLink(address, "tests"), RedisLink(address, "waiting")

    def shift() -> int:
        return int(trio.current_time() * 1000)

    async with trio.open_nursery() as links:
        await links.start(link.run)
        await links.start(waiting.run)
        async with trio.open_nursery() as nursery:
            queue = RedisQueue(link, waiting, replace(rules, room=room), shift_milliseconds=shift)
            await nursery.start(queue.run)
            office = RedisOffice(link, queue, shift_milliseconds=shift)
            await queue.look_after()
            yield RedisHall(queue, office, link, clock)
            nursery.cancel_scope.cancel()
        links.cancel_scope.cancel()


async def depth(queue: JobQueue) -> int:
    """How many jobs wait, delayed ones included."""
    standing = await queue.standing()
    return sum(each.waiting + each.delayed for each in standing.values())


async def waiting(queue: JobQueue, kind: JobKind = JobKind.GENERATE_ROUTE) -> int:
    """How many jobs of the kind could be claimed."""
    return (await queue.standing())[kind].waiting
