"""Jobs in a SQLite file: they outlive the process, and other processes on the machine see them."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import structlog
import trio

from wildside.domain.errors import Unavailable
from wildside.domain.jobs import (
    HANDICAP_SECONDS,
    Job,
    JobKind,
    JobRecord,
    JobState,
    QueueStanding,
    job_id,
    place_of,
)
from wildside.domain.paging import Page, PageRequest, page_of_all
from wildside.outbound.queue.envelope import (
    UnreadableEnvelope,
    decode,
    decode_history,
    encode,
    from_milliseconds,
    milliseconds,
    past_line,
)

MOST_WAITING = 1000
MOST_BURIED = 1000
RETRY_AFTER_SECONDS = 5
LEASE_SECONDS = 5.0
LOOKS_A_LEASE = 3
POLL_SECONDS = 0.05  # how late a job of another process may be noticed
FENCE_BITS = 20  # claims in a millisecond, on the scale of the queue in Redis
WORKER_DIED = "worker_died"

log = structlog.get_logger("wildside")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    key TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    envelope BLOB NOT NULL,
    attempt INTEGER NOT NULL,
    history BLOB NOT NULL,
    since_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    turn_ms INTEGER NOT NULL, -- when it is due, and so much later as its kind is behind
    number INTEGER NOT NULL,  -- the order of coming, within one millisecond
    worker TEXT,              -- NULL: it waits
    lease_ms INTEGER NOT NULL DEFAULT 0,
    fence INTEGER NOT NULL DEFAULT 0,
    is_stopped INTEGER NOT NULL DEFAULT 0,
    again BLOB                -- asked for once more while it runs
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_by_turn ON jobs (turn_ms, number) WHERE worker IS NULL;
CREATE TABLE IF NOT EXISTS letters (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    envelope BLOB NOT NULL,
    attempt INTEGER NOT NULL,
    history BLOB NOT NULL,
    since_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS periods (key TEXT PRIMARY KEY, period INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO counters VALUES ('fence', 0), ('number', 0);
"""
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
        self._now = now
        self._lease_seconds = lease_seconds
        self.worker = f"{os.getpid()}-{random.getrandbits(32):08x}"
        self._tell: dict[int, list[Callable[[], None]]] = {}
        self._changed = trio.Event()
        self._file = sqlite3.connect(path, isolation_level=None, timeout=5.0)
        self._file.row_factory = sqlite3.Row
        self._file.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)

    def close(self) -> None:
        """Leaves the file to others."""
        self._file.close()

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
        with self._change() as file:
            file.execute(
                "UPDATE jobs SET lease_ms = ? WHERE worker = ?",
                (self._lease_end(), self.worker),
            )
            self._take_over(file)
        self._tell_stopped()

    async def expect_room(self, kind: JobKind) -> None:
        """Raises Unavailable when a job of this kind put now would be refused."""
        with self._change() as file:
            self._refuse_if_full(file, kind)

    async def put(self, job: Job, *, after_seconds: float = 0.0) -> None:
        envelope = encode(job)
        with self._change() as file:
            known = file.execute("SELECT worker FROM jobs WHERE key = ?", (job.key,)).fetchone()
            if known is not None and known["worker"] is not None:
                file.execute("UPDATE jobs SET again = ? WHERE key = ?", (envelope, job.key))
            elif known is None:
                self._refuse_if_full(file, job.kind)
                self._add(file, job.key, job.kind, envelope, int(after_seconds * 1000))
        self._wake()

    async def put_each(self, job: Job, every_seconds: float) -> bool:
        period = int(self._now().timestamp() / every_seconds)
        mark = "SELECT 1 FROM periods WHERE key = ? AND period = ?"
        with self._change() as file:
            if file.execute(mark, (job.key, period)).fetchone():
                return False
        await self.put(job)
        with self._change() as file:
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
        with self._change() as file:
            row = self._release(file, job)
            if row is not None:
                self._add_again(file, row)
        self._wake()

    async def retry(self, job: Job, after_seconds: float, error: str) -> None:
        with self._change() as file:
            row = self._release(file, job)
            if row is None:
                return
            if row["is_stopped"]:
                self._add_again(file, row)
            else:
                line = past_line(job.attempt, error, self._now_ms(), self.worker)
                delay_ms, history = int(after_seconds * 1000), row["history"] + line
                self._add(
                    file, job.key, job.kind, row["envelope"], delay_ms, job.attempt + 1, history
                )
        self._wake()

    async def bury(self, job: Job, error: str) -> None:
        with self._change() as file:
            row = self._release(file, job)
            if row is None:
                return
            line = past_line(job.attempt, error, self._now_ms(), self.worker)
            self._bury(file, row, line)
            self._add_again(file, row)

    async def cancel(self, key: str) -> None:
        with self._change() as file:
            file.execute("DELETE FROM jobs WHERE key = ? AND worker IS NULL", (key,))
            file.execute("UPDATE jobs SET is_stopped = 1, again = NULL WHERE key = ?", (key,))
        self._tell_stopped()

    async def knows(self, key: str) -> bool:
        with self._change() as file:
            found = file.execute("SELECT 1 FROM jobs WHERE key = ?", (key,)).fetchone()
        return found is not None

    def when_cancelled(self, job: Job, tell: Callable[[], None]) -> None:
        """Calls `tell` once when the claimed job is cancelled, or is not its claimer's any more."""
        self._tell.setdefault(job.fence, []).append(tell)
        self._tell_stopped()

    async def standing(self) -> Mapping[JobKind, QueueStanding]:
        with self._change() as file:
            return {kind: self._standing_of(file, kind) for kind in JobKind}

    async def page(
        self, state: JobState, kind: JobKind | None, page: PageRequest
    ) -> Page[JobRecord]:
        """Jobs in that state by (since, id), the newest first."""
        with self._change() as file:
            found = [
                record
                for record in self._records(file, state)
                if kind is None or record.job.kind is kind
            ]
        return page_of_all(found, page, place_of)

    async def requeue(self, job_id: UUID) -> JobRecord | None:
        """The dead letter's job as a first attempt, unless its key waits or runs already."""
        with self._change() as file:
            row = file.execute("SELECT * FROM letters WHERE id = ?", (str(job_id),)).fetchone()
        if row is None:
            return None
        letter = _record(row, JobState.DEAD)
        if letter is None:
            return None
        await self.put(letter.job)
        await self.purge(job_id)
        return letter

    async def purge(self, job_id: UUID) -> bool:
        """Throws a dead letter away; False where there is none."""
        with self._change() as file:
            gone = file.execute("DELETE FROM letters WHERE id = ?", (str(job_id),))
            return gone.rowcount > 0

    # -- within one transaction

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        try:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield self._file
                self._file.execute("COMMIT")
            except BaseException:
                self._file.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise Unavailable("the queue does not answer") from error

    def _add(
        self,
        file: sqlite3.Connection,
        key: str,
        kind: JobKind,
        envelope: bytes,
        delay_ms: int = 0,
        attempt: int = 1,
        history: bytes = b"",
    ) -> None:
        now_ms = self._now_ms()
        turn_ms = now_ms + delay_ms + int(HANDICAP_SECONDS[kind] * 1000)
        number = self._next(file, "number", 0)
        file.execute(
            "INSERT INTO jobs (key, kind, envelope, attempt, history, since_ms, due_ms, turn_ms,"
            " number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(key, kind.value, envelope, attempt, history),
                *(now_ms, now_ms + delay_ms, turn_ms, number),
            ),
        )

    def _add_again(self, file: sqlite3.Connection, row: sqlite3.Row) -> None:
        if row["again"] is not None:
            job = decode(row["again"])
            self._add(file, job.key, job.kind, row["again"])

    def _claim_now(self) -> Job | None:
        with self._change() as file:
            self._take_over(file)
            now_ms = self._now_ms()
            fence = self._next(file, "fence", now_ms << FENCE_BITS)
            claim = (self.worker, self._lease_end(), fence, now_ms, now_ms)
            row = file.execute(_CLAIM, claim).fetchone()
            if row is None:
                return None
            try:
                return decode(row["envelope"], row["attempt"], fence, row["history"])
            except UnreadableEnvelope as error:
                line = past_line(0, f"unreadable: {error}", now_ms, self.worker)
                file.execute("DELETE FROM jobs WHERE key = ?", (row["key"],))
                self._bury(file, row, line)
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
        now_ms = self._now_ms()
        dead = file.execute(
            "SELECT * FROM jobs WHERE worker IS NOT NULL AND lease_ms <= ?", (now_ms,)
        ).fetchall()
        for row in dead:
            file.execute("DELETE FROM jobs WHERE key = ?", (row["key"],))
            if row["is_stopped"]:
                self._add_again(file, row)
                continue
            line = past_line(row["attempt"], WORKER_DIED, now_ms, row["worker"])
            history, attempt = row["history"] + line, row["attempt"] + 1
            kind = JobKind(row["kind"])
            self._add(file, row["key"], kind, row["envelope"], 0, attempt, history)

    def _bury(self, file: sqlite3.Connection, row: sqlite3.Row, line: bytes) -> None:
        letter = (str(job_id(row["key"])), row["kind"], row["envelope"], row["attempt"])
        file.execute(
            "INSERT OR REPLACE INTO letters VALUES (?, ?, ?, ?, ?, ?)",
            (*letter, row["history"] + line, self._now_ms()),
        )
        file.execute(
            "DELETE FROM letters WHERE id NOT IN"
            " (SELECT id FROM letters ORDER BY since_ms DESC LIMIT ?)",
            (MOST_BURIED,),
        )

    def _next(self, file: sqlite3.Connection, name: str, least: int) -> int:
        row = file.execute(
            "UPDATE counters SET value = max(value + 1, ?) WHERE name = ? RETURNING value",
            (least, name),
        ).fetchone()
        number: int = row["value"]
        return number

    def _refuse_if_full(self, file: sqlite3.Connection, kind: JobKind) -> None:
        if self._standing_of(file, kind).waiting >= self._room:
            raise Unavailable(
                "too many walks are being looked for", retry_after_seconds=RETRY_AFTER_SECONDS
            )

    def _standing_of(self, file: sqlite3.Connection, kind: JobKind) -> QueueStanding:
        now_ms = self._now_ms()
        row = file.execute(
            "SELECT count(*) FILTER (WHERE worker IS NULL AND due_ms <= ?) AS waiting,"
            " count(*) FILTER (WHERE worker IS NULL AND due_ms > ?) AS delayed,"
            " count(*) FILTER (WHERE worker IS NOT NULL) AS running,"
            " min(due_ms) FILTER (WHERE worker IS NULL AND due_ms <= ?) AS oldest"
            " FROM jobs WHERE kind = ?",
            (now_ms, now_ms, now_ms, kind.value),
        ).fetchone()
        age_ms = 0 if row["oldest"] is None else now_ms - row["oldest"]
        return QueueStanding(row["waiting"], row["delayed"], row["running"], age_ms / 1000)

    def _records(self, file: sqlite3.Connection, state: JobState) -> Sequence[JobRecord]:
        now_ms = self._now_ms()
        questions: Mapping[JobState, tuple[str, tuple[int, ...]]] = {
            JobState.DEAD: ("SELECT * FROM letters", ()),
            JobState.RUNNING: ("SELECT * FROM jobs WHERE worker IS NOT NULL", ()),
            JobState.WAITING: (
                "SELECT * FROM jobs WHERE worker IS NULL AND due_ms <= ?",
                (now_ms,),
            ),
            JobState.DELAYED: ("SELECT * FROM jobs WHERE worker IS NULL AND due_ms > ?", (now_ms,)),
        }
        with closing(file.execute(*questions[state])) as rows:
            return [record for row in rows if (record := _record(row, state)) is not None]

    # -- within this process

    def _tell_stopped(self) -> None:
        """Whoever runs a job that was cancelled, or that somebody else holds now, hears it."""
        with self._change() as file:
            mine = "SELECT fence FROM jobs WHERE worker = ? AND NOT is_stopped"
            fences = {row["fence"] for row in file.execute(mine, (self.worker,))}
        for fence in [fence for fence in self._tell if fence not in fences]:
            _call_all(self._tell.pop(fence))

    def _wake(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    def _lease_end(self) -> int:
        return self._now_ms() + int(self._lease_seconds * 1000)

    def _now_ms(self) -> int:
        return milliseconds(self._now())


def _record(row: sqlite3.Row, state: JobState) -> JobRecord | None:
    try:
        job = decode(row["envelope"], row["attempt"], 0, row["history"])
    except UnreadableEnvelope:
        return None
    past = decode_history(row["history"])
    since = from_milliseconds(row["since_ms"])
    return JobRecord(job, state, since, past[-1].error if past else None)


def _call_all(tell: Iterable[Callable[[], None]]) -> None:
    for each in tell:
        each()
