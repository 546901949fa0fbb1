"""Jobs in this process: what they are for is stored elsewhere, so a restart makes them anew."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum, auto
from uuid import UUID

import trio

from wildside.domain.errors import Unavailable
from wildside.domain.jobs import (
    HANDICAP_SECONDS,
    MOST_HISTORY,
    Job,
    JobKind,
    JobRecord,
    JobState,
    PastAttempt,
    QueueStanding,
    place_of,
)
from wildside.domain.moments import microseconds
from wildside.domain.paging import Page, PageRequest, page_of_all

MOST_WAITING = 1000
MOST_BURIED = 1000
RETRY_AFTER_SECONDS = 5
FENCES_BITS = 20  # claims in a millisecond, on the scale of the queue in Redis
HERE = "this process"


class _State(Enum):
    WAITING = auto()
    RUNNING = auto()


@dataclass(eq=False)
class _Entry:
    job: Job
    since: datetime
    error: str | None = None  # what the attempt before died of
    state: _State = _State.WAITING
    once_more: Job | None = None
    is_cancelled: bool = False
    tell: list[Callable[[], None]] = field(default_factory=list)

    def record(self, *, delayed: bool) -> JobRecord:
        """The entry as operators see it."""
        idle = JobState.DELAYED if delayed else JobState.WAITING
        state = JobState.RUNNING if self.state is _State.RUNNING else idle
        return JobRecord(self.job, state, self.since, self.error)


def _full() -> Unavailable:
    return Unavailable(
        "too many walks are being looked for", retry_after_seconds=RETRY_AFTER_SECONDS
    )


def _now() -> datetime:
    return datetime.now(UTC)


class MemoryQueue:
    """At most `room` jobs of each kind wait; more are refused, retries excepted."""

    def __init__(self, room: int = MOST_WAITING, now: Callable[[], datetime] = _now) -> None:
        self._room = room
        self._now = now
        self._entries: dict[str, _Entry] = {}
        self._ready: list[tuple[float, int, _Entry]] = []
        self._delayed: list[tuple[float, int, _Entry]] = []
        self._count = 0
        self._waiting: Counter[JobKind] = Counter()
        self._changed = trio.Event()
        self._buried: dict[str, JobRecord] = {}
        self._periods: dict[str, int] = {}
        self._last_fence = 0

    def depth(self) -> int:
        """How many jobs wait, delayed ones included."""
        return self._waiting.total()

    def running(self) -> int:
        """How many jobs are claimed."""
        return len(self._entries) - self.depth()

    @property
    def buried(self) -> Sequence[JobRecord]:
        """The dead letters, oldest first."""
        return list(self._buried.values())

    async def expect_room(self, kind: JobKind) -> None:
        """Raises Unavailable when a job of this kind put now would be refused."""
        self._refuse_if_full(kind)

    def _refuse_if_full(self, kind: JobKind) -> None:
        if self._waiting[kind] >= self._room:
            raise _full()

    async def knows(self, key: str) -> bool:
        return key in self._entries

    async def put(self, job: Job, *, after_seconds: float = 0.0) -> None:
        entry = self._entries.get(job.key)
        if entry is not None:
            if entry.state is _State.RUNNING:
                entry.once_more = job
            return
        self._refuse_if_full(job.kind)
        self._admit(job, after_seconds)

    async def put_each(self, job: Job, every_seconds: float) -> bool:
        period = int(self._now().timestamp() / every_seconds)
        if self._periods.get(job.key) == period:
            return False
        await self.put(job)
        self._periods[job.key] = period
        return True

    async def claim(self) -> Job:
        """The best waiting job, as soon as there is one."""
        while True:
            entry = self._take()
            if entry is not None:
                entry.state, entry.since = _State.RUNNING, self._now()
                entry.job = replace(entry.job, fence=self._next_fence())
                self._waiting[entry.job.kind] -= 1
                return entry.job
            next_due = self._delayed[0][0] if self._delayed else math.inf
            with trio.move_on_at(next_due):
                await self._changed.wait()

    async def finish(self, job: Job) -> None:
        entry = self._release(job)
        if entry is not None and entry.once_more is not None:
            self._admit(entry.once_more)

    async def retry(self, job: Job, after_seconds: float, error: str) -> None:
        entry = self._release(job)
        if entry is None:
            return
        if not entry.is_cancelled:
            past = PastAttempt(job.attempt, error, self._now(), HERE)
            history = (*job.history, past)[-MOST_HISTORY:]
            self._admit(
                replace(job, attempt=job.attempt + 1, history=history), after_seconds, error
            )
        elif entry.once_more is not None:
            # Cancelled, and then somebody else wished for the same.
            self._admit(entry.once_more)

    async def bury(self, job: Job, error: str) -> None:
        entry = self._release(job)
        if entry is None:
            return
        past = PastAttempt(job.attempt, error, self._now(), HERE)
        letter = replace(job, history=(*job.history, past)[-MOST_HISTORY:])
        self._buried.pop(job.key, None)
        self._buried[job.key] = JobRecord(letter, JobState.DEAD, self._now(), error)
        if len(self._buried) > MOST_BURIED:
            del self._buried[next(iter(self._buried))]
        if entry.once_more is not None:
            self._admit(entry.once_more)

    async def cancel(self, key: str) -> None:
        entry = self._entries.get(key)
        if entry is None:
            return
        if entry.state is _State.WAITING:
            # Its place in the heap is passed over by `_take`.
            del self._entries[key]
            self._waiting[entry.job.kind] -= 1
            return
        entry.once_more, entry.is_cancelled = None, True
        while entry.tell:
            entry.tell.pop()()

    def when_cancelled(self, job: Job, tell: Callable[[], None]) -> None:
        """Calls `tell` once when the claimed job is cancelled, or is not its claimer's any more."""
        entry = self._entries.get(job.key)
        if entry is None or entry.job.fence != job.fence or entry.is_cancelled:
            tell()
        else:
            entry.tell.append(tell)

    async def standing(self) -> Mapping[JobKind, QueueStanding]:
        return {kind: self._standing_of(kind) for kind in JobKind}

    def _standing_of(self, kind: JobKind) -> QueueStanding:
        now = trio.current_time()
        late = {id(entry) for due_at, _, entry in self._delayed if due_at > now}
        mine = [entry for entry in self._entries.values() if entry.job.kind is kind]
        running = sum(entry.state is _State.RUNNING for entry in mine)
        delayed = sum(id(entry) in late for entry in mine)
        waits = [entry for entry in mine if entry.state is _State.WAITING and id(entry) not in late]
        oldest = min((entry.since for entry in waits), default=None)
        age = 0.0 if oldest is None else (self._now() - oldest).total_seconds()
        return QueueStanding(len(waits), delayed, running, max(0.0, age))

    def _next_fence(self) -> int:
        """Higher than any before, those of an earlier life of this process included."""
        now_ms = microseconds(self._now()) // 1000
        self._last_fence = max(self._last_fence + 1, now_ms << FENCES_BITS)
        return self._last_fence

    async def page(
        self, state: JobState, kind: JobKind | None, page: PageRequest
    ) -> Page[JobRecord]:
        """Jobs in that state by (since, id), the newest first."""
        found = [
            record for record in self._records(state) if kind is None or record.job.kind is kind
        ]
        return page_of_all(found, page, place_of)

    async def requeue(self, job_id: UUID) -> JobRecord | None:
        """The dead letter's job as a first attempt, unless its key waits or runs already."""
        for key, letter in self._buried.items():
            if letter.job.id == job_id:
                await self.put(replace(letter.job, attempt=1, history=()))
                del self._buried[key]
                return letter
        return None

    async def purge(self, job_id: UUID) -> bool:
        """Throws a dead letter away; False where there is none."""
        for key, letter in self._buried.items():
            if letter.job.id == job_id:
                del self._buried[key]
                return True
        return False

    def _records(self, state: JobState) -> Iterable[JobRecord]:
        if state is JobState.DEAD:
            return self._buried.values()
        now = trio.current_time()
        still_delayed = {id(entry) for due_at, _, entry in self._delayed if due_at > now}
        return [
            record
            for entry in self._entries.values()
            if (record := entry.record(delayed=id(entry) in still_delayed)).state is state
        ]

    def _admit(self, job: Job, after_seconds: float = 0.0, error: str | None = None) -> None:
        entry = _Entry(job, self._now(), error)
        self._entries[job.key] = entry
        self._waiting[job.kind] += 1
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
        if entry is None or entry.state is not _State.RUNNING or entry.job.fence != job.fence:
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
