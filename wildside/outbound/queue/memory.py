"""Jobs in this process: what they are for is stored elsewhere, so a restart makes them anew."""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass, field, replace
from enum import Enum, auto

import trio

from wildside.domain.errors import Unavailable
from wildside.domain.jobs import Job, JobKind

MOST_WAITING = 1000
MOST_BURIED = 1000
RETRY_AFTER_SECONDS = 5
# A kind waits as if it had come so much later: walkers first, but whatever waits long enough is
# served even when walkers never stop coming.
HANDICAP_SECONDS = {
    JobKind.GENERATE_ROUTE: 0.0,
    JobKind.ENRICHMENT: 30.0,
    JobKind.MAINTENANCE: 300.0,
}


class _State(Enum):
    WAITING = auto()
    RUNNING = auto()


@dataclass(eq=False)
class _Entry:
    job: Job
    state: _State = _State.WAITING
    once_more: Job | None = None
    cancelled: trio.Event = field(default_factory=trio.Event)


@dataclass(frozen=True, slots=True)
class BuriedJob:
    """A job given up, and why."""

    job: Job
    error: str


class MemoryQueue:
    """At most `room` jobs wait; more are refused, retries excepted."""

    def __init__(self, room: int = MOST_WAITING) -> None:
        self._room = room
        self._entries: dict[str, _Entry] = {}
        self._ready: list[tuple[float, int, _Entry]] = []
        self._delayed: list[tuple[float, int, _Entry]] = []
        self._count = 0
        self._waiting = 0
        self._changed = trio.Event()
        self.buried: deque[BuriedJob] = deque(maxlen=MOST_BURIED)

    def depth(self) -> int:
        """How many jobs wait, delayed ones included."""
        return self._waiting

    def running(self) -> int:
        """How many jobs are claimed."""
        return len(self._entries) - self._waiting

    def expect_room(self) -> None:
        """Raises Unavailable when a job put now would be refused."""
        if self._waiting >= self._room:
            raise Unavailable(
                "too many walks are being looked for", retry_after_seconds=RETRY_AFTER_SECONDS
            )

    async def knows(self, key: str) -> bool:
        return key in self._entries

    async def put(self, job: Job) -> None:
        entry = self._entries.get(job.key)
        if entry is not None:
            if entry.state is _State.RUNNING:
                entry.once_more = job
            return
        self.expect_room()
        self._admit(_Entry(job))

    async def claim(self) -> Job:
        """The best waiting job, as soon as there is one."""
        while True:
            entry = self._take()
            if entry is not None:
                entry.state = _State.RUNNING
                self._waiting -= 1
                return entry.job
            next_due = self._delayed[0][0] if self._delayed else math.inf
            with trio.move_on_at(next_due):
                await self._changed.wait()

    async def finish(self, job: Job) -> None:
        entry = self._release(job)
        if entry is not None and entry.once_more is not None:
            self._admit(_Entry(entry.once_more))

    async def retry(self, job: Job, after_seconds: float, error: str) -> None:
        """The error is remembered only when the job is buried in the end."""
        del error
        entry = self._release(job)
        if entry is None:
            return
        if not entry.cancelled.is_set():
            self._admit(_Entry(replace(job, attempt=job.attempt + 1)), after_seconds)
        elif entry.once_more is not None:
            # Cancelled, and then somebody else wished for the same.
            self._admit(_Entry(entry.once_more))

    async def bury(self, job: Job, error: str) -> None:
        entry = self._release(job)
        self.buried.append(BuriedJob(job, error))
        if entry is not None and entry.once_more is not None:
            self._admit(_Entry(entry.once_more))

    async def cancel(self, key: str) -> None:
        entry = self._entries.get(key)
        if entry is None:
            return
        if entry.state is _State.WAITING:
            # Its place in the heap is passed over by `_take`.
            del self._entries[key]
            self._waiting -= 1
            return
        entry.once_more = None
        entry.cancelled.set()

    async def cancelled(self, job: Job) -> None:
        """Returns when the claimed job is cancelled."""
        entry = self._entries.get(job.key)
        if entry is None:
            await trio.sleep_forever()
        else:
            await entry.cancelled.wait()

    def _admit(self, entry: _Entry, after_seconds: float = 0.0) -> None:
        self._entries[entry.job.key] = entry
        self._waiting += 1
        self._count += 1
        now = trio.current_time()
        if after_seconds > 0:
            heapq.heappush(self._delayed, (now + after_seconds, self._count, entry))
        else:
            self._make_ready(now, entry)
        self._changed.set()
        self._changed = trio.Event()

    def _make_ready(self, since: float, entry: _Entry) -> None:
        self._count += 1
        order = since + HANDICAP_SECONDS[entry.job.kind]
        heapq.heappush(self._ready, (order, self._count, entry))

    def _release(self, job: Job) -> _Entry | None:
        entry = self._entries.get(job.key)
        if entry is None or entry.state is not _State.RUNNING or entry.job.attempt != job.attempt:
            return None
        return self._entries.pop(job.key)

    def _take(self) -> _Entry | None:
        now = trio.current_time()
        while self._delayed and self._delayed[0][0] <= now:
            due_at, _, entry = heapq.heappop(self._delayed)
            self._make_ready(due_at, entry)
        while self._ready:
            entry = heapq.heappop(self._ready)[2]
            if self._entries.get(entry.job.key) is entry:
                return entry
        return None
