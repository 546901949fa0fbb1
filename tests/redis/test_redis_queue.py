"""What the queue in Redis promises beyond every queue: several workers, and some of them dead."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock

from tests.contracts.queue_halls import RedisHall, redis_hall, waiting
from tests.contracts.test_queue import a_job, claimed, nothing_to_claim
from tests.redis.stalling_proxy import stalling_proxy
from tests.redis_server import RedisServer, linked, started
from wildside.domain.errors import Invalid, Unavailable
from wildside.domain.jobs import Job, JobKind, JobState
from wildside.domain.paging import PageRequest
from wildside.outbound.queue.envelope import MOST_BYTES
from wildside.outbound.queue.redis_streams.keys import OUR_KEYS
from wildside.outbound.queue.redis_streams.queue import (
    LEASE_SECONDS,
    WORKER_DIED,
    QueueRules,
    RedisQueue,
)
from wildside.outbound.redis_link.address import read_address
from wildside.outbound.redis_link.link import RedisLink

USUAL = QueueRules()
STREAM = OUR_KEYS.stream(JobKind.GENERATE_ROUTE)


@pytest.fixture
async def hall(redis_server: RedisServer, mock_clock: MockClock) -> AsyncIterator[RedisHall]:
    """A worker that lives."""
    async with redis_hall(redis_server, mock_clock, QueueRules()) as hall:
        yield hall


@asynccontextmanager
async def another_worker(
    server: RedisServer, *, dies: bool, rules: QueueRules = USUAL
) -> AsyncIterator[RedisQueue]:
    """A second process; where it dies, it goes without a word, as by kill -9."""
    address = read_address(server.url)
    link, waits = RedisLink(address, "other"), RedisLink(address, "other")
    queue = RedisQueue(
        link, waits, rules, shift_milliseconds=lambda: int(trio.current_time() * 1000)
    )
    async with trio.open_nursery() as links:
        await links.start(link.run)
        await links.start(waits.run)
        async with trio.open_nursery() as nursery:
            await nursery.start(queue.run)
            await queue.look_after()
            yield queue
            if dies:
                # On a clock that stands still, patience has no end.
                link._patience_seconds = 0.0
                links.cancel_scope.cancel()
            nursery.cancel_scope.cancel()
        links.cancel_scope.cancel()


async def test_a_job_of_a_dead_worker_begins_anew_after_its_lease(
    hall: RedisHall, redis_server: RedisServer, mock_clock: MockClock
) -> None:
    """Not before, since the silent may live; then as its next attempt, with the reason."""
    await hall.queue.put(a_job("a"))
    async with another_worker(redis_server, dies=True) as dying:
        old = await dying.claim()
    await hall.pass_seconds(LEASE_SECONDS * 0.8)
    assert await nothing_to_claim(hall)
    await hall.pass_seconds(LEASE_SECONDS * 0.4)
    job = await hall.queue.claim()
    assert (job.key, job.attempt) == ("a", 2)
    assert [(past.error, past.worker) for past in job.history] == [(WORKER_DIED, dying.worker)]
    assert job.fence > old.fence
    consumers = await hall.link.ask("XINFO", "CONSUMERS", STREAM, "g")
    assert [info[b"name"] for info in consumers] == [hall.queue.worker.encode()]


async def test_a_worker_thought_dead_settles_nothing_and_hears_of_it(
    hall: RedisHall, redis_server: RedisServer, mock_clock: MockClock
) -> None:
    """It was stopped for a while and goes on as if nothing had been: the other's claim stands."""
    await hall.queue.put(a_job("a"))
    async with another_worker(redis_server, dies=False) as zombie:
        old = await zombie.claim()
        stopped = trio.Event()
        zombie.when_cancelled(old, stopped.set)
        # Only the other one's time passes: the zombie does not look after anything meanwhile.
        shift = LEASE_SECONDS * 1500
        hall.queue._shift = lambda: int(shift)
        await hall.queue.look_after()
        job = await hall.queue.claim()
        assert job.attempt == 2
        await zombie.look_after()
        assert stopped.is_set()
        await zombie.finish(old)
        assert await hall.queue.knows("a")
        await zombie.retry(replace(old), 0.0, "late")
        await hall.queue.finish(job)
        assert not await hall.queue.knows("a")


async def test_a_zombies_finish_does_not_undo_the_new_claim(
    hall: RedisHall, redis_server: RedisServer, mock_clock: MockClock
) -> None:
    """XACK alone would succeed for anybody: the script asks whose the entry is."""
    await hall.queue.put(a_job("a"))
    async with another_worker(redis_server, dies=False) as zombie:
        old = await zombie.claim()
        hall.queue._shift = lambda: int(LEASE_SECONDS * 1500)
        await hall.queue.look_after()
        job = await hall.queue.claim()
        await zombie.finish(old)
        assert (await hall.queue.standing())[JobKind.GENERATE_ROUTE].running == 1
        await hall.queue.finish(job)


