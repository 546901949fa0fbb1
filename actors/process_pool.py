"""Calls to child processes: bounded, by priority, each with a deadline; children are expendable."""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import trio
from trio.lowlevel import Abort, RaiseCancelT, wait_task_rescheduled

from actors.alarms import AlarmClock
from actors.errors import ActorError, PoolFull, WorkerDied, WorkerTimedOut
from actors.mailbox import Asker
from actors.pool_worker import PoolWorker, WorkerSetup, WorkerVitals
from actors.process_link import frame_bytes
from actors.restart_policy import Backoff
from actors.specs import TaskStatus

RESTART_WAIT = Backoff(first_seconds=0.2, most_seconds=30)


def _keep_quiet(_pid: int, _line: str, _trace: str | None) -> None:
    """The log of those who keep none."""


@dataclass(frozen=True)
class PoolVitals:
    """What can be seen of a pool: `waiting` calls queue for a child, `restarts` replaced one."""

    size: int
    busy: int
    waiting: int
    calls: int
    restarts: int
    workers: tuple[WorkerVitals, ...]


class Call(Asker):
    """One call: waiting in the queue, then with a child, until its answer or its deadline."""

    __slots__ = ("_pool", "deadline_seconds", "number", "on_progress", "payload", "trace", "worker")

    def __init__(
        self,
        pool: "ProcessPool",
        number: int,
        payload: bytes,
        deadline_seconds: float,
        on_progress: Callable[[object], None] | None,
        trace: str | None,
    ) -> None:
        super().__init__()
        self._pool = pool
        self.number = number
        self.payload = payload
        self.deadline_seconds = deadline_seconds
        self.on_progress = on_progress
        self.trace = trace
        self.worker: PoolWorker | None = None

    def expire(self) -> None:
        """Its deadline passed: the child that works on it is killed."""
        where = "waiting for a child" if self.worker is None else f"in child {self.worker.pid}"
        if self.worker is not None:
            self.worker.kill("worked past the deadline of its call")
        self.fail(WorkerTimedOut(f"no answer in {self.deadline_seconds} s, {where}"))
        self._pool.call_left(self)

    def abandon(self, reason: RaiseCancelT) -> Abort:
        """The caller was cancelled: the child is told, and killed when it does not heed."""
        if self.worker is not None:
            self.worker.cancel_call()
        super().abandon(reason)
        self._pool.call_left(self)
        return Abort.SUCCEEDED


