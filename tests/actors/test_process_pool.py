"""The pool's promises, on real processes and the real clock: crashes stay in the child."""

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen

import pytest
import trio
import trio.testing

from actors import (
    ActorSystem,
    Backoff,
    PoolFull,
    ProcessPool,
    Supervisor,
    TaskSpec,
    WorkerDied,
    WorkerFailed,
    WorkerTimedOut,
)
from actors.vitals import Status

WORKER = "tests.actors.child_of_the_pool:make_handler"
LONG_SECONDS = 30.0


@asynccontextmanager
async def running(pool: ProcessPool) -> AsyncIterator[ProcessPool]:
    async with trio.open_nursery() as nursery:
        await nursery.start(run_pool, pool)
        yield pool
        nursery.cancel_scope.cancel()
    assert children() == [], "a child or a zombie was left behind"


async def run_pool(pool: ProcessPool, task_status: trio.TaskStatus[None]) -> None:
    await pool.run(task_status)


def children() -> list[int]:
    """All child processes of this one, zombies included."""
    return [
        int(child)
        for task in Path("/proc/self/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


async def test_a_call_is_answered_in_another_process() -> None:
    """The handler runs elsewhere, with the arguments the pool was given."""
    async with running(ProcessPool(WORKER, ("good morning",), size=2)) as pool:
        assert await pool.call("greet", deadline_seconds=LONG_SECONDS) == "good morning"
        assert await pool.call("pid", deadline_seconds=LONG_SECONDS) != os.getpid()
        assert {worker.calls for worker in pool.vitals().workers} <= {0, 1, 2}
        assert all(worker.rss_bytes > 1_000_000 for worker in pool.vitals().workers)


async def test_large_requests_and_replies_arrive_whole() -> None:
    """Frames far over the socket's buffer go through in both directions."""
    thing = os.urandom(20_000_000)
    async with running(ProcessPool(WORKER, size=1)) as pool:
        assert await pool.call(("echo", thing), deadline_seconds=LONG_SECONDS) == thing


async def test_progress_reaches_the_caller_in_order() -> None:
    """Every report of the handler, before the reply."""
    heard: list[object] = []
    async with running(ProcessPool(WORKER, size=1)) as pool:
        reply = await pool.call(
            ("count", 5), deadline_seconds=LONG_SECONDS, on_progress=heard.append
        )
    assert (heard, reply) == ([0, 1, 2, 3, 4], 5)


@pytest.mark.parametrize(
    ("crash", "said"),
    [
        ("segfault", "SIGSEGV"),
        ("exit", "code 3"),
        ("eat", "memory"),
        ("riddle", "cannot be read"),
    ],
)
async def test_a_crash_ends_one_call_and_the_next_is_answered(crash: str, said: str) -> None:
    """Segfault, os._exit, the memory limit, a reply that cannot be unpickled: the caller hears which, and a fresh child serves."""
    pool = ProcessPool(WORKER, size=1, memory_limit_bytes=400 * 1024 * 1024)
    async with running(pool):
        first = await pool.call("pid", deadline_seconds=LONG_SECONDS)
        with pytest.raises(WorkerDied, match=said):
            await pool.call(crash, deadline_seconds=LONG_SECONDS)
        second = await pool.call("pid", deadline_seconds=LONG_SECONDS)
        assert first != second
        assert pool.vitals().restarts == 1


async def test_a_killed_child_is_replaced() -> None:
    """SIGKILL from outside, as the kernel's OOM killer would, while a call runs."""
    async with running(ProcessPool(WORKER, size=1)) as pool:
        async with trio.open_nursery() as nursery:

            def kill(_: object) -> None:
                os.kill(pool.vitals().workers[0].pid, signal.SIGKILL)

            async def caller() -> None:
                with pytest.raises(WorkerDied, match="SIGKILL"):
                    await pool.call(("hang", 1), deadline_seconds=LONG_SECONDS, on_progress=kill)

            nursery.start_soon(caller)
        assert await pool.call("greet", deadline_seconds=LONG_SECONDS) == "hello"


async def test_a_child_stopped_by_the_system_is_found_by_its_silence() -> None:
    """SIGSTOP: no heartbeat for five beats, so it is killed and its caller told."""
    async with running(ProcessPool(WORKER, size=1, heartbeat_seconds=0.2)) as pool:
        with pytest.raises(WorkerDied, match="silent"):
            await pool.call("stop", deadline_seconds=LONG_SECONDS)
        assert await pool.call("greet", deadline_seconds=LONG_SECONDS) == "hello"


async def test_a_call_past_its_deadline_costs_the_child_its_life() -> None:
    """The caller hears WorkerTimedOut at the deadline; the next call has a fresh child."""
    async with running(ProcessPool(WORKER, size=1)) as pool:
        with pytest.raises(WorkerTimedOut):
            await pool.call(("hang", 1), deadline_seconds=0.05)
        assert await pool.call("greet", deadline_seconds=LONG_SECONDS) == "hello"
        assert pool.vitals().restarts == 1


async def test_a_cancelled_call_stops_the_work_in_a_child_that_heeds() -> None:
    """`cancelled()` turns true; the child lives on and answers the next call."""
    heard: list[object] = []
    async with running(ProcessPool(WORKER, size=1, grace_seconds=LONG_SECONDS)) as pool:
        before = await pool.call("pid", deadline_seconds=LONG_SECONDS)
        with trio.CancelScope() as scope:

            def note(progress: object) -> None:
                heard.append(progress)
                scope.cancel()

            await pool.call("obey", deadline_seconds=LONG_SECONDS, on_progress=note)
        assert scope.cancelled_caught
        assert await pool.call("pid", deadline_seconds=LONG_SECONDS) == before


async def test_a_cancelled_call_that_goes_on_is_killed_after_its_grace() -> None:
    """A handler that never asks `cancelled()` does not keep its child."""
    async with running(ProcessPool(WORKER, size=1, grace_seconds=0.02)) as pool:
        before = await pool.call("pid", deadline_seconds=LONG_SECONDS)
        with trio.CancelScope() as scope:
            await pool.call(
                ("hang", 1), deadline_seconds=LONG_SECONDS, on_progress=lambda _: scope.cancel()
            )
        assert await pool.call("pid", deadline_seconds=LONG_SECONDS) != before


async def test_the_queue_is_bounded_and_serves_by_priority() -> None:
    """A call too many is refused at once; the rest go by priority, then by their turn."""
    order: list[object] = []
    pool = ProcessPool(WORKER, size=1, queue_capacity=3)

    async def ask(name: str, priority: int) -> None:
        # By its report, not its reply: callers whose replies come together wake in any order.
        await pool.call(
            ("say", name),
            deadline_seconds=LONG_SECONDS,
            priority=priority,
            on_progress=order.append,
        )

    async with running(pool), trio.open_nursery() as nursery:
        busy = trio.Event()
        scope = trio.CancelScope()

        async def occupy() -> None:
            with scope:
                await pool.call(
                    "obey", deadline_seconds=LONG_SECONDS, on_progress=lambda _: busy.set()
                )

        nursery.start_soon(occupy)
        await busy.wait()
        for name, priority in (("later", 0), ("low", -1), ("urgent", 5)):
            nursery.start_soon(ask, name, priority)
            await trio.testing.wait_all_tasks_blocked()
        assert pool.vitals().waiting == 3
        with pytest.raises(PoolFull):
            await pool.call("noop", deadline_seconds=LONG_SECONDS)
        scope.cancel()
    assert order == ["urgent", "later", "low"]


async def test_the_handlers_error_keeps_its_name_and_text() -> None:
    """WorkerFailed carries the class, the message and the child's traceback; the child lives."""
    async with running(ProcessPool(WORKER, size=1)) as pool:
        with pytest.raises(WorkerFailed, match="ValueError: bad question") as failure:
            await pool.call("raise", deadline_seconds=LONG_SECONDS)
        assert "child_of_the_pool" in failure.value.remote_traceback
        with pytest.raises(WorkerFailed):
            await pool.call("unpicklable", deadline_seconds=LONG_SECONDS)
        assert pool.vitals().restarts == 0


async def test_a_childs_lines_reach_the_log_with_the_calls_trace() -> None:
    """What a handler prints, on either stream, is told line by line."""
    lines: list[tuple[str, str | None]] = []
    heard = trio.Event()

    def log(pid: int, line: str, trace: str | None) -> None:
        lines.append((line, trace))
        if len(lines) == 2:
            heard.set()

    async with running(ProcessPool(WORKER, size=1, log=log)) as pool:
        assert await pool.call("print", deadline_seconds=LONG_SECONDS, trace="t-1") == "printed"
        await heard.wait()
    assert sorted(line for line, _ in lines) == ["on stderr", "on stdout"]


async def test_children_are_recycled_after_their_calls() -> None:
    """Two calls a child: five calls are served by three processes."""
    async with running(ProcessPool(WORKER, size=1, recycle_after_calls=2)) as pool:
        pids = [await pool.call("pid", deadline_seconds=LONG_SECONDS) for _ in range(5)]
    assert len(set(pids)) == 3


async def test_new_arguments_take_over_while_an_old_call_runs() -> None:
    """The running call ends on the old child; calls from then on are answered by new ones."""
    pool = ProcessPool(WORKER, ("old",), size=1)
    async with running(pool), trio.open_nursery() as nursery:
        busy = trio.Event()
        scope = trio.CancelScope()

        async def occupy() -> None:
            with scope:
                await pool.call(
                    "obey", deadline_seconds=LONG_SECONDS, on_progress=lambda _: busy.set()
                )

        nursery.start_soon(occupy)
        await busy.wait()
        await pool.swap_arguments("new")
        assert await pool.call("greet", deadline_seconds=LONG_SECONDS) == "new"
        scope.cancel()


async def test_arguments_that_do_not_start_leave_the_old_children_in_place() -> None:
    """WorkerFailed comes out of the swap, and the pool goes on as before."""
    async with running(ProcessPool(WORKER, ("old",), size=2)) as pool:
        with pytest.raises(WorkerFailed, match="no map here"):
            await pool.swap_arguments("broken")
        assert await pool.call("greet", deadline_seconds=LONG_SECONDS) == "old"


@pytest.mark.parametrize(("greeting", "error"), [("broken", WorkerFailed), ("deadly", WorkerDied)])
async def test_a_pool_whose_children_cannot_start_says_why(
    greeting: str, error: type[Exception]
) -> None:
    """`run` ends with the first child's failure, for its supervisor to judge."""
    with pytest.raises(error):
        await ProcessPool(WORKER, (greeting,), size=2).run()
    assert children() == []


PARENT = """
import trio
from actors import ProcessPool
async def main():
    # No heartbeat for ten minutes: nothing in the child will notice by itself that it is alone.
    pool = ProcessPool("tests.actors.child_of_the_pool:make_handler", size=2, heartbeat_seconds=600)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pool.run)
        await trio.testing.wait_all_tasks_blocked()
        await pool.ready()
        pids = [worker.pid for worker in pool.vitals().workers]
        tell = lambda progress: print(*pids, flush=True)
        await pool.call(("hang", 1), deadline_seconds=600, on_progress=tell)
import trio.testing
trio.run(main)
"""


async def test_children_die_with_a_parent_that_is_killed() -> None:
    """SIGKILL of the parent, a child in the midst of work: no orphan goes on."""
    parent = Popen(  # noqa: ASYNC220 - nothing else runs in this test
        [sys.executable, "-c", PARENT], stdout=PIPE, stderr=DEVNULL, cwd=Path(__file__).parents[2]
    )
    assert parent.stdout is not None
    orphans = [int(word) for word in parent.stdout.readline().split()]
    ends = [os.pidfd_open(pid) for pid in orphans]
    assert len(orphans) == 2
    parent.kill()
    parent.wait()
    parent.stdout.close()
    with trio.fail_after(LONG_SECONDS):
        for end in ends:
            try:
                await trio.lowlevel.wait_readable(end)
            finally:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(end, signal.SIGKILL)
                os.close(end)


async def test_an_error_in_the_callers_own_callback_is_the_callers() -> None:
    """`on_progress` raising ends that call and its work; the child and the pool go on."""
    async with running(ProcessPool(WORKER, size=1, grace_seconds=LONG_SECONDS)) as pool:
        before = await pool.call("pid", deadline_seconds=LONG_SECONDS)

        def stumble(_: object) -> None:
            raise LookupError

        with pytest.raises(LookupError):
            await pool.call("obey", deadline_seconds=LONG_SECONDS, on_progress=stumble)
        assert await pool.call("pid", deadline_seconds=LONG_SECONDS) == before


async def test_a_call_waiting_in_the_queue_past_its_deadline_kills_nobody() -> None:
    """WorkerTimedOut says that it waited; the child at work is left in peace."""
    async with running(ProcessPool(WORKER, size=1)) as pool, trio.open_nursery() as nursery:
        busy = trio.Event()

        async def occupy() -> None:
            await pool.call("obey", deadline_seconds=LONG_SECONDS, on_progress=lambda _: busy.set())

        nursery.start_soon(occupy)
        await busy.wait()
        with pytest.raises(WorkerTimedOut, match="waiting for a child"):
            await pool.call("greet", deadline_seconds=0.01)
        assert pool.vitals().waiting == 0
        assert pool.vitals().restarts == 0
        nursery.cancel_scope.cancel()


async def test_a_pool_lives_in_a_tree_and_ends_with_it() -> None:
    """As a task child: up when its children are, restarted whole when it crashes, no one left behind."""
    pool = ProcessPool(WORKER, size=2)
    tree = Supervisor("house", (TaskSpec("pool", pool.run),), backoff=Backoff(0, jitter=0))
    async with ActorSystem(tree) as system:
        first = {worker.pid for worker in pool.vitals().workers}
        assert await pool.call("greet", deadline_seconds=LONG_SECONDS) == "hello"
        place = system.root.children["pool"]
        place.kill(RuntimeError("on demand"))
        await place.wait_life_end()
        assert children() == [], "the old life left somebody behind"
        while place.status is not Status.RUNNING:
            await place.wait_change()
        assert first.isdisjoint(worker.pid for worker in pool.vitals().workers)
        assert await pool.call("greet", deadline_seconds=LONG_SECONDS) == "hello"
    with pytest.raises(WorkerDied, match="not running"):
        await pool.call("greet", deadline_seconds=LONG_SECONDS)
    assert children() == []


async def test_hundreds_of_troubled_calls_leave_no_zombie() -> None:
    """Crashes, deadlines and cancellations mixed: every caller hears an end, every child is reaped."""
    pool = ProcessPool(WORKER, size=2, queue_capacity=40, grace_seconds=0.01)
    heard = 0

    async def one_caller(number: int) -> None:
        nonlocal heard
        for turn in range(10):
            request: object = ["noop", "pid", ("echo", number), "raise", "noop"][
                (number + turn) % 5
            ]
            if (number, turn) in {(3, 3), (7, 6)}:
                request = "exit"
            if (number, turn) == (5, 5):
                request = ("hang", 1)
            with suppress(WorkerDied, WorkerFailed, WorkerTimedOut):
                await pool.call(request, deadline_seconds=0.2 if request == ("hang", 1) else 30)
            heard += 1

    async with running(pool), trio.open_nursery() as nursery:
        for number in range(40):
            nursery.start_soon(one_caller, number)
    assert heard == 400
