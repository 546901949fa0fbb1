"""Work to be done later: what a job is and when it is tried again."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID, uuid5

from wildside.domain.identifiers import TraceId

MOST_ATTEMPTS = 3
# W3C trace context: whose request ours was part of.
PARENT_FIELDS = ("parent_trace", "parent_span")
NO_PARENT: Mapping[str, str] = MappingProxyType({})
MOST_HISTORY = 10  # attempts remembered of one job; more than any gets
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0


class JobKind(StrEnum):
    """What is to be done; each kind has its queue, best first."""

    GENERATE_ROUTE = "GenerateRoute"
    ENRICHMENT = "Enrichment"
    MAINTENANCE = "Maintenance"


# Operators name a job by a UUID that follows from its key, whatever state it is in.
_JOB_NAMES = UUID("5f1c0a52-6f2f-4a3c-9a0e-0f6a2b3d4c5e")


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """An attempt that came to nothing: why, when, and in which process."""

    attempt: int
    error: str
    ended_at: datetime
    worker: str


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work; `key` is unique among unfinished jobs, `payload` plain JSON values.

    `fence` belongs to one claim and grows from claim to claim: whoever writes what the job is for
    shows it, so that a runner who lost the job in the meantime writes nothing.
    """

    key: str
    kind: JobKind
    payload: Mapping[str, object] = field(default_factory=dict)
    trace_id: TraceId | None = None
    attempt: int = 1
    timeout_seconds: float | None = None  # None: as long as any job may take
    fence: int = field(default=0, compare=False)
    history: tuple[PastAttempt, ...] = field(default=(), compare=False)

    @property
    def parent(self) -> Mapping[str, str]:
        """The caller's own trace and span, for the logs; empty where there was none."""
        named = {name: self.payload.get(name) for name in PARENT_FIELDS}
        return {name: value for name, value in named.items() if isinstance(value, str)}

    @property
    def id(self) -> UUID:
        """What operators call it; the same for every job with this key."""
        return job_id(self.key)


# A kind waits as if it had come so much later: walkers first, but whatever waits long enough is
# served even when walkers never stop coming.
HANDICAP_SECONDS: Mapping[JobKind, float] = {
    JobKind.GENERATE_ROUTE: 0.0,
    JobKind.ENRICHMENT: 30.0,
    JobKind.MAINTENANCE: 300.0,
}


def job_id(key: str) -> UUID:
    """What operators call the job with this key."""
    return uuid5(_JOB_NAMES, key)


class JobState(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    DELAYED = "delayed"
    RUNNING = "running"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job as operators see it: in this state `since`, and what its last attempt died of.

    Of one key there is at most one dead letter, the latest.
    """

    job: Job
    state: JobState
    since: datetime
    error: str | None = None


def place_of(record: JobRecord) -> tuple[datetime, str]:
    """Where the record stands in a list of jobs: by (since, id)."""
    return record.since, str(record.job.id)


@dataclass(frozen=True, slots=True)
class QueueStanding:
    """How much there is to do of one kind; ages in seconds."""

    waiting: int = 0
    delayed: int = 0
    running: int = 0
    oldest_waiting_seconds: float = 0.0


def route_job(fingerprint: str, trace_id: TraceId, parent: Mapping[str, str] = NO_PARENT) -> Job:
    """The one job that answers every unfinished request with this fingerprint.

    `parent` is the caller's own trace and span, where the wish came with a `traceparent`.
    """
    return Job(
        f"route:{fingerprint}",
        JobKind.GENERATE_ROUTE,
        {"fingerprint": fingerprint, **parent},
        trace_id,
    )


def forget_job() -> Job:
    """Forgets what is kept for a while only: remembered answers, expired shares."""
    return Job("maintenance:forget", JobKind.MAINTENANCE, {"what": "forget"})


def wait_before_next(attempt: int, dice: random.Random) -> float | None:
    """Seconds before attempt `attempt + 1`, doubled each time with ±20 % jitter; None: no more."""
    if attempt >= MOST_ATTEMPTS:
        return None
    wait = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** (attempt - 1))
    return wait * dice.uniform(0.8, 1.2)
