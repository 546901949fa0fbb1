"""What every queue promises, on a virtual clock."""

from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import trio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from tests.contracts.queue_halls import Hall, depth, memory_hall, redis_hall, sqlite_hall, waiting
from tests.redis_server import RedisServer
from tests.town import TRACE
from wildside.domain.errors import Unavailable
from wildside.domain.jobs import Job, JobKind, JobState
from wildside.domain.paging import PageRequest
from wildside.outbound.queue.redis_streams.queue import QueueRules
from wildside.ports import JobQueue


@pytest.fixture
def room() -> int:
    """How many jobs of a kind may wait; a test that needs another room says so."""
    return 10


@pytest.fixture(params=["memory", "sqlite", "redis"])
async def hall(
    request: pytest.FixtureRequest, mock_clock: MockClock, room: int, tmp_path: Path
) -> AsyncIterator[Hall]:
    """An empty queue of each kind. Whoever uses it names `mock_clock` too, which makes it trio's."""
    if request.param == "memory":
        async with memory_hall(mock_clock, room) as memory:
            yield memory
        return
    if request.param == "sqlite":
        with sqlite_hall(tmp_path, mock_clock, room) as sqlite:
            yield sqlite
        return
    server: RedisServer = request.getfixturevalue("redis_server")
    async with redis_hall(server, mock_clock, QueueRules(), room) as redis:
        yield redis


def a_job(key: str, kind: JobKind = JobKind.GENERATE_ROUTE) -> Job:
    return Job(key, kind, {"fingerprint": key})


async def claimed(queue: JobQueue, count: int) -> list[str]:
    """The keys of the next jobs, all of which must be there."""
    return [(await queue.claim()).key for _ in range(count)]


async def nothing_to_claim(hall: Hall) -> bool:
    """Whether a claimer waits in vain."""
    jobs: list[Job] = []

    async def claim() -> None:
        jobs.append(await hall.queue.claim())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(claim)
        await hall.settle()
        nursery.cancel_scope.cancel()
    return not jobs


async def test_jobs_are_claimed_in_the_order_they_came(hall: Hall, mock_clock: MockClock) -> None:
    """Within one kind, first come, first served."""
    for key in "abc":
        await hall.queue.put(a_job(key))
    assert await claimed(hall.queue, 3) == ["a", "b", "c"]


async def test_a_job_arrives_as_it_was_put(hall: Hall, mock_clock: MockClock) -> None:
    """Payload, trace and limit of time; its first attempt, without a history."""
    job = Job("k", JobKind.ENRICHMENT, {"a": [1, {"b": "ü"}], "c": None}, TRACE, 1, 7.5)
    await hall.queue.put(job)
    found = await hall.queue.claim()
    assert found == job
    assert found.history == ()


async def test_walkers_come_before_enrichment_and_that_before_maintenance(
    hall: Hall, mock_clock: MockClock
) -> None:
    """Somebody is waiting for a walk; nobody waits for the tidying."""
    await hall.queue.put(a_job("tidy", JobKind.MAINTENANCE))
    await hall.queue.put(a_job("story", JobKind.ENRICHMENT))
    await hall.queue.put(a_job("walk"))
    assert await claimed(hall.queue, 3) == ["walk", "story", "tidy"]


async def test_what_has_waited_long_is_served_though_walkers_never_stop_coming(
    hall: Hall, mock_clock: MockClock
) -> None:
    """After half a minute a story comes before a walker who has just arrived."""
    await hall.queue.put(a_job("story", JobKind.ENRICHMENT))
    await hall.pass_seconds(31)
    await hall.queue.put(a_job("walk"))
    assert await claimed(hall.queue, 2) == ["story", "walk"]


async def test_the_tidying_comes_too_in_the_end(hall: Hall, mock_clock: MockClock) -> None:
    """After five minutes it is as good as a walker of this moment."""
    await hall.queue.put(a_job("tidy", JobKind.MAINTENANCE))
    for _ in range(31):
        await hall.pass_seconds(10)
    await hall.queue.put(a_job("walk"))
    assert await claimed(hall.queue, 2) == ["tidy", "walk"]


