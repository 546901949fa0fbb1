"""Every refusal in the contract's one error shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

from wildside.domain.errors import FieldFault, Invalid, RateLimited, Unavailable, WildsideError
from wildside.domain.identifiers import TraceId
from wildside.inbound.http.message import Answer, Headers

STATUS_OF_CODE: Mapping[str, int] = {
    "invalid_request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "payload_too_large": 413,
    "unsupported_media_type": 415,
    "rate_limited": 429,
    "internal_error": 500,
    "service_unavailable": 503,
}
CODE_OF_STATUS = {status: code for code, status in STATUS_OF_CODE.items()}


class Fault(msgspec.Struct):
    """One field at fault: its path in the request, a stable code, a sentence."""

    field: str
    code: str
    message: str


class Problem(msgspec.Struct, omit_defaults=True):
    """The body of every error."""

    code: str
    message: str
    trace_id: Annotated[str, msgspec.Meta(extra_json_schema={"format": "uuid"})]
    details: list[Fault] | dict[str, str | int] | None = None


class PayloadTooLarge(WildsideError):
    """The body is longer than the contract allows."""

    code = "payload_too_large"


class UnsupportedMediaType(WildsideError):
    """The body is not of the type the endpoint reads."""

    code = "unsupported_media_type"


class MethodNotAllowed(WildsideError):
    """The path exists, with other methods."""

    code = "method_not_allowed"

    def __init__(self, allowed: str) -> None:
        super().__init__(f"this path answers {allowed}")
        self.allowed = allowed


def refusal(error: WildsideError, trace_id: TraceId) -> Answer:
    """The answer that says what is wrong; a code outside the contract becomes internal_error."""
    code = error.code if error.code in STATUS_OF_CODE else "internal_error"
    if code == "internal_error":
        return internal_error(trace_id)
    problem = Problem(code, error.message, trace_id, _details(error))
    return Answer(STATUS_OF_CODE[code], msgspec.json.encode(problem), headers=_headers(error))


def internal_error(trace_id: TraceId) -> Answer:
    """What a fault of ours looks like from outside: nothing leaks but the id to look for."""
    problem = Problem("internal_error", "something went wrong here", trace_id)
    return Answer(500, msgspec.json.encode(problem))


def malformed(message: str, trace_id: TraceId) -> Answer:
    """A request that could not even be read as HTTP."""
    return Answer(400, msgspec.json.encode(Problem("invalid_request", message, trace_id)))


def _details(error: WildsideError) -> list[Fault] | dict[str, str | int] | None:
    if isinstance(error, Invalid) and error.faults:
        return [_fault(fault) for fault in error.faults]
    if not error.details:
        return None
    return {
        key: value if isinstance(value, int) else str(value) for key, value in error.details.items()
    }


def _fault(fault: FieldFault) -> Fault:
    return Fault(fault.field, fault.code, fault.message)


def _headers(error: WildsideError) -> Headers:
    if isinstance(error, RateLimited | Unavailable):
        return ((b"retry-after", str(max(1, error.retry_after_seconds)).encode()),)
    if isinstance(error, MethodNotAllowed):
        return ((b"allow", error.allowed.encode()),)
    if isinstance(error, PayloadTooLarge):
        # What is still on its way is not worth reading.
        return ((b"connection", b"close"),)
    return ()
