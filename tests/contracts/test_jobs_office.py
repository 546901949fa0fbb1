"""What every queue shows to operators, on a virtual clock."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import trio
from trio.testing import MockClock

from tests.contracts.test_queue import a_job, claimed
from tests.town import NOON
from wildside.domain.errors import Unavailable
from wildside.domain.jobs import JobKind, JobRecord, JobState
from wildside.domain.paging import PageRequest
from wildside.outbound.queue.memory import MemoryQueue


def town_time() -> datetime:
    """The wall clock, moved by trio's own."""
    return NOON + timedelta(seconds=trio.current_time())


@pytest.fixture(params=["memory"])
async def queue(request: pytest.FixtureRequest) -> MemoryQueue:
    """An empty queue of each kind, with room for three."""
    return MemoryQueue(3, town_time)


async def listed(
    queue: MemoryQueue,
    state: JobState,
    kind: JobKind | None = None,
    page: PageRequest | None = None,
) -> list[str]:
    """The keys of one page."""
    found = await queue.page(state, kind, page or PageRequest())
    return [record.job.key for record in found.items]


async def bury(queue: MemoryQueue, key: str, kind: JobKind = JobKind.GENERATE_ROUTE) -> None:
    """A job that was put, claimed and given up; a second later the next may come."""
    await queue.put(a_job(key, kind))
    await queue.bury(await queue.claim(), f"{key} died")
    await trio.sleep(1)


async def test_a_job_is_listed_where_it_is(queue: MemoryQueue, autojump_clock: MockClock) -> None:
    """Waiting, running, delayed, dead: one place each, and gone once it is done."""
    began_at = town_time()
    await queue.put(a_job("a"))
    assert await listed(queue, JobState.WAITING) == ["a"]
    job = await queue.claim()
    assert await listed(queue, JobState.WAITING) == []
    assert await listed(queue, JobState.RUNNING) == ["a"]
    await queue.retry(job, 5.0, "a stumble")
    (delayed,) = (await queue.page(JobState.DELAYED, None, PageRequest())).items
    assert (delayed.job.attempt, delayed.error) == (2, "a stumble")
    await trio.sleep(5)
    assert await listed(queue, JobState.DELAYED) == []
    assert await listed(queue, JobState.WAITING) == ["a"]
    await queue.bury(await queue.claim(), "a fall")
    assert (await queue.page(JobState.DEAD, None, PageRequest())).items == [
        JobRecord(delayed.job, JobState.DEAD, began_at + timedelta(seconds=5), "a fall")
    ]
    await queue.put(a_job("b"))
    await queue.finish(await queue.claim())
    for state in (JobState.WAITING, JobState.RUNNING, JobState.DELAYED):
        assert await listed(queue, state) == []


async def test_dead_letters_come_in_pages_the_newest_first(
    queue: MemoryQueue, autojump_clock: MockClock
) -> None:
    """Forth and back the same letters in the same order, of one kind where one is asked for."""
    for key in "abcde":
        kind = JobKind.ENRICHMENT if key in "bd" else JobKind.GENERATE_ROUTE
        await bury(queue, key, kind)
    assert await listed(queue, JobState.DEAD, JobKind.ENRICHMENT) == ["d", "b"]
    first = await queue.page(JobState.DEAD, None, PageRequest(2))
    assert first.prev is None
    second = await queue.page(JobState.DEAD, None, PageRequest(2, first.next))
    third = await queue.page(JobState.DEAD, None, PageRequest(2, second.next))
    assert third.next is None
    pages = [[record.job.key for record in page.items] for page in (first, second, third)]
    assert pages == [["e", "d"], ["c", "b"], ["a"]]
    back = await queue.page(JobState.DEAD, None, PageRequest(2, third.prev))
    assert list(back.items) == list(second.items)


async def test_of_one_key_the_latest_letter_is_kept(
    queue: MemoryQueue, autojump_clock: MockClock
) -> None:
    """What failed twice is one thing to look at."""
    await bury(queue, "a")
    await bury(queue, "b")
    await bury(queue, "a")
    assert await listed(queue, JobState.DEAD) == ["a", "b"]


async def test_a_requeued_letter_is_a_first_attempt_again(
    queue: MemoryQueue, autojump_clock: MockClock
) -> None:
    """And no letter any more."""
    await queue.put(a_job("a"))
    await queue.retry(await queue.claim(), 1.0, "a stumble")
    await queue.bury(await queue.claim(), "a fall")
    letter = await queue.requeue(a_job("a").id)
    assert letter is not None
    assert (letter.state, letter.error) == (JobState.DEAD, "a fall")
    assert await listed(queue, JobState.DEAD) == []
    assert await queue.claim() == a_job("a")


async def test_there_is_no_letter_of_a_stranger(
    queue: MemoryQueue, autojump_clock: MockClock
) -> None:
    """Nor of a job that lives."""
    await queue.put(a_job("a"))
    assert await queue.requeue(uuid4()) is None
    assert await queue.requeue(a_job("a").id) is None


async def test_a_letter_whose_job_is_there_already_adds_none(
    queue: MemoryQueue, autojump_clock: MockClock
) -> None:
    """Keys stay unique among unfinished jobs."""
    await bury(queue, "a")
    await queue.put(a_job("a"))
    assert await queue.requeue(a_job("a").id) is not None
    assert await claimed(queue, 1) == ["a"]
    assert await listed(queue, JobState.WAITING) == []


async def test_a_full_queue_keeps_the_letter(queue: MemoryQueue, autojump_clock: MockClock) -> None:
    """An operator may try again later."""
    await bury(queue, "a")
    for key in "bcd":
        await queue.put(a_job(key))
    with pytest.raises(Unavailable):
        await queue.requeue(a_job("a").id)
    assert await listed(queue, JobState.DEAD) == ["a"]