async def test_a_claim_waits_for_a_job(
    hall: Hall, mock_clock: MockClock, nursery: trio.Nursery
) -> None:
    """Two runners wait; one job wakes one of them."""
    got: list[str] = []
    arrived = trio.Event()

    async def run() -> None:
        got.append((await hall.queue.claim()).key)
        arrived.set()

    nursery.start_soon(run)
    nursery.start_soon(run)
    await hall.settle()
    await hall.queue.put(a_job("a"))
    await arrived.wait()
    await hall.settle()
    assert got == ["a"]
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize("room", [2])
async def test_a_full_queue_refuses_and_says_when_to_come_back(
    hall: Hall, mock_clock: MockClock
) -> None:
    """503 with Retry-After instead of an endless wait; a claimed job makes room."""
    queue = hall.queue
    await queue.put(a_job("a"))
    await queue.put(a_job("b"))
    with pytest.raises(Unavailable) as refusal:
        await queue.put(a_job("c"))
    assert refusal.value.retry_after_seconds > 0
    with pytest.raises(Unavailable):
        await queue.expect_room(JobKind.GENERATE_ROUTE)
    await queue.claim()
    await queue.expect_room(JobKind.GENERATE_ROUTE)
    await queue.put(a_job("c"))
    assert await depth(queue) == 2


@pytest.mark.parametrize("room", [1])
async def test_each_kind_has_room_of_its_own(hall: Hall, mock_clock: MockClock) -> None:
    """A flood of stories keeps no walker out."""
    queue = hall.queue
    await queue.put(a_job("story", JobKind.ENRICHMENT))
    with pytest.raises(Unavailable):
        await queue.put(a_job("another", JobKind.ENRICHMENT))
    await queue.put(a_job("walk"))


@pytest.mark.parametrize("room", [1])
async def test_a_key_waits_once(hall: Hall, mock_clock: MockClock) -> None:
    """A thousand equal wishes are one job, even where the queue is full."""
    await hall.queue.put(a_job("a"))
    await hall.queue.put(a_job("a"))
    assert await depth(hall.queue) == 1
    assert await claimed(hall.queue, 1) == ["a"]
    assert await nothing_to_claim(hall)


async def test_a_job_put_while_it_runs_runs_once_more(hall: Hall, mock_clock: MockClock) -> None:
    """The wish came too late for the run under way, so it must not be lost with it."""
    await hall.queue.put(a_job("a"))
    job = await hall.queue.claim()
    await hall.queue.put(a_job("a"))
    assert await nothing_to_claim(hall)
    await hall.queue.finish(job)
    assert await claimed(hall.queue, 1) == ["a"]


async def test_a_finished_job_may_come_again(hall: Hall, mock_clock: MockClock) -> None:
    """Keys are unique among unfinished jobs only."""
    await hall.queue.put(a_job("a"))
    await hall.queue.finish(await hall.queue.claim())
    assert not await hall.queue.knows("a")
    await hall.queue.put(a_job("a"))
    assert await hall.queue.knows("a")
    assert await claimed(hall.queue, 1) == ["a"]


async def test_a_delayed_job_waits_its_time(hall: Hall, mock_clock: MockClock) -> None:
    """Not a moment sooner; its key is taken meanwhile."""
    await hall.queue.put(a_job("a"), after_seconds=2.0)
    await hall.queue.put(a_job("a"))
    await hall.pass_seconds(1.9)
    assert await nothing_to_claim(hall)
    assert await hall.queue.knows("a")
    await hall.pass_seconds(0.2)
    assert await claimed(hall.queue, 1) == ["a"]


async def test_a_retry_waits_its_time_and_counts_its_attempts(
    hall: Hall, mock_clock: MockClock
) -> None:
    """Not a moment sooner; meanwhile the key is taken. Its history says what happened."""
    await hall.queue.put(a_job("a"))
    first = await hall.queue.claim()
    await hall.queue.retry(first, 2.0, "engine_crashed")
    assert await depth(hall.queue) == 1
    await hall.pass_seconds(1.9)
    assert await nothing_to_claim(hall)
    await hall.pass_seconds(0.2)
    job = await hall.queue.claim()
    assert job.attempt == 2
    assert [(past.attempt, past.error) for past in job.history] == [(1, "engine_crashed")]
    assert job.fence > first.fence


@pytest.mark.parametrize("room", [1])
async def test_a_retry_is_admitted_to_a_full_queue(hall: Hall, mock_clock: MockClock) -> None:
    """It was accepted long ago."""
    queue = hall.queue
    await queue.put(a_job("a"))
    job = await queue.claim()
    await queue.put(a_job("b"))
    await queue.retry(job, 0.0, "engine_crashed")
    assert await depth(queue) == 2