class ProcessPool:
    """`size` child processes that answer calls; run it as a child of a supervisor.

    `worker` names a factory, "package.module:function"; in the child `function(*arguments)` makes
    the handler, and `handler(request, report, cancelled)` answers. `report(progress)` reaches the
    caller's `on_progress`; `cancelled()` turns true when the caller has left.

    A child is replaced when it dies, outlives a deadline, goes silent for several heartbeats, grows
    over `memory_limit_bytes`, or has served `recycle_after_calls` or grown over `recycle_above_bytes`.
    Its printed lines go to `log(pid, line, trace)`, with the trace of the call it works on.
    """

    def __init__(
        self,
        worker: str,
        arguments: tuple[object, ...] = (),
        *,
        size: int = 2,
        queue_capacity: int = 64,
        memory_limit_bytes: int | None = None,
        recycle_after_calls: int | None = None,
        recycle_above_bytes: int | None = None,
        heartbeat_seconds: float = 1.0,
        grace_seconds: float = 1.0,
        start_seconds: float = 60.0,
        log: Callable[[int, str, str | None], None] | None = None,
        dice: Random | None = None,
    ) -> None:
        if size < 1 or queue_capacity < 0:
            raise ValueError("a pool has one child at least, and no negative queue")
        self.size = size
        self._queue_capacity = queue_capacity
        self._setup = WorkerSetup(
            worker=worker,
            memory_limit_bytes=memory_limit_bytes,
            recycle_after_calls=recycle_after_calls,
            recycle_above_bytes=recycle_above_bytes,
            heartbeat_seconds=heartbeat_seconds,
            grace_seconds=grace_seconds,
            start_seconds=start_seconds,
            log=log or _keep_quiet,
        )
        self._arguments_payload = frame_bytes(arguments)
        self._dice = dice or Random()
        self._numbers = itertools.count(1)
        self._queue: list[tuple[int, int, Call]] = []
        self._queued = 0
        self._workers: list[PoolWorker] = []
        self._idle: list[PoolWorker] = []
        self._fresh: list[PoolWorker] = []  # of the next generation, not yet in service
        self._fresh_failure: ActorError | None = None
        self._start_failure: ActorError | None = None
        self._calls = self._restarts = 0
        self._failed_starts = self._failed_starts_in_row = 0
        self._changed = trio.Event()
        self._nursery: trio.Nursery | None = None
        self._alarms: AlarmClock | None = None
        self._swapping = trio.Lock()

    async def run(self, task_status: TaskStatus | None = None) -> None:
        """Keep the children until cancelled; WorkerFailed or WorkerDied when the first do not start."""
        failure: ActorError | None = None
        try:
            async with trio.open_nursery() as self._nursery:
                self._alarms = AlarmClock(trio.lowlevel.current_clock().current_time)
                self._nursery.start_soon(self._alarms.run)
                self._nursery.start_soon(self._watch_health, self._alarms)
                for _ in range(self.size):
                    self._hire()
                try:
                    await self.ready()
                except ActorError as error:
                    failure = error
                    self._nursery.cancel_scope.cancel()
                if task_status is not None:
                    task_status.started()
        finally:
            self._nursery = self._alarms = None
            self._close()
        if failure is not None:
            raise failure

    async def ready(self) -> None:
        """Wait until every child can take calls; raises why one did not start."""
        failures_before = self._failed_starts
        while True:
            if self._nursery is None:
                raise WorkerDied("the pool is not running")
            if sum(worker.ready and not worker.retiring for worker in self._workers) >= self.size:
                return
            if self._failed_starts > failures_before and self._start_failure is not None:
                raise self._start_failure
            await self._changed.wait()

    async def call(
        self,
        request: object,
        *,
        deadline_seconds: float,
        priority: int = 0,
        on_progress: Callable[[object], None] | None = None,
        trace: str | None = None,
    ) -> object:
        """Answer `request` in a child; higher `priority` first, then first come first served.

        PoolFull when the queue has no room; WorkerTimedOut when no answer came within
        `deadline_seconds`, queueing included; WorkerDied when the child died over it; WorkerFailed
        when the handler raised. Cancelling it cancels the work in the child.
        """
        if self._alarms is None:
            raise WorkerDied("the pool is not running")
        number = next(self._numbers)
        payload = frame_bytes("call", number, request)
        call = Call(self, number, payload, deadline_seconds, on_progress, trace)
        if self._idle:
            self._hand_over(call, self._idle.pop())
        else:
            self._line_up(call, priority)
        self._alarms.watch(call, deadline_seconds)
        return await wait_task_rescheduled(call.abandon)

    async def swap_arguments(self, *arguments: object) -> None:
        """Let children with other arguments take over; calls in hand end on the old ones.

        All new children are ready before the first old one leaves, so answers are never mixed and
        both generations are in memory for a moment. WorkerFailed or WorkerDied when a new child
        does not start: then the old ones stay.
        """
        payload = frame_bytes(arguments)
        async with self._swapping:
            self._fresh = [self._start_worker(payload) for _ in range(self.size)]
            try:
                await self._until_fresh_are_ready()
                self._take_over(payload)
            finally:
                for worker in self._fresh:
                    worker.retire()
                self._fresh = []

    def vitals(self) -> PoolVitals:
        """What can be seen of it now."""
        workers = tuple(worker.vitals for worker in self._workers)
        return PoolVitals(
            size=self.size,
            busy=sum(worker.busy for worker in workers),
            waiting=self._queued,
            calls=self._calls,
            restarts=self._restarts,
            workers=workers,
        )

    # What children and calls report.

    def worker_free(self, worker: PoolWorker) -> None:
        """It started, or has ended a call."""
        self._announce()
        if worker in self._fresh:
            return  # its time comes when all of its generation are ready
        self._failed_starts_in_row = 0
        if worker.is_worn():
            worker.retire()
            self._restarts += 1
            self._hire()
            return
        call = self._next_call()
        if call is None:
            self._idle.append(worker)
        else:
            self._hand_over(call, worker)

    def worker_ended(self, worker: PoolWorker) -> None:
        """Its process is gone and reaped; someone takes its place unless it had retired."""
        if worker in self._idle:
            self._idle.remove(worker)
        if worker in self._workers:
            self._workers.remove(worker)
        if worker in self._fresh:
            self._fresh_failure = worker.failure
        elif not worker.retiring and self._nursery is not None:
            self._restarts += 1
            self._nursery.start_soon(self._replace, worker)
        if not worker.ready:
            self._failed_starts += 1
            self._start_failure = worker.failure
        self._announce()

    def call_left(self, call: Call) -> None:
        """Its caller waits no more."""
        if call.worker is None:
            self._queued -= 1

    # Small steps.

    def _start_worker(self, payload: bytes) -> PoolWorker:
        if self._nursery is None or self._alarms is None:
            raise WorkerDied("the pool is not running")
        worker = PoolWorker(self._setup, self, self._alarms)
        self._nursery.start_soon(worker.run, payload)
        return worker

    def _hire(self) -> None:
        self._workers.append(self._start_worker(self._arguments_payload))

    async def _replace(self, worker: PoolWorker) -> None:
        # When the pool itself is ending, its children's ends call for nobody new.
        await trio.lowlevel.checkpoint_if_cancelled()
        if not worker.ready:
            # It may be the arguments' fault: a child that cannot start is not tried in a tight loop.
            self._failed_starts_in_row += 1
            await trio.sleep(RESTART_WAIT.wait_seconds(self._failed_starts_in_row, self._dice))
        if sum(not other.retiring for other in self._workers) < self.size:
            self._hire()

    async def _until_fresh_are_ready(self) -> None:
        self._fresh_failure = None
        while self._fresh_failure is None:
            if all(worker.ready for worker in self._fresh):
                return
            await self._changed.wait()
        raise self._fresh_failure

    def _take_over(self, payload: bytes) -> None:
        old, self._workers = self._workers, self._fresh
        self._arguments_payload = payload
        self._fresh = []
        self._idle.clear()
        for worker in self._workers:
            self.worker_free(worker)
        for worker in old:
            worker.retire()
        # They stay in sight until they have ended.
        self._workers = [*self._workers, *old]

    def _line_up(self, call: Call, priority: int) -> None:
        if self._queued >= self._queue_capacity:
            raise PoolFull(f"{self._queued} calls wait already")
        if len(self._queue) > 2 * self._queue_capacity:
            # Callers that left are only skipped at the head; do not let them pile up behind it.
            self._queue = [entry for entry in self._queue if entry[2].waiting]
            heapq.heapify(self._queue)
        heapq.heappush(self._queue, (-priority, call.number, call))
        self._queued += 1

    def _next_call(self) -> Call | None:
        while self._queue:
            call = heapq.heappop(self._queue)[2]
            if call.waiting:
                self._queued -= 1
                return call
        return None

    def _hand_over(self, call: Call, worker: PoolWorker) -> None:
        self._calls += 1
        worker.take(call)

    def _announce(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    def _close(self) -> None:
        """Nobody is left waiting for a pool that has ended."""
        while (call := self._next_call()) is not None:
            call.fail(WorkerDied("the pool ended before the call had its turn"))
        self._idle.clear()
        self._announce()

    async def _watch_health(self, alarms: AlarmClock) -> None:
        every = self._setup.heartbeat_seconds
        while True:
            looked_at = alarms.clock()
            await trio.sleep(every)
            now = alarms.clock()
            late = now - looked_at > 2 * every
            for worker in (*self._workers, *self._fresh):
                if late:
                    # It was this process that stood still; the beats lie unread in the sockets.
                    worker.heard_at = now
                else:
                    worker.check_health(now)
            for worker in [worker for worker in self._idle if worker.is_worn()]:
                self._idle.remove(worker)
                worker.retire()
                self._restarts += 1
                self._hire()
