"""What a job looks like on its way: JSON with a version, of bounded size."""

from __future__ import annotations

from datetime import datetime

import msgspec

from wildside.domain.errors import Invalid
from wildside.domain.identifiers import TraceId
from wildside.domain.jobs import MOST_HISTORY, Job, JobKind, PastAttempt
from wildside.domain.moments import microseconds, moment

VERSION = 1
MOST_BYTES = 64 * 1024  # a job says what to do; what it is to be done with lies in storage
LONGEST_ERROR = 500


class UnreadableEnvelope(Exception):
    """Not ours, too large, or of a version that is read by others only."""


class _Envelope(msgspec.Struct, omit_defaults=True):
    v: int
    key: str
    kind: JobKind
    payload: dict[str, object]
    trace: str | None = None
    timeout: float | None = None


class _Past(msgspec.Struct):
    attempt: int
    error: str
    at_ms: int
    worker: str


_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(_Envelope).decode
_DECODE_PAST = msgspec.json.Decoder(_Past).decode


def encode(job: Job) -> bytes:
    """The part of a job that stays the same from attempt to attempt."""
    body = _ENCODE(
        _Envelope(VERSION, job.key, job.kind, dict(job.payload), job.trace_id, job.timeout_seconds)
    )
    if len(body) > MOST_BYTES:
        raise Invalid(f"job {job.key} has {len(body)} bytes, more than {MOST_BYTES}")
    return body


def decode(body: bytes, attempt: int = 1, fence: int = 0, history: bytes = b"") -> Job:
    """The job in the envelope; UnreadableEnvelope says why there is none."""
    if len(body) > MOST_BYTES:
        raise UnreadableEnvelope(f"{len(body)} bytes are more than {MOST_BYTES}")
    try:
        envelope = _DECODE(body)
    except msgspec.MsgspecError as error:
        raise UnreadableEnvelope(str(error)) from error
    if envelope.v != VERSION:
        raise UnreadableEnvelope(f"version {envelope.v} is not read here")
    return Job(
        envelope.key,
        envelope.kind,
        envelope.payload,
        None if envelope.trace is None else TraceId(envelope.trace),
        attempt,
        envelope.timeout,
        fence,
        decode_history(history) if history else (),
    )


def past_line(attempt: int | str, error: str, at_ms: int | str, worker: str) -> bytes:
    """One attempt that came to nothing, as a line of a job's history."""
    past = {"attempt": attempt, "error": error[:LONGEST_ERROR], "at_ms": at_ms, "worker": worker}
    return _ENCODE(past) + b"\n"


def decode_history(lines: bytes) -> tuple[PastAttempt, ...]:
    """The last attempts, oldest first; a line that cannot be read is left out."""
    found = []
    for line in lines.splitlines()[-MOST_HISTORY:]:
        try:
            past = _DECODE_PAST(line)
        except msgspec.MsgspecError:
            continue
        found.append(
            PastAttempt(past.attempt, past.error, from_milliseconds(past.at_ms), past.worker)
        )
    return tuple(found)


def milliseconds(at: datetime) -> int:
    """The moment as Redis counts."""
    return microseconds(at) // 1000


def from_milliseconds(since_epoch: int) -> datetime:
    """The moment, in UTC."""
    return moment(since_epoch * 1000)