async def test_a_job_that_kills_its_workers_is_not_passed_on_for_ever(
    hall: RedisHall, redis_server: RedisServer, mock_clock: MockClock
) -> None:
    """Each death is an attempt: the fourth claimer sees it and buries the job unseen."""
    await hall.queue.put(a_job("poison"))
    for attempt in (1, 2, 3):
        async with another_worker(redis_server, dies=True) as dying:
            assert (await dying.claim()).attempt == attempt
        await hall.pass_seconds(LEASE_SECONDS * 1.2)
    job = await hall.queue.claim()
    assert job.attempt == 4
    assert [past.error for past in job.history] == [WORKER_DIED] * 3


async def test_a_worker_that_leaves_in_order_gives_back_what_it_holds(
    hall: RedisHall, redis_server: RedisServer, mock_clock: MockClock
) -> None:
    """At once, and as the same attempt: nothing was wrong with it. Its name is forgotten."""
    await hall.queue.put(a_job("a"))
    async with another_worker(redis_server, dies=False) as leaving:
        await leaving.claim()
    job = await hall.queue.claim()
    assert (job.key, job.attempt) == ("a", 1)
    consumers = await hall.link.ask("XINFO", "CONSUMERS", STREAM, "g")
    assert [info[b"name"] for info in consumers] == [hall.queue.worker.encode()]


async def test_work_is_shared_by_the_workers(
    hall: RedisHall, redis_server: RedisServer, mock_clock: MockClock
) -> None:
    """No job goes to two of them."""
    for number in range(50):
        await hall.queue.put(a_job(str(number)))
    async with another_worker(redis_server, dies=False) as other:
        keys = []
        for _ in range(25):
            keys += [(await hall.queue.claim()).key, (await other.claim()).key]
    assert sorted(keys, key=int) == [str(number) for number in range(50)]


async def test_a_finished_job_leaves_nothing_behind(hall: RedisHall, mock_clock: MockClock) -> None:
    """Neither an entry, which XACK would keep, nor a record."""
    for number in range(20):
        await hall.queue.put(a_job(str(number)))
    for _ in range(20):
        await hall.queue.finish(await hall.queue.claim())
    assert await hall.link.xlen(STREAM) == 0
    left = {key.decode() for key in await hall.link.ask("KEYS", "*")}
    assert left <= {*OUR_KEYS.streams, OUR_KEYS.workers, OUR_KEYS.clock}


async def test_jobs_put_before_the_first_worker_are_found(
    redis_server: RedisServer, mock_clock: MockClock
) -> None:
    """The group begins at 0: at $ it would never see them."""
    async with linked(redis_server.url) as link:
        await RedisQueue(link, link).put(a_job("early"))
    async with redis_hall(redis_server, mock_clock, QueueRules()) as hall:
        assert await claimed(hall.queue, 1) == ["early"]


async def test_a_kind_runs_no_more_often_at_once_than_it_may(
    redis_server: RedisServer, mock_clock: MockClock
) -> None:
    """Two stories at once anywhere: those we ask for them are other people's machines."""
    rules = QueueRules(most_running={JobKind.ENRICHMENT: 2})
    async with redis_hall(redis_server, mock_clock, rules) as hall:
        for key in "abc":
            await hall.queue.put(a_job(key, JobKind.ENRICHMENT))
        async with another_worker(redis_server, dies=False, rules=rules) as other:
            first = await hall.queue.claim()
            await other.claim()
            assert await nothing_to_claim(hall)
            await hall.queue.finish(first)
            assert await claimed(hall.queue, 1) == ["c"]


@pytest.mark.parametrize(
    "envelope",
    [b'{"v":2,"key":"a","kind":"GenerateRoute","payload":{}}', b"{}", b"x" * (MOST_BYTES + 1)],
    ids=["tomorrow's", "nothing", "endless"],
)
async def test_an_envelope_that_cannot_be_read_is_a_dead_letter(
    hall: RedisHall, mock_clock: MockClock, envelope: bytes
) -> None:
    """It holds nobody up and does not go in circles; operators see it."""
    fields = ("k", "a", "t", "GenerateRoute", "a", 1, "b", envelope, "h", "", "s", 1)
    await hall.link.ask("XADD", STREAM, "*", *fields)
    await hall.queue.put(a_job("next"))
    assert await claimed(hall.queue, 1) == ["next"]
    await hall.settle()
    (letter,) = (await hall.office.page(JobState.DEAD, None, PageRequest())).items
    assert letter.job.key == "a"
    assert letter.error is not None
    assert letter.error.startswith("unreadable")


