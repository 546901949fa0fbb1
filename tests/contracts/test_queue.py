"""What every queue promises, on a virtual clock."""

from collections.abc import Callable

import pytest
import trio
from hypothesis import example, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock, wait_all_tasks_blocked

from wildside.domain.errors import Unavailable
from wildside.domain.jobs import Job, JobKind
from wildside.outbound.queue.memory import MemoryQueue
from wildside.ports import JobQueue


@pytest.fixture(params=["memory"])
def make_queue(request: pytest.FixtureRequest) -> Callable[[int], JobQueue]:
    """Makes an empty queue of each kind with so much room."""
    return MemoryQueue


def a_job(key: str, kind: JobKind = JobKind.GENERATE_ROUTE) -> Job:
    return Job(key, kind, {"fingerprint": key})


async def claimed(queue: JobQueue, count: int) -> list[str]:
    """The keys of the next jobs, all of which must be there."""
    keys = []
    for _ in range(count):
        with trio.fail_after(0):
            keys.append((await queue.claim()).key)
    return keys


async def nothing_to_claim(queue: JobQueue) -> bool:
    with trio.move_on_after(0) as scope:
        await queue.claim()
    return scope.cancelled_caught


async def test_jobs_are_claimed_in_the_order_they_came(
    make_queue: Callable[[int], JobQueue],
) -> None:
    """Within one kind, first come, first served."""
    queue = make_queue(10)
    for key in "abc":
        await queue.put(a_job(key))
    assert await claimed(queue, 3) == ["a", "b", "c"]


async def test_walkers_come_before_enrichment_and_that_before_maintenance(
    make_queue: Callable[[int], JobQueue],
) -> None:
    """Somebody is waiting for a walk; nobody waits for the tidying."""
    queue = make_queue(10)
    await queue.put(a_job("tidy", JobKind.MAINTENANCE))
    await queue.put(a_job("story", JobKind.ENRICHMENT))
    await queue.put(a_job("walk"))
    assert await claimed(queue, 3) == ["walk", "story", "tidy"]


async def test_what_has_waited_long_is_served_though_walkers_never_stop_coming(
    make_queue: Callable[[int], JobQueue], autojump_clock: MockClock
) -> None:
    """After half a minute a story comes before a walker who has just arrived."""
    queue = make_queue(10)
    await queue.put(a_job("story", JobKind.ENRICHMENT))
    await trio.sleep(31)
    await queue.put(a_job("walk"))
    assert await claimed(queue, 2) == ["story", "walk"]


async def test_a_claim_waits_for_a_job(
    make_queue: Callable[[int], JobQueue], nursery: trio.Nursery
) -> None:
    """Two runners wait; one job wakes one of them."""
    queue = make_queue(10)
    got: list[str] = []

    async def run() -> None:
        got.append((await queue.claim()).key)

    nursery.start_soon(run)
    nursery.start_soon(run)
    await wait_all_tasks_blocked()
    await queue.put(a_job("a"))
    await wait_all_tasks_blocked()
    assert got == ["a"]
    nursery.cancel_scope.cancel()


async def test_a_full_queue_refuses_and_says_when_to_come_back(
    make_queue: Callable[[int], JobQueue],
) -> None:
    """503 with Retry-After instead of an endless wait; a claimed job makes room."""
    queue = make_queue(2)
    await queue.put(a_job("a"))
    await queue.put(a_job("b"))
    with pytest.raises(Unavailable) as refusal:
        await queue.put(a_job("c"))
    assert refusal.value.retry_after_seconds > 0
    with pytest.raises(Unavailable):
        queue.expect_room()
    await queue.claim()
    queue.expect_room()
    await queue.put(a_job("c"))
    assert queue.depth() == 2


async def test_a_key_waits_once(make_queue: Callable[[int], JobQueue]) -> None:
    """A thousand equal wishes are one job, even where the queue is full."""
    queue = make_queue(1)
    await queue.put(a_job("a"))
    await queue.put(a_job("a"))
    assert queue.depth() == 1
    assert await claimed(queue, 1) == ["a"]
    assert await nothing_to_claim(queue)


