"""The composition root of what processes share: queue, news, answers and rates, in Redis or in this one."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import trio

from wildside.domain.errors import Invalid
from wildside.domain.jobs import JobKind
from wildside.outbound.cache.memory import MemoryRouteCache
from wildside.outbound.cache.redis import RedisRouteCache
from wildside.outbound.progress.memory import MemoryNews
from wildside.outbound.progress.redis import RedisNews
from wildside.outbound.queue.memory import MemoryQueue
from wildside.outbound.queue.redis_streams.office import RedisOffice
from wildside.outbound.queue.redis_streams.queue import QueueRules, RedisQueue
from wildside.outbound.queue.sqlite import SqliteQueue
from wildside.outbound.rate_limits.memory import MemoryRateLimits
from wildside.outbound.rate_limits.redis import RedisRateLimits
from wildside.outbound.redis_link.address import RedisAddress, read_address
from wildside.outbound.redis_link.link import RedisLink
from wildside.outbound.sign_outs.memory import MemorySignOuts
from wildside.outbound.sign_outs.redis import RedisSignOuts
from wildside.ports import Clock, JobQueue, JobsOffice, News, RateLimits, RouteCache, SignOuts
from wildside.settings import JobsIn, Mode, Settings

JOBS_FILE = "jobs.sqlite3"


class Started(Protocol):
    """Something that runs until cancelled and says when it has begun."""

    def __call__(
        self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> Awaitable[None]: ...


@dataclass(frozen=True, slots=True)
class Shared:
    """What every process of a deployment has in common."""

    queue: JobQueue
    office: JobsOffice
    news: News
    cache: RouteCache
    limits: RateLimits
    sign_outs: SignOuts
    tasks: Mapping[str, Started]  # what keeps it going, by name, in the order of the start
    runs_jobs: bool  # in this process
    is_apart: bool  # whether other processes share it
    fault: Callable[[], str | None]  # why it does not answer
    jobs_waiting: Callable[[], int]  # those that would be lost with this process
    evictions: Callable[[], int]
    look: Callable[[], Awaitable[None]]  # now and then, for what only Redis knows


def open_shared(settings: Settings, folder: Path, clock: Clock, dice: random.Random) -> Shared:
    """In Redis where REDIS_URL names one, else in this process; nothing runs yet."""
    if settings.redis_url:
        return _in_redis(settings, dice)
    return _in_this_process(settings, folder, clock, dice)


def _in_this_process(settings: Settings, folder: Path, clock: Clock, dice: random.Random) -> Shared:
    queue: MemoryQueue | SqliteQueue
    if settings.jobs_in is JobsIn.SQLITE:
        file_queue = SqliteQueue(
            folder / JOBS_FILE, settings.queue_room, clock.now, settings.lease_seconds
        )
        queue, waiting, tasks = file_queue, _nothing, {"lease": file_queue.run}
    else:
        memory_queue = MemoryQueue(settings.queue_room)
        queue, waiting, tasks = memory_queue, memory_queue.depth, {}
    cache = MemoryRouteCache(trio.current_time, dice)
    return Shared(
        queue=queue,
        office=queue,
        news=MemoryNews(clock),
        cache=cache,
        limits=MemoryRateLimits(_allowances(settings), trio.current_time),
        sign_outs=MemorySignOuts(),
        tasks=tasks,
        runs_jobs=True,
        is_apart=False,
        fault=lambda: None,
        jobs_waiting=waiting,
        evictions=lambda: cache.evictions,
        look=trio.lowlevel.checkpoint,
    )


def _in_redis(settings: Settings, dice: random.Random) -> Shared:
    address = redis_address(settings)
    cache_url = settings.redis_cache_url or settings.redis_url
    works = settings.wildside_mode is Mode.WORKER
    link = RedisLink(address, "wildside", dice=dice)
    hearing = RedisLink(address, "wildside-news", dice=dice)
    waiting = RedisLink(address, "wildside-jobs", dice=dice)
    remembering = RedisLink(_address("REDIS_CACHE_URL", cache_url), "wildside-cache", dice=dice)
    cache = RedisRouteCache(remembering, dice)
    rules = QueueRules(
        room=settings.queue_room,
        most_running={JobKind.ENRICHMENT: settings.enrichments_at_once},
        lease_seconds=settings.lease_seconds,
    )
    queue, news = RedisQueue(link, waiting, rules), RedisNews(link, hearing)
    sign_outs = RedisSignOuts(link, hearing)
    allowances = _allowances(settings)
    tasks: dict[str, Started] = {
        "link": link.run,
        "cache-link": remembering.run,
        "news-link": hearing.run,
        "news": news.run,
        "sign-outs": sign_outs.run,
    }
    if works:
        tasks |= {"jobs-link": waiting.run, "lease": queue.run}
    return Shared(
        queue=queue,
        office=RedisOffice(link, queue),
        news=news,
        cache=cache,
        limits=RedisRateLimits(link, allowances, MemoryRateLimits(allowances, trio.current_time)),
        sign_outs=sign_outs,
        tasks=tasks,
        runs_jobs=works,
        is_apart=True,
        fault=lambda: link.fault,
        jobs_waiting=_nothing,
        evictions=lambda: cache.evictions,
        look=partial(_look, cache, queue),
    )


async def _look(cache: RedisRouteCache, queue: RedisQueue) -> None:
    await cache.look()
    await queue.warn_of_loss()


def _nothing() -> int:
    return 0


def redis_address(settings: Settings) -> RedisAddress:
    """Where the queue's Redis is; Invalid where the setting cannot be read."""
    return _address("REDIS_URL", settings.redis_url)


def _address(setting: str, url: str) -> RedisAddress:
    try:
        return read_address(url)
    except ValueError as error:
        raise Invalid(f"{setting} must be {error}") from None


def _allowances(settings: Settings) -> Mapping[str, int]:
    return {
        "routes": settings.routes_per_minute,
        "new_walkers": settings.new_walkers_per_minute,
        "logins": settings.logins_per_minute,
    }
