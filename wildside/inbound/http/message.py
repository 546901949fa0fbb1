"""What a handler is given and what it gives back: one request, one answer."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from wildside.domain.accounts import User
from wildside.domain.identifiers import TraceId
from wildside.use_cases.idempotency import Claim

JSON = b"application/json"
Headers = tuple[tuple[bytes, bytes], ...]

# https://www.w3.org/TR/trace-context/#traceparent-header: a version, a trace, a span and flags.
_TRACEPARENT = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")


class Trace(msgspec.Struct, frozen=True):
    """This request's own id, and the caller's trace and span where it sent a valid `traceparent`."""

    id: TraceId
    parent_trace: str | None = None
    parent_span: str | None = None

    @property
    def parent(self) -> Mapping[str, str]:
        """Both, by the names that logs and jobs know; empty where there is none."""
        if self.parent_trace is None or self.parent_span is None:
            return {}
        return {"parent_trace": self.parent_trace, "parent_span": self.parent_span}


def begin_trace(traceparent: bytes | None) -> Trace:
    """A fresh trace; an unusable `traceparent` is ignored, as the specification wants."""
    own = TraceId(_random_uuid())
    if traceparent is None:
        return Trace(own)
    match = _TRACEPARENT.fullmatch(traceparent)
    if match is None:
        return Trace(own)
    version, trace, span, _, rest = match.groups()
    unknown_shape = version == b"ff" or (version == b"00" and rest is not None)
    if unknown_shape or not trace.strip(b"0") or not span.strip(b"0"):
        return Trace(own)
    return Trace(own, trace.decode(), span.decode())


def _random_uuid() -> str:
    """A UUID of version 4 as text (RFC 9562 §5.4), at a third of what `uuid.uuid4` costs each request."""
    digits = os.urandom(16).hex()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


class Request(msgspec.Struct, frozen=True):
    """One request after the edge has checked it against its endpoint.

    `parameters` are the template's, already of their types; `query` and `body` are the endpoint's
    structs; `user` is who asks, where the endpoint wants to know; `origin` is scheme and host as
    the asker sees them; `claim` is the idempotency key to honour.
    """

    method: str
    path: str
    headers: Mapping[bytes, bytes]
    trace: Trace
    origin: str
    address: str
    parameters: Mapping[str, Any] = {}
    query: Any = None
    body: Any = None
    user: User | None = None
    claim: Claim | None = None

    @property
    def walker(self) -> User:
        """Who asks; only endpoints that demand a session may look."""
        assert self.user is not None, "the endpoint does not demand a session"  # noqa: S101
        return self.user

    def uuid(self, name: str) -> UUID:
        """A UUID of the template."""
        value: UUID = self.parameters[name]
        return value


class Answer(msgspec.Struct, frozen=True):
    """A status, a body and what is said about it."""

    status: int
    body: bytes = b""
    content_type: bytes = JSON
    headers: Headers = ()