async def test_an_envelope_too_large_is_refused_where_it_is_made(
    hall: RedisHall, mock_clock: MockClock
) -> None:
    """The programmer hears it, not a worker."""
    with pytest.raises(Invalid, match="bytes"):
        await hall.queue.put(Job("a", JobKind.MAINTENANCE, {"x": "y" * MOST_BYTES}))


async def test_an_end_that_could_not_be_told_is_told_later(
    redis_server: RedisServer,
) -> None:
    """Redis was away when the job ended: nobody else may find it running for ever."""
    async with stalling_proxy(redis_server.port) as proxy, linked(redis_server.url) as direct:
        address = read_address(proxy.url)
        link = RedisLink(address, "worker", answer_seconds=0.2, patience_seconds=0.1)
        waits = RedisLink(address, "worker")
        queue = RedisQueue(link, waits, QueueRules(lease_seconds=30.0))
        async with trio.open_nursery() as links, trio.open_nursery() as nursery:
            await links.start(link.run)
            await links.start(waits.run)
            await nursery.start(queue.run)
            await queue.put(a_job("a"))
            job = await queue.claim()
            proxy.stall()
            await queue.finish(job)
            proxy.cut()
            proxy.flow()
            with trio.fail_after(10):
                while await direct.xlen(STREAM):  # noqa: ASYNC110 - Redis tells nobody
                    await trio.sleep(0.02)
            assert not await queue.knows("a")
            nursery.cancel_scope.cancel()
            links.cancel_scope.cancel()


async def test_redis_restarted_under_a_worker_loses_no_job(own_redis: RedisServer) -> None:
    """Waiting, running and delayed ones: with the append-only file all are there again."""
    async with linked(own_redis.url) as link, linked(own_redis.url) as waits:
        queue = RedisQueue(link, waits)
        async with trio.open_nursery() as nursery:
            await nursery.start(queue.run)
            for key in "abc":
                await queue.put(a_job(key))
            await queue.put(a_job("later"), after_seconds=0.5)
            job = await queue.claim()
            own_redis.kill()
            own_redis.start()
            await queue.finish(job)
            assert sorted(await claimed(queue, 3)) == ["b", "c", "later"]
            nursery.cancel_scope.cancel()


async def test_a_redis_that_is_set_up_to_lose_jobs_is_told_of(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One that evicts and keeps nothing on the disk; a right one is silent."""
    options = ("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
    for server in started(*options):
        async with linked(server.url) as link:
            await RedisQueue(link, link).warn_of_loss()
    said = capsys.readouterr().out
    assert "allkeys-lru" in said
    assert "forgets jobs" in said
    for server in started("--appendonly", "yes"):
        async with linked(server.url) as link:
            await RedisQueue(link, link).warn_of_loss()
    assert "Redis" not in capsys.readouterr().out.replace("redis connected", "")


async def test_with_redis_away_nothing_is_refused_beforehand_and_putting_says_so() -> None:
    """The wish is stored in any case; its job is made when Redis is back."""
    link = RedisLink(read_address("redis://127.0.0.1:1/0"), patience_seconds=0.05)
    queue = RedisQueue(link, link)
    async with trio.open_nursery() as nursery:
        await nursery.start(link.run)
        await queue.expect_room(JobKind.GENERATE_ROUTE)
        with pytest.raises(Unavailable):
            await queue.put(a_job("a"))
        nursery.cancel_scope.cancel()


async def test_a_worker_that_finds_redis_empty_begins_anew(
    hall: RedisHall, mock_clock: MockClock
) -> None:
    """FLUSHALL, or a failover to a replica that knew nothing: groups are made again."""
    await hall.link.flushall()
    await hall.queue.look_after()
    await hall.queue.put(a_job("a"))
    assert await claimed(hall.queue, 1) == ["a"]
    assert await waiting(hall.queue) == 0


async def test_a_clock_set_back_keeps_nothing_waiting(
    hall: RedisHall, redis_server: RedisServer, mock_clock: MockClock
) -> None:
    """Redis' host was an hour ahead: neither a retry nor the jobs of the dead wait for that hour."""
    await hall.pass_seconds(3600)
    await hall.queue.put(a_job("held"))
    async with another_worker(redis_server, dies=True) as dying:
        assert (await dying.claim()).key == "held"
    await hall.queue.put(a_job("late"), after_seconds=2)
    await hall.queue.look_after()
    hall.queue._shift = lambda: int((trio.current_time() - 3600) * 1000)
    await hall.queue.look_after()
    assert await waiting(hall.queue) == 0
    await hall.pass_seconds(LEASE_SECONDS + 0.5)
    await hall.queue.look_after()
    assert await waiting(hall.queue) == 2
