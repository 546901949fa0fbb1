"""The tables of the queue in SQLite: waiting and running jobs, dead letters, periods, counters."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from wildside.domain.errors import Unavailable
from wildside.domain.jobs import (
    HANDICAP_SECONDS,
    JobKind,
    JobRecord,
    JobState,
    QueueStanding,
    job_id,
)
from wildside.outbound.queue.envelope import (
    UnreadableEnvelope,
    decode,
    decode_history,
    from_milliseconds,
    milliseconds,
)

MOST_BURIED = 1000

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


class JobTables:
    """One file's tables; everything but `change`, `now_ms` and `close` is asked within a change."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._now = now
        self._file = sqlite3.connect(path, isolation_level=None, timeout=5.0)
        self._file.row_factory = sqlite3.Row
        self._file.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)

    def close(self) -> None:
        """Leaves the file to others."""
        self._file.close()

    def now_ms(self) -> int:
        """The moment as the tables write it."""
        return milliseconds(self._now())

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """Everything or nothing; Unavailable where the file does not answer."""
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

    def add(
        self,
        key: str,
        kind: JobKind,
        envelope: bytes,
        delay_ms: int = 0,
        attempt: int = 1,
        history: bytes = b"",
    ) -> None:
        """A waiting job, not to be claimed before `delay_ms` are over."""
        now_ms = self.now_ms()
        turn_ms = now_ms + delay_ms + int(HANDICAP_SECONDS[kind] * 1000)
        number = self.next("number", 0)
        self._file.execute(
            "INSERT INTO jobs (key, kind, envelope, attempt, history, since_ms, due_ms, turn_ms,"
            " number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(key, kind.value, envelope, attempt, history),
                *(now_ms, now_ms + delay_ms, turn_ms, number),
            ),
        )

    def add_again(self, row: sqlite3.Row) -> None:
        """The job once more, where it was asked for while it ran."""
        if row["again"] is not None:
            job = decode(row["again"])
            self.add(job.key, job.kind, row["again"])

    def bury(self, row: sqlite3.Row, line: bytes) -> None:
        """A dead letter of the row, with one more line of history; the oldest go for it."""
        letter = (str(job_id(row["key"])), row["kind"], row["envelope"], row["attempt"])
        self._file.execute(
            "INSERT OR REPLACE INTO letters VALUES (?, ?, ?, ?, ?, ?)",
            (*letter, row["history"] + line, self.now_ms()),
        )
        self._file.execute(
            "DELETE FROM letters WHERE id NOT IN"
            " (SELECT id FROM letters ORDER BY since_ms DESC LIMIT ?)",
            (MOST_BURIED,),
        )

    def next(self, name: str, least: int) -> int:
        """The counter's next number, `least` at the least."""
        row = self._file.execute(
            "UPDATE counters SET value = max(value + 1, ?) WHERE name = ? RETURNING value",
            (least, name),
        ).fetchone()
        number: int = row["value"]
        return number

    def standing_of(self, kind: JobKind) -> QueueStanding:
        """How much of the kind waits and runs."""
        now_ms = self.now_ms()
        row = self._file.execute(
            "SELECT count(*) FILTER (WHERE worker IS NULL AND due_ms <= ?) AS waiting,"
            " count(*) FILTER (WHERE worker IS NULL AND due_ms > ?) AS delayed,"
            " count(*) FILTER (WHERE worker IS NOT NULL) AS running,"
            " min(due_ms) FILTER (WHERE worker IS NULL AND due_ms <= ?) AS oldest"
            " FROM jobs WHERE kind = ?",
            (now_ms, now_ms, now_ms, kind.value),
        ).fetchone()
        age_ms = 0 if row["oldest"] is None else now_ms - row["oldest"]
        return QueueStanding(row["waiting"], row["delayed"], row["running"], age_ms / 1000)

    def records(self, state: JobState) -> Sequence[JobRecord]:
        """The jobs in that state, in no order."""
        now_ms = self.now_ms()
        questions: Mapping[JobState, tuple[str, tuple[int, ...]]] = {
            JobState.DEAD: ("SELECT * FROM letters", ()),
            JobState.RUNNING: ("SELECT * FROM jobs WHERE worker IS NOT NULL", ()),
            JobState.WAITING: (
                "SELECT * FROM jobs WHERE worker IS NULL AND due_ms <= ?",
                (now_ms,),
            ),
            JobState.DELAYED: ("SELECT * FROM jobs WHERE worker IS NULL AND due_ms > ?", (now_ms,)),
        }
        with closing(self._file.execute(*questions[state])) as rows:
            return [record for row in rows if (record := record_of(row, state)) is not None]


def record_of(row: sqlite3.Row, state: JobState) -> JobRecord | None:
    """What a row of jobs or letters says; None where its envelope is of another release."""
    try:
        job = decode(row["envelope"], row["attempt"], 0, row["history"])
    except UnreadableEnvelope:
        return None
    past = decode_history(row["history"])
    since = from_milliseconds(row["since_ms"])
    return JobRecord(job, state, since, past[-1].error if past else None)
