"""What the queue in a file promises beyond every queue: it outlives processes, and several share it."""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import trio
import trio.testing

from tests.contracts.queue_halls import BEGAN_AT
from tests.contracts.test_queue import a_job
from wildside.domain.jobs import JobKind, JobState
from wildside.domain.paging import PageRequest
from wildside.outbound.queue.sqlite import LEASE_SECONDS, WORKER_DIED, SqliteQueue


class HandClock:
    """The wall clock in the hand of the test."""

    now = BEGAN_AT

    def __call__(self) -> datetime:
        return self.now

    def jump(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def open_queue(tmp_path: Path, clock: HandClock) -> Callable[[], SqliteQueue]:
    """Another process's end of the same file."""
    return lambda: SqliteQueue(tmp_path / "jobs.sqlite3", 10, clock)


async def test_jobs_and_dead_letters_outlive_their_process(
    open_queue: Callable[[], SqliteQueue],
) -> None:
    """Waiting, delayed and buried ones are all there for the next."""
    with closing(open_queue()) as first:
        await first.put(a_job("dead"))
        await first.bury(await first.claim(), "it fell")
        await first.put(a_job("waits"))
        await first.put(a_job("later"), after_seconds=60)
    with closing(open_queue()) as second:
        standing = (await second.standing())[JobKind.GENERATE_ROUTE]
        assert (standing.waiting, standing.delayed, standing.running) == (1, 1, 0)
        (letter,) = (await second.page(JobState.DEAD, None, PageRequest())).items
        assert (letter.job.key, letter.error) == ("dead", "it fell")
        assert (await second.claim()).key == "waits"


async def test_a_job_of_a_dead_process_begins_anew_after_its_lease(
    open_queue: Callable[[], SqliteQueue], clock: HandClock
) -> None:
    """As the next attempt; whoever was thought dead and is not settles nothing, and hears of it."""
    with closing(open_queue()) as zombie, closing(open_queue()) as other:
        await zombie.put(a_job("a"))
        old = await zombie.claim()
        clock.jump(LEASE_SECONDS * 0.9)
        await other.look_after()
        assert (await other.standing())[JobKind.GENERATE_ROUTE].running == 1
        clock.jump(LEASE_SECONDS * 0.2)
        job = await other.claim()
        assert (job.attempt, job.history[0].error) == (2, WORKER_DIED)
        assert job.fence > old.fence
        heard = trio.Event()
        zombie.when_cancelled(old, heard.set)
        assert heard.is_set()
        await zombie.finish(old)
        assert await other.knows("a")
        await other.finish(job)
        assert not await other.knows("a")


async def test_a_job_of_another_process_is_noticed(open_queue: Callable[[], SqliteQueue]) -> None:
    """Nobody tells: the file is looked at again and again."""
    got: list[str] = []
    with closing(open_queue()) as mine, closing(open_queue()) as other:

        async def claim() -> None:
            got.append((await mine.claim()).key)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(claim)
            await trio.testing.wait_all_tasks_blocked()
            await other.put(a_job("a"))
    assert got == ["a"]
