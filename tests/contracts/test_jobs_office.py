"""What every queue shows to operators, on a virtual clock."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from trio.testing import MockClock

from tests.contracts.queue_halls import Hall, memory_hall, redis_hall, sqlite_hall
from tests.contracts.test_queue import a_job, claimed
from tests.redis_server import RedisServer
from wildside.domain.errors import Unavailable
from wildside.domain.jobs import JobKind, JobState
from wildside.domain.paging import PageRequest
from wildside.outbound.queue.redis_streams.queue import QueueRules


@pytest.fixture(params=["memory", "sqlite", "redis"])
async def hall(
    request: pytest.FixtureRequest, mock_clock: MockClock, tmp_path: Path
) -> AsyncIterator[Hall]:
    """An empty queue of each kind, with room for three; its user names `mock_clock` too."""
    if request.param == "memory":
        async with memory_hall(mock_clock, 3) as memory:
            yield memory
        return
    if request.param == "sqlite":
        with sqlite_hall(tmp_path, mock_clock, 3) as sqlite:
            yield sqlite
        return
    server: RedisServer = request.getfixturevalue("redis_server")
    async with redis_hall(server, mock_clock, QueueRules(), 3) as redis:
        yield redis


async def listed(
    hall: Hall,
    state: JobState,
    kind: JobKind | None = None,
    page: PageRequest | None = None,
) -> list[str]:
    """The keys of one page."""
    found = await hall.office.page(state, kind, page or PageRequest())
    return [record.job.key for record in found.items]


async def bury(hall: Hall, key: str, kind: JobKind = JobKind.GENERATE_ROUTE) -> None:
    """A job that was put, claimed and given up; a second later the next may come."""
    await hall.queue.put(a_job(key, kind))
    await hall.queue.bury(await hall.queue.claim(), f"{key} died")
    await hall.pass_seconds(1)


async def test_a_job_is_listed_where_it_is(hall: Hall, mock_clock: MockClock) -> None:
    """Waiting, running, delayed, dead: one place each, and gone once it is done."""
    await hall.queue.put(a_job("a"))
    assert await listed(hall, JobState.WAITING) == ["a"]
    job = await hall.queue.claim()
    assert await listed(hall, JobState.WAITING) == []
    assert await listed(hall, JobState.RUNNING) == ["a"]
    await hall.queue.retry(job, 5.0, "a stumble")
    (delayed,) = (await hall.office.page(JobState.DELAYED, None, PageRequest())).items
    assert (delayed.job.attempt, delayed.error) == (2, "a stumble")
    await hall.pass_seconds(5)
    assert await listed(hall, JobState.DELAYED) == []
    assert await listed(hall, JobState.WAITING) == ["a"]
    await hall.queue.bury(await hall.queue.claim(), "a fall")
    (dead,) = (await hall.office.page(JobState.DEAD, None, PageRequest())).items
    assert (dead.job, dead.state, dead.error) == (delayed.job, JobState.DEAD, "a fall")
    assert 4.9 <= (dead.since - delayed.since).total_seconds() < 60
    await hall.queue.put(a_job("b"))
    await hall.queue.finish(await hall.queue.claim())
    for state in (JobState.WAITING, JobState.RUNNING, JobState.DELAYED):
        assert await listed(hall, state) == []


async def test_dead_letters_come_in_pages_the_newest_first(
    hall: Hall, mock_clock: MockClock
) -> None:
    """Forth and back the same letters in the same order, of one kind where one is asked for."""
    for key in "abcde":
        kind = JobKind.ENRICHMENT if key in "bd" else JobKind.GENERATE_ROUTE
        await bury(hall, key, kind)
    assert await listed(hall, JobState.DEAD, JobKind.ENRICHMENT) == ["d", "b"]
    first = await hall.office.page(JobState.DEAD, None, PageRequest(2))
    assert first.prev is None
    second = await hall.office.page(JobState.DEAD, None, PageRequest(2, first.next))
    third = await hall.office.page(JobState.DEAD, None, PageRequest(2, second.next))
    assert third.next is None
    pages = [[record.job.key for record in page.items] for page in (first, second, third)]
    assert pages == [["e", "d"], ["c", "b"], ["a"]]
    back = await hall.office.page(JobState.DEAD, None, PageRequest(2, third.prev))
    assert list(back.items) == list(second.items)


async def test_of_one_key_the_latest_letter_is_kept(hall: Hall, mock_clock: MockClock) -> None:
    """What failed twice is one thing to look at."""
    await bury(hall, "a")
    await bury(hall, "b")
    await bury(hall, "a")
    assert await listed(hall, JobState.DEAD) == ["a", "b"]


async def test_a_requeued_letter_is_a_first_attempt_again(
    hall: Hall, mock_clock: MockClock
) -> None:
    """And no letter any more."""
    await hall.queue.put(a_job("a"))
    await hall.queue.retry(await hall.queue.claim(), 1.0, "a stumble")
    await hall.pass_seconds(1)
    await hall.queue.bury(await hall.queue.claim(), "a fall")
    letter = await hall.office.requeue(a_job("a").id)
    assert letter is not None
    assert (letter.state, letter.error) == (JobState.DEAD, "a fall")
    assert await listed(hall, JobState.DEAD) == []
    assert await hall.queue.claim() == a_job("a")


async def test_there_is_no_letter_of_a_stranger(hall: Hall, mock_clock: MockClock) -> None:
    """Nor of a job that lives."""
    await hall.queue.put(a_job("a"))
    assert await hall.office.requeue(uuid4()) is None
    assert await hall.office.requeue(a_job("a").id) is None


async def test_a_letter_whose_job_is_there_already_adds_none(
    hall: Hall, mock_clock: MockClock
) -> None:
    """Keys stay unique among unfinished jobs."""
    await bury(hall, "a")
    await hall.queue.put(a_job("a"))
    assert await hall.office.requeue(a_job("a").id) is not None
    assert await claimed(hall.queue, 1) == ["a"]
    assert await listed(hall, JobState.WAITING) == []


async def test_a_purged_letter_is_gone(hall: Hall, mock_clock: MockClock) -> None:
    """That one, and once."""
    await bury(hall, "a")
    await bury(hall, "b")
    assert await hall.office.purge(a_job("a").id)
    assert not await hall.office.purge(a_job("a").id)
    assert await listed(hall, JobState.DEAD) == ["b"]


async def test_a_full_queue_keeps_the_letter(hall: Hall, mock_clock: MockClock) -> None:
    """An operator may try again later."""
    await bury(hall, "a")
    for key in "bcd":
        await hall.queue.put(a_job(key))
    with pytest.raises(Unavailable):
        await hall.office.requeue(a_job("a").id)
    assert await listed(hall, JobState.DEAD) == ["a"]
