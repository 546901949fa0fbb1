"""Jobs in a SQLite file: they outlive the process, and other processes on the machine see them."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import structlog
import trio

from wildside.domain.errors import Unavailable
from wildside.domain.jobs import (
    Job,
    JobKind,
    JobRecord,
    JobState,
    QueueStanding,
    place_of,
)
from wildside.domain.paging import Page, PageRequest, page_of_all
from wildside.outbound.queue.envelope import (
    UnreadableEnvelope,
    decode,
    encode,
    past_line,
)
from wildside.outbound.queue.sqlite_tables import JobTables, record_of

MOST_WAITING = 1000
RETRY_AFTER_SECONDS = 5
LEASE_SECONDS = 5.0
LOOKS_A_LEASE = 3
POLL_SECONDS = 0.05  # how late a job of another process may be noticed
FENCE_BITS = 20  # claims in a millisecond, on the scale of the queue in Redis
WORKER_DIED = "worker_died"

log = structlog.get_logger("wildside")

_CLAIM = """
UPDATE jobs SET worker = ?, lease_ms = ?, fence = ?, since_ms = ?
WHERE key = (
    SELECT key FROM jobs WHERE worker IS NULL AND due_ms <= ? ORDER BY turn_ms, number LIMIT 1
) RETURNING *
"""


def _now() -> datetime:
    return datetime.now(UTC)


class SqliteQueue:
    """At most `room` jobs of each kind wait. Statements run inline: they take some microseconds.

    Every claim and every round of `run` takes over what processes without a lease have left.
    """

    def __init__(
        self,
        path: Path,
        room: int = MOST_WAITING,
        now: Callable[[], datetime] = _now,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._room = room
        self._lease_seconds = lease_seconds
        self.worker = f"{os.getpid()}-{random.getrandbits(32):08x}"
        self._tell: dict[int, list[Callable[[], None]]] = {}
        self._changed = trio.Event()
        self._tables = JobTables(path, now)

    def close(self) -> None:
        """Leaves the file to others."""
        self._tables.close()

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Renews the lease until cancelled."""
        task_status.started()
        while True:
            try:
                await self.look_after()
            except Unavailable as error:
                log.warning("the queue is not looked after", why=str(error))
            await trio.sleep(self._lease_seconds / LOOKS_A_LEASE)

    async def look_after(self) -> None:
        """Renews the lease, takes over from the dead, and tells runners what was cancelled."""
        with self._tables.change() as file:
            file.execute(
                "UPDATE jobs SET lease_ms = ? WHERE worker = ?",
                (self._lease_end(), self.worker),
            )
            self._take_over(file)
        self._tell_stopped()

    async def expect_room(self, kind: JobKind) -> None:
        """Raises Unavailable when a job of this kind put now would be refused."""
        with self._tables.change():
            self._refuse_if_full(kind)

    async def put(self, job: Job, *, after_seconds: float = 0.0) -> None:
        envelope = encode(job)
        with self._tables.change() as file:
            known = file.execute("SELECT worker FROM jobs WHERE key = ?", (job.key,)).fetchone()
            if known is not None and known["worker"] is not None:
                file.execute("UPDATE jobs SET again = ? WHERE key = ?", (envelope, job.key))
            elif known is None:
                self._refuse_if_full(job.kind)
                self._tables.add(job.key, job.kind, envelope, int(after_seconds * 1000))
        self._wake()

    async def put_each(self, job: Job, every_seconds: float) -> bool:
        period = int(self._tables.now_ms() / 1000 / every_seconds)
        mark = "SELECT 1 FROM periods WHERE key = ? AND period = ?"
        with self._tables.change() as file:
            if file.execute(mark, (job.key, period)).fetchone():
                return False
        await self.put(job)
        with self._tables.change() as file:
            file.execute("INSERT OR REPLACE INTO periods VALUES (?, ?)", (job.key, period))
        return True

    async def claim(self) -> Job:
        """The best waiting job, as soon as there is one."""
        while True:
            await trio.lowlevel.checkpoint()
            job = self._claim_now()
            if job is not None:
                return job
            changed = self._changed
            with trio.move_on_after(POLL_SECONDS):
                await changed.wait()

    async def finish(self, job: Job) -> None:
        with self._tables.change() as file:
            row = self._release(file, job)
            if row is not None:
                self._tables.add_again(row)
        self._wake()

    async def retry(self, job: Job, after_seconds: float, error: str) -> None:
        with self._tables.change() as file:
            row = self._release(file, job)
            if row is None:
                return
            if row["is_stopped"]:
                self._tables.add_again(row)
            else:
                line = past_line(job.attempt, error, self._tables.now_ms(), self.worker)
                delay_ms, history = int(after_seconds * 1000), row["history"] + line
                self._tables.add(
                    job.key, job.kind, row["envelope"], delay_ms, job.attempt + 1, history
                )
        self._wake()

    async def bury(self, job: Job, error: str) -> None:
        with self._tables.change() as file:
            row = self._release(file, job)
            if row is None:
                return
            line = past_line(job.attempt, error, self._tables.now_ms(), self.worker)
            self._tables.bury(row, line)
            self._tables.add_again(row)

    async def cancel(self, key: str) -> None:
        with self._tables.change() as file:
            file.execute("DELETE FROM jobs WHERE key = ? AND worker IS NULL", (key,))
            file.execute("UPDATE jobs SET is_stopped = 1, again = NULL WHERE key = ?", (key,))
        self._tell_stopped()

    async def knows(self, key: str) -> bool:
        with self._tables.change() as file:
            found = file.execute("SELECT 1 FROM jobs WHERE key = ?", (key,)).fetchone()
        return found is not None

    def when_cancelled(self, job: Job, tell: Callable[[], None]) -> None:
        """Calls `tell` once when the claimed job is cancelled, or is not its claimer's any more."""
        self._tell.setdefault(job.fence, []).append(tell)
        self._tell_stopped()

    async def standing(self) -> Mapping[JobKind, QueueStanding]:
        with self._tables.change():
            return {kind: self._tables.standing_of(kind) for kind in JobKind}

    async def page(
        self, state: JobState, kind: JobKind | None, page: PageRequest
    ) -> Page[JobRecord]:
        """Jobs in that state by (since, id), the newest first."""
        with self._tables.change():
            found = [
                record
                for record in self._tables.records(state)
                if kind is None or record.job.kind is kind
            ]
        return page_of_all(found, page, place_of)

    async def requeue(self, job_id: UUID) -> JobRecord | None:
        """The dead letter's job as a first attempt, unless its key waits or runs already."""
        with self._tables.change() as file:
            row = file.execute("SELECT * FROM letters WHERE id = ?", (str(job_id),)).fetchone()
        if row is None:
            return None
        letter = record_of(row, JobState.DEAD)
        if letter is None:
            return None
        await self.put(letter.job)
        await self.purge(job_id)
        return letter

    async def purge(self, job_id: UUID) -> bool:
        """Throws a dead letter away; False where there is none."""
        with self._tables.change() as file:
            gone = file.execute("DELETE FROM letters WHERE id = ?", (str(job_id),))
            return gone.rowcount > 0

    def _claim_now(self) -> Job | None:
        with self._tables.change() as file:
            self._take_over(file)
            now_ms = self._tables.now_ms()
            fence = self._tables.next("fence", now_ms << FENCE_BITS)
            claim = (self.worker, self._lease_end(), fence, now_ms, now_ms)
            row = file.execute(_CLAIM, claim).fetchone()
            if row is None:
                return None
            try:
                return decode(row["envelope"], row["attempt"], fence, row["history"])
            except UnreadableEnvelope as error:
                line = past_line(0, f"unreadable: {error}", now_ms, self.worker)
                file.execute("DELETE FROM jobs WHERE key = ?", (row["key"],))
                self._tables.bury(row, line)
        return None

    def _release(self, file: sqlite3.Connection, job: Job) -> sqlite3.Row | None:
        self._tell.pop(job.fence, None)
        row: sqlite3.Row | None = file.execute(
            "DELETE FROM jobs WHERE key = ? AND fence = ? AND worker = ? RETURNING *",
            (job.key, job.fence, self.worker),
        ).fetchone()
        return row

    def _take_over(self, file: sqlite3.Connection) -> None:
        """What the dead have left behind begins anew, as the next attempt."""
        now_ms = self._tables.now_ms()
        dead = file.execute(
            "SELECT * FROM jobs WHERE worker IS NOT NULL AND lease_ms <= ?", (now_ms,)
        ).fetchall()
        for row in dead:
            file.execute("DELETE FROM jobs WHERE key = ?", (row["key"],))
            if row["is_stopped"]:
                self._tables.add_again(row)
                continue
            line = past_line(row["attempt"], WORKER_DIED, now_ms, row["worker"])
            history, attempt = row["history"] + line, row["attempt"] + 1
            kind = JobKind(row["kind"])
            self._tables.add(row["key"], kind, row["envelope"], 0, attempt, history)

    def _refuse_if_full(self, kind: JobKind) -> None:
        if self._tables.standing_of(kind).waiting >= self._room:
            raise Unavailable(
                "too many walks are being looked for", retry_after_seconds=RETRY_AFTER_SECONDS
            )

    def _tell_stopped(self) -> None:
        """Whoever runs a job that was cancelled, or that somebody else holds now, hears it."""
        with self._tables.change() as file:
            mine = "SELECT fence FROM jobs WHERE worker = ? AND NOT is_stopped"
            fences = {row["fence"] for row in file.execute(mine, (self.worker,))}
        for fence in [fence for fence in self._tell if fence not in fences]:
            _call_all(self._tell.pop(fence))

    def _wake(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    def _lease_end(self) -> int:
        return self._tables.now_ms() + int(self._lease_seconds * 1000)


def _call_all(tell: Iterable[Callable[[], None]]) -> None:
    for each in tell:
        each()