async def test_each_claim_of_a_key_has_a_higher_fence(hall: Hall, mock_clock: MockClock) -> None:
    """Attempts of one job and jobs that follow each other alike: the latest has the last word."""
    fences = []
    for _ in range(3):
        await hall.queue.put(a_job("a"))
        job = await hall.queue.claim()
        fences.append(job.fence)
        await hall.queue.retry(job, 0.0, "engine_crashed")
        job = await hall.queue.claim()
        fences.append(job.fence)
        await hall.queue.finish(job)
    assert fences == sorted(set(fences))


async def test_whoever_lost_a_job_settles_nothing(hall: Hall, mock_clock: MockClock) -> None:
    """The old claim neither finishes nor retries nor buries what the new one holds."""
    await hall.queue.put(a_job("a"))
    old = await hall.queue.claim()
    await hall.queue.retry(old, 0.0, "engine_crashed")
    new = await hall.queue.claim()
    await hall.queue.finish(old)
    await hall.queue.retry(old, 0.0, "again")
    await hall.queue.bury(old, "never")
    assert (await hall.queue.standing())[JobKind.GENERATE_ROUTE].running == 1
    assert await waiting(hall.queue) == 0
    assert (await hall.office.page(JobState.DEAD, None, PageRequest())).items == []
    await hall.queue.finish(new)
    assert not await hall.queue.knows("a")


async def test_a_waiting_job_is_cancelled_by_taking_it_away(
    hall: Hall, mock_clock: MockClock
) -> None:
    """A delayed one too; what was never there does no harm."""
    await hall.queue.put(a_job("a"))
    await hall.queue.put(a_job("b"))
    await hall.queue.retry(await hall.queue.claim(), 5.0, "engine_crashed")
    for key in "abc":
        await hall.queue.cancel(key)
    assert await depth(hall.queue) == 0
    assert not await hall.queue.knows("a")
    assert await nothing_to_claim(hall)


async def test_a_runner_hears_that_its_job_is_cancelled(hall: Hall, mock_clock: MockClock) -> None:
    """And the job is not tried again, though the runner says it failed."""
    await hall.queue.put(a_job("a"))
    job = await hall.queue.claim()
    heard = trio.Event()
    hall.queue.when_cancelled(job, heard.set)
    await hall.settle()
    assert not heard.is_set()
    await hall.queue.cancel("a")
    await heard.wait()
    late = trio.Event()
    hall.queue.when_cancelled(job, late.set)
    assert late.is_set(), "whoever asks too late hears it at once"
    await hall.queue.retry(job, 0.0, "engine_crashed")
    assert await nothing_to_claim(hall)
    assert not await hall.queue.knows("a")


async def test_a_wish_that_comes_after_the_cancelling_is_served(
    hall: Hall, mock_clock: MockClock
) -> None:
    """Somebody else wants the same while the first one's run is being stopped."""
    await hall.queue.put(a_job("a"))
    job = await hall.queue.claim()
    await hall.queue.cancel("a")
    await hall.queue.put(a_job("a"))
    await hall.queue.finish(job)
    assert await claimed(hall.queue, 1) == ["a"]


async def test_a_buried_job_holds_nobody_up(hall: Hall, mock_clock: MockClock) -> None:
    """Its key is free again, and the queue does not try it by itself."""
    await hall.queue.put(a_job("a"))
    await hall.queue.bury(await hall.queue.claim(), "engine_crashed")
    assert await depth(hall.queue) == 0
    assert await nothing_to_claim(hall)
    await hall.queue.put(a_job("a"))
    assert await claimed(hall.queue, 1) == ["a"]


async def test_a_dead_letter_tells_its_whole_history(hall: Hall, mock_clock: MockClock) -> None:
    """Every attempt: which, why, and where."""
    await hall.queue.put(a_job("a"))
    for error in ("stumbled", "slipped"):
        await hall.queue.retry(await hall.queue.claim(), 0.0, error)
    await hall.queue.bury(await hall.queue.claim(), "fell")
    (letter,) = (await hall.office.page(JobState.DEAD, None, PageRequest())).items
    assert [(past.attempt, past.error) for past in letter.job.history] == [
        (1, "stumbled"),
        (2, "slipped"),
        (3, "fell"),
    ]
    assert all(past.worker for past in letter.job.history)


async def test_a_periodic_job_is_put_once_a_period(hall: Hall, mock_clock: MockClock) -> None:
    """Whoever asks, however often, finished or not."""
    job = a_job("tidy", JobKind.MAINTENANCE)
    # Periods are counted from 1970: the test begins at the start of one.
    assert [await hall.queue.put_each(job, 1e6) for _ in range(3)] == [True, False, False]
    await hall.queue.finish(await hall.queue.claim())
    assert await hall.queue.put_each(job, 1e6) is False
    await hall.pass_seconds(1e6)
    assert await hall.queue.put_each(job, 1e6) is True
    assert await claimed(hall.queue, 1) == ["tidy"]


