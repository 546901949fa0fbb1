"""What `wildside jobs` needs of the house: the queue and its office, and nothing that runs jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import trio

from wildside.app_shared import JOBS_FILE, redis_address
from wildside.domain.errors import Invalid, WildsideError
from wildside.inbound.cli.jobs import JobsDesk, OpenDesk
from wildside.outbound.machine import SystemClock
from wildside.outbound.queue.redis_streams.office import RedisOffice
from wildside.outbound.queue.redis_streams.queue import QueueRules, RedisQueue
from wildside.outbound.queue.sqlite import SqliteQueue
from wildside.outbound.redis_link.link import RedisLink
from wildside.settings import JobsIn, Settings


def open_desk(settings: Settings, folder: Path) -> OpenDesk:
    """Opens the queue for one command; Invalid where it lies in a server's memory."""
    if settings.redis_url:
        return lambda: _in_redis(settings)
    if settings.jobs_in is JobsIn.SQLITE:
        return lambda: _in_a_file(settings, folder)
    raise Invalid(
        "jobs wait in the server's memory: REDIS_URL or JOBS_IN=sqlite puts them where they can be"
        " seen, and administrators see dead letters at /api/v1/admin/jobs"
    )


@asynccontextmanager
async def _in_redis(settings: Settings) -> AsyncIterator[JobsDesk]:
    link = RedisLink(redis_address(settings), "wildside-operator")
    refusal: WildsideError | None = None
    async with trio.open_nursery() as nursery:
        await nursery.start(link.run)
        queue = RedisQueue(link, link, replace(QueueRules(), room=settings.queue_room))
        try:
            yield JobsDesk(queue, RedisOffice(link, queue), SystemClock())
        except WildsideError as error:
            # Out of the nursery it would come in a group of its own.
            refusal = error
        nursery.cancel_scope.cancel()
    if refusal is not None:
        raise refusal


@asynccontextmanager
async def _in_a_file(settings: Settings, folder: Path) -> AsyncIterator[JobsDesk]:
    with closing(SqliteQueue(folder / JOBS_FILE, settings.queue_room)) as queue:
        yield JobsDesk(queue, queue, SystemClock())
