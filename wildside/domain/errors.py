"""Everything Wildside may refuse, one family: a stable code, a sentence for people, details for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong with one field: its path in the request, a stable code, a sentence."""

    field: str
    code: str
    message: str


class WildsideError(Exception):
    """The root of the family; `code` is the contract's word for it."""

    code = "internal_error"

    def __init__(self, message: str, *, details: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class Invalid(WildsideError):
    """The request contradicts the contract; `faults` name the fields."""

    code = "invalid_request"

    def __init__(self, message: str, faults: Sequence[FieldFault] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)

    @classmethod
    def field(cls, field: str, code: str, message: str) -> Invalid:
        """One field is wrong."""
        return cls(message, (FieldFault(field, code, message),))


class Unauthorized(WildsideError):
    """Nobody is known to be asking: no session, or one that does not verify."""

    code = "unauthorized"


class Forbidden(WildsideError):
    """The asker is known and may not."""

    code = "forbidden"


class NotFound(WildsideError):
    """There is no such thing, or it is another walker's, which is the same answer."""

    code = "not_found"


class Conflict(WildsideError):
    """The request does not fit what is stored: a taken name, a stale revision, a reused key."""

    code = "conflict"


class RateLimited(WildsideError):
    """Too many requests; `retry_after_seconds` says when the next is looked at."""

    code = "rate_limited"

    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(WildsideError):
    """Something Wildside needs does not answer, or a queue is full; worth another try later."""

    code = "service_unavailable"

    def __init__(self, message: str, *, retry_after_seconds: int = 5) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class EngineFailed(WildsideError):
    """The engine could not answer; `reason` is the word the walker's status carries as `error`."""

    code = "engine_failed"

    def __init__(self, reason: str, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.reason = reason
        self.retryable = retryable


class IngestFailed(WildsideError):
    """A map could not be taken in; the message is one line for the person who asked for it."""

    code = "ingest_failed"