async def test_the_standing_says_how_much_there_is_to_do(hall: Hall, mock_clock: MockClock) -> None:
    """What a scaler looks at: waiting, delayed, running, and the age of the oldest."""
    await hall.queue.put(a_job("a"))
    await hall.pass_seconds(3)
    await hall.queue.put(a_job("b"))
    await hall.queue.put(a_job("c"), after_seconds=60)
    await hall.queue.put(a_job("story", JobKind.ENRICHMENT))
    standing = await hall.queue.standing()
    walks = standing[JobKind.GENERATE_ROUTE]
    assert (walks.waiting, walks.delayed, walks.running) == (2, 1, 0)
    assert 3.0 <= walks.oldest_waiting_seconds < 33.0
    assert standing[JobKind.ENRICHMENT].waiting == 1
    await hall.queue.claim()
    walks = (await hall.queue.standing())[JobKind.GENERATE_ROUTE]
    assert (walks.waiting, walks.running) == (1, 1)
    assert walks.oldest_waiting_seconds < 30.0


class Model:
    """A slow, obvious queue: keys that wait, keys that run, what is to run once more."""

    def __init__(self) -> None:
        self.waiting: list[str] = []
        self.running: dict[str, Job] = {}
        self.once_more: set[str] = set()
        self.stopped: set[str] = set()

    async def step(self, queue: JobQueue, step: str, key: str) -> None:
        """Takes the step here and there."""
        match step:
            case "put":
                await queue.put(a_job(key))
                self.put(key)
            case "claim" if self.waiting:
                job = await queue.claim()
                assert job.key == self.waiting.pop(0)
                self.running[job.key] = job
            case "finish" if key in self.running:
                await queue.finish(self.running[key])
                self.ended(key, again=False)
            case "retry" if key in self.running:
                await queue.retry(self.running[key], 0.0, "engine_crashed")
                self.ended(key, again=key not in self.stopped)
            case "cancel":
                await queue.cancel(key)
                self.cancel(key)
        assert await depth(queue) == len(self.waiting)

    def put(self, key: str) -> None:
        if key in self.running:
            self.once_more.add(key)
        elif key not in self.waiting:
            self.waiting.append(key)

    def cancel(self, key: str) -> None:
        self.waiting = [other for other in self.waiting if other != key]
        self.once_more.discard(key)
        self.stopped |= {key} & self.running.keys()

    def ended(self, key: str, *, again: bool) -> None:
        del self.running[key]
        if again or key in self.once_more:
            self.waiting.append(key)
        self.once_more.discard(key)
        self.stopped.discard(key)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "claim", "finish", "retry", "cancel"]), st.sampled_from("ab")
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(steps=STEPS)
@example(steps=[("put", "a"), ("claim", "a"), ("cancel", "a"), ("put", "a"), ("retry", "a")])
def test_no_job_is_lost_or_doubled_whatever_happens_to_it(steps: list[tuple[str, str]]) -> None:
    """Against a model, step by step; one of the stories is a bug that was."""

    async def story() -> None:
        async with memory_hall(MockClock()) as hall:
            model = Model()
            for step, key in steps:
                await model.step(hall.queue, step, key)

    trio.run(story, clock=MockClock())


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
@example(steps=[("put", "a"), ("claim", "a"), ("cancel", "a"), ("put", "a"), ("retry", "a")])
def test_no_job_in_a_file_is_lost_or_doubled_either(steps: list[tuple[str, str]]) -> None:
    """The same stories over SQLite."""

    async def story() -> None:
        with TemporaryDirectory() as folder, sqlite_hall(Path(folder), clock) as hall:
            model = Model()
            for step, key in steps:
                await model.step(hall.queue, step, key)

    clock = MockClock()
    trio.run(story, clock=clock)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
@example(steps=[("put", "a"), ("claim", "a"), ("cancel", "a"), ("put", "a"), ("retry", "a")])
def test_no_job_in_redis_is_lost_or_doubled_either(
    redis_server: RedisServer, steps: list[tuple[str, str]]
) -> None:
    """The same stories over the real thing."""

    async def story() -> None:
        redis_server.admin().flushall()
        async with redis_hall(redis_server, clock, QueueRules()) as hall:
            model = Model()
            for step, key in steps:
                await model.step(hall.queue, step, key)

    clock = MockClock()
    trio.run(story, clock=clock)