async def test_a_job_put_while_it_runs_runs_once_more(
    make_queue: Callable[[int], JobQueue],
) -> None:
    """The wish came too late for the run under way, so it must not be lost with it."""
    queue = make_queue(10)
    await queue.put(a_job("a"))
    job = await queue.claim()
    await queue.put(a_job("a"))
    assert await nothing_to_claim(queue)
    await queue.finish(job)
    assert await claimed(queue, 1) == ["a"]


async def test_a_finished_job_may_come_again(make_queue: Callable[[int], JobQueue]) -> None:
    """Keys are unique among unfinished jobs only."""
    queue = make_queue(10)
    await queue.put(a_job("a"))
    await queue.finish(await queue.claim())
    assert not await queue.knows("a")
    await queue.put(a_job("a"))
    assert await queue.knows("a")
    assert await claimed(queue, 1) == ["a"]


async def test_a_retry_waits_its_time_and_counts_its_attempts(
    make_queue: Callable[[int], JobQueue], autojump_clock: MockClock
) -> None:
    """Not a moment sooner; meanwhile the key is taken."""
    queue = make_queue(10)
    await queue.put(a_job("a"))
    begun_at = trio.current_time()
    await queue.retry(await queue.claim(), 2.0, "engine_crashed")
    assert queue.depth() == 1
    assert await nothing_to_claim(queue)
    job = await queue.claim()
    assert trio.current_time() == begun_at + 2.0
    assert job.attempt == 2


async def test_a_retry_is_admitted_to_a_full_queue(make_queue: Callable[[int], JobQueue]) -> None:
    """It was accepted long ago."""
    queue = make_queue(1)
    await queue.put(a_job("a"))
    job = await queue.claim()
    await queue.put(a_job("b"))
    await queue.retry(job, 0.0, "engine_crashed")
    assert queue.depth() == 2


async def test_a_waiting_job_is_cancelled_by_taking_it_away(
    make_queue: Callable[[int], JobQueue],
) -> None:
    """A delayed one too; what was never there does no harm."""
    queue = make_queue(10)
    await queue.put(a_job("a"))
    await queue.put(a_job("b"))
    await queue.retry(await queue.claim(), 5.0, "engine_crashed")
    await queue.cancel("a")
    await queue.cancel("b")
    await queue.cancel("c")
    assert queue.depth() == 0
    assert not await queue.knows("a")
    assert await nothing_to_claim(queue)


async def test_a_runner_hears_that_its_job_is_cancelled(
    make_queue: Callable[[int], JobQueue], nursery: trio.Nursery
) -> None:
    """And the job is not tried again, though the runner says it failed."""
    queue = make_queue(10)
    await queue.put(a_job("a"))
    job = await queue.claim()
    heard = trio.Event()

    async def run() -> None:
        await queue.cancelled(job)
        heard.set()

    nursery.start_soon(run)
    await wait_all_tasks_blocked()
    assert not heard.is_set()
    await queue.cancel("a")
    await heard.wait()
    await queue.retry(job, 0.0, "engine_crashed")
    assert await nothing_to_claim(queue)


async def test_a_buried_job_holds_nobody_up(make_queue: Callable[[int], JobQueue]) -> None:
    """Its key is free again, and the queue does not try it by itself."""
    queue = make_queue(10)
    await queue.put(a_job("a"))
    await queue.bury(await queue.claim(), "engine_crashed")
    assert queue.depth() == 0
    assert await nothing_to_claim(queue)
    await queue.put(a_job("a"))
    assert await claimed(queue, 1) == ["a"]


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
                with trio.fail_after(0):
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
        assert queue.depth() == len(self.waiting)

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
        queue, model = MemoryQueue(100), Model()
        for step, key in steps:
            await model.step(queue, step, key)

    trio.run(story, clock=MockClock())
