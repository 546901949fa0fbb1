"""While storage is away nobody's walk is given up: it is found as soon as there is storage again."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.town import House, a_wish
from wildside.domain.errors import Unavailable
from wildside.domain.events import JobEnded, JobFaulted, JobStatus
from wildside.domain.progress import Stage
from wildside.inbound.jobs.retry_rules import LONGEST_OUTAGE_WAIT_SECONDS, OUTAGE_SECONDS
from wildside.ports import Storage, Work


class FalteringStorage:
    """A real store that can be cut off, before a unit of work or just before its commit."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.is_away = False

    def read(self) -> AbstractAsyncContextManager[Work]:
        return self._reached(self._storage.read())

    def glance(self) -> AbstractAsyncContextManager[Work]:
        return self._reached(self._storage.glance())

    def write(self) -> AbstractAsyncContextManager[Work]:
        return self._reached(self._storage.write())

    async def check(self) -> None:
        self._fail_if_away()

    async def tidy(self) -> None:
        self._fail_if_away()

    @asynccontextmanager
    async def _reached(self, block: AbstractAsyncContextManager[Work]) -> AsyncIterator[Work]:
        self._fail_if_away()
        async with block as work:
            yield work
            self._fail_if_away()

    def _fail_if_away(self) -> None:
        if self.is_away:
            raise Unavailable("storage is away")


def endings(house: House) -> list[tuple[int, JobStatus]]:
    return [
        (event.attempt, event.status) for event in house.diary.events if isinstance(event, JobEnded)
    ]


async def test_an_outage_in_the_middle_of_a_search_costs_time_and_nothing_else(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """Ninety seconds without storage, more tries than attempts: one attempt, and `complete`."""
    storage = FalteringStorage(house.storage)
    town = House(storage)
    await nursery.start(town.scheduler.run)
    ada = await town.arrive()
    asked = await town.ask(ada)
    await trio.sleep(0.2)
    storage.is_away = True
    await trio.sleep(90)
    storage.is_away = False
    back_at = trio.current_time()
    ended = await town.ended(ada, asked.request_id)
    assert (ended.stage, ended.error) == (Stage.COMPLETE, None)
    assert trio.current_time() - back_at <= LONGEST_OUTAGE_WAIT_SECONDS * 1.2 + 1
    await wait_all_tasks_blocked()
    assert endings(town) == [(1, JobStatus.DONE)]
    assert sum(isinstance(event, JobFaulted) for event in town.diary.events) > 3


async def test_an_outage_without_end_is_a_failure_like_others(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """Something that is always away for this very job: three attempts, then its walker is told."""
    house.engine.troubles = [Unavailable("never there") for _ in range(1000)]
    await nursery.start(house.scheduler.run)
    ada = await house.arrive()
    begun_at = trio.current_time()
    ended = await house.ended(ada, (await house.ask(ada)).request_id)
    assert (ended.stage, ended.error) == (Stage.FAILED, "internal_error")
    took_seconds = trio.current_time() - begun_at
    assert 3 * OUTAGE_SECONDS <= took_seconds <= 3 * (OUTAGE_SECONDS + 10)
    house.engine.troubles.clear()
    ended = await house.ended(ada, (await house.ask(ada, a_wish(90))).request_id)
    assert ended.stage is Stage.COMPLETE


async def test_whoever_cancels_during_an_outage_is_heard(
    house: House, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """The place is free again with the next try."""
    house.engine.troubles = [Unavailable("away") for _ in range(1000)]
    await nursery.start(house.scheduler.run)
    ada = await house.arrive()
    asked = await house.ask(ada)
    await trio.sleep(10)
    await house.cancel(ada, asked.request_id)
    await trio.sleep(LONGEST_OUTAGE_WAIT_SECONDS * 1.2)
    assert house.scheduler.busy == 0
    assert endings(house) == [(1, JobStatus.CANCELLED)]
