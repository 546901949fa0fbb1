"""What happened, in the past tense: told to the journal, from where metrics, logs and analytics hear it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wildside.domain.identifiers import RequestId, TraceId, UserId
from wildside.domain.jobs import JobKind


class JobStatus(StrEnum):
    """How one attempt at a job ended."""

    DONE = "done"
    RETRIED = "retried"
    BURIED = "buried"
    REFUSED = "refused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class RouteRequested:
    """A walker's wish was accepted."""

    request_id: RequestId
    user_id: UserId
    trace_id: TraceId
    duration_minutes: int
    from_cache: bool


@dataclass(frozen=True, slots=True)
class RouteLookedUp:
    """The cache was asked for an equal wish's answer."""

    hit: bool


@dataclass(frozen=True, slots=True)
class RouteGenerated:
    """A walk was found and stored for everybody who waited for it."""

    trace_id: TraceId
    seconds: float
    stop_count: int
    walkers_served: int
    truncated: bool


@dataclass(frozen=True, slots=True)
class RouteFailed:
    """A request ended without a walk; `reason` is what its status carries as `error`."""

    request_id: RequestId
    trace_id: TraceId
    reason: str


@dataclass(frozen=True, slots=True)
class JobStarted:
    """A job was claimed and begins."""

    kind: JobKind
    key: str
    attempt: int
    trace_id: TraceId | None


@dataclass(frozen=True, slots=True)
class JobEnded:
    """One attempt is over; `error` says why it was not the last, or why there is none after it."""

    kind: JobKind
    key: str
    attempt: int
    status: JobStatus
    seconds: float
    trace_id: TraceId | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class JobNotQueued:
    """An accepted request could not be queued at once; the next round of the reconciler does it."""

    key: str
    trace_id: TraceId
    message: str


class ReplayOutcome(StrEnum):
    """What became of an idempotency key."""

    MISS = "miss"
    HIT = "hit"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class ReplayChecked:
    """A request carried an idempotency key; `age_seconds` of the remembered answer, if there was one.

    `scope` is the operation it was for, as method and template.
    """

    outcome: ReplayOutcome
    age_seconds: float | None
    scope: str


@dataclass(frozen=True, slots=True)
class JobFaulted:
    """What an attempt died of, for the log: its message is for operators, never for walkers."""

    kind: JobKind
    key: str
    attempt: int
    trace_id: TraceId | None
    fault: BaseException


@dataclass(frozen=True, slots=True)
class ChoreFaulted:
    """What a periodic chore died of; it is tried again at its next time."""

    name: str
    fault: BaseException


@dataclass(frozen=True, slots=True)
class StatementRan:
    """The database answered a statement, or did not in time; `name` is `repository.verb`."""

    name: str
    seconds: float
