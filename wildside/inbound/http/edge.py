"""The one ASGI application: checks each request against its endpoint, and dresses every answer.

The order is the contract's: route, foreign origin, session, rate limit, size and type of the body,
its content, the handler. Whatever is refused on the way has the one error shape.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import msgspec
import structlog

from actors import current_trace
from wildside.domain.accounts import Role, User
from wildside.domain.errors import Forbidden, Invalid, NotFound, RateLimited, WildsideError
from wildside.domain.traffic import RequestAnswered, SessionRefused
from wildside.inbound.http.asgi import App, Message, Receive, Scope, Send
from wildside.inbound.http.body import read_body, read_query
from wildside.inbound.http.endpoint import (
    Allowance,
    Auth,
    Endpoint,
    Found,
    Router,
    allowed_methods,
)
from wildside.inbound.http.house import House
from wildside.inbound.http.http_protocol import LARGEST_BODY_BYTES
from wildside.inbound.http.message import Answer, Headers, Request, Trace, begin_trace
from wildside.inbound.http.origins import SAFE_METHODS, Asker, Origins
from wildside.inbound.http.problems import (
    MethodNotAllowed,
    PayloadTooLarge,
    UnsupportedMediaType,
    internal_error,
    refusal,
)
from wildside.inbound.http.session_cookie import (
    REISSUED_AFTER,
    NotBelieved,
    Refusal,
    Session,
)
from wildside.inbound.http.shapes import PageQuery, page_read
from wildside.ports import RateVerdict
from wildside.use_cases.idempotency import Claim

# The page's own paths end where these begin.
NOT_PAGES = ("/api", "/tiles", "/ws", "/health", "/metrics", "/debug")
KNOWN_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class EdgeRules:
    """What one deployment wants of its edge."""

    origins: Origins
    every_answer: Headers


@dataclass(slots=True)
class _Visit:
    """What becomes known of one request on its way."""

    trace: Trace
    method: str
    path: str
    headers: Mapping[bytes, bytes]
    asker: Asker
    found: Found | None
    route: str = "unmatched"
    session: Session | None = None
    user: User | None = None
    verdict: RateVerdict | None = None


class Edge:
    """Takes requests from the wire to their handlers, and pages and sockets to theirs."""

    def __init__(
        self,
        house: House,
        endpoints: Sequence[Endpoint],
        rules: EdgeRules,
        *,
        pages: App,
        sockets: App,
    ) -> None:
        self._house = house
        self._router = Router(endpoints)
        self._rules = rules
        self._pages = pages
        self._sockets = sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI's entrance."""
        if scope["type"] == "websocket":
            await self._sockets(scope, receive, send)
        elif scope["type"] == "http":
            await self._visit(scope, receive, send)

    async def _visit(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        visit = self._arrive(scope)
        try:
            if visit.found is None and _may_be_a_page(visit.path):
                visit.route = "page"
                status = await self._serve_page(visit, scope, receive, send)
            else:
                answer = await self._answer(visit, scope, receive)
                status = answer.status
                await _send(send, answer, self._dress(visit, answer))
        finally:
            seconds = time.perf_counter() - began
        self._house.journal.note(
            RequestAnswered(
                visit.method if visit.method in KNOWN_METHODS else "other",
                visit.route,
                status,
                seconds,
                visit.trace.id,
            )
        )

    def _arrive(self, scope: Scope) -> _Visit:
        headers = dict(scope["headers"])
        trace = begin_trace(headers.get(b"traceparent"))
        current_trace.set(trace.id)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(trace_id=trace.id, **trace.parent)
        path: str = scope["path"]
        client = scope.get("client")
        host = headers.get(b"host", b"").decode("latin-1")
        asker = self._rules.origins.asker(
            scope.get("scheme", "http"), client[0] if client else None, headers, host
        )
        path = unquote(path) if "%" in path else path
        found = self._router.methods_of(path)
        return _Visit(trace, scope["method"], path, headers, asker, found)

    async def _answer(self, visit: _Visit, scope: Scope, receive: Receive) -> Answer:
        try:
            return await self._checked(visit, scope, receive)
        except WildsideError as error:
            return refusal(error, visit.trace.id)
        except Exception:
            # The edge supervises handlers: one that fails must not take the connection with it.
            log.exception("a handler failed", route=visit.route, method=visit.method)
            return internal_error(visit.trace.id)

    async def _checked(self, visit: _Visit, scope: Scope, receive: Receive) -> Answer:
        if visit.method == "OPTIONS":
            return self._options(visit)
        endpoint, parameters = self._router.choose(visit.found, visit.method)
        visit.route = endpoint.route
        self._refuse_foreign(visit)
        if not (endpoint.auth is Auth.BEARER and _brings_token(scope)):
            await self._admit(visit, endpoint)
        await self._take_allowance(visit, endpoint)
        body = await _whole_body(receive)
        request = Request(
            method=visit.method,
            path=visit.path,
            headers=visit.headers,
            trace=visit.trace,
            origin=visit.asker.origin,
            address=visit.asker.address,
            parameters=parameters,
            query=_query(endpoint, scope),
            body=_body(endpoint, visit.headers, body),
            user=visit.user,
        )
        if endpoint.replayable:
            request = msgspec.structs.replace(
                request, claim=_claim(request, f"{endpoint.method} {endpoint.route}")
            )
        answer = await endpoint.handler(self._house, request)
        if isinstance(request.query, PageQuery):
            self._house.journal.note(page_read(endpoint.operation_id, request.query))
        return answer

    def _options(self, visit: _Visit) -> Answer:
        found = visit.found
        if found is None:
            raise NotFound("there is nothing at this path")
        visit.route = next(iter(found[0].values())).route
        allow = allowed_methods(found[0])
        headers: Headers = ((b"allow", allow.encode()),)
        origin = visit.headers.get(b"origin")
        if origin is not None and not self._rules.origins.is_foreign(origin, visit.asker.origin):
            headers += self._rules.origins.preflight(allow)
        return Answer(204, headers=headers)

    def _refuse_foreign(self, visit: _Visit) -> None:
        if visit.method in SAFE_METHODS:
            return
        if self._rules.origins.is_foreign(visit.headers.get(b"origin"), visit.asker.origin):
            raise Forbidden("another site's page may not do this")

    async def _admit(self, visit: _Visit, endpoint: Endpoint) -> None:
        if endpoint.auth is Auth.ANYBODY:
            return
        returning = endpoint.auth is Auth.RETURNING
        try:
            visit.user, visit.session = await admitted(
                self._house, visit.headers.get(b"cookie"), returning=returning
            )
        except NotBelieved as error:
            note_refusal(self._house, error.refusal, visit.trace)
            raise
        if returning:
            visit.session = None
        if endpoint.auth is Auth.ADMIN and visit.user.role is not Role.ADMIN:
            raise Forbidden("this is for administrators")

    async def _take_allowance(self, visit: _Visit, endpoint: Endpoint) -> None:
        if endpoint.allowance is None:
            return
        by_walker = endpoint.allowance is Allowance.ROUTES and visit.user is not None
        key = visit.user.id.hex if by_walker and visit.user else visit.asker.address
        visit.verdict = await self._house.limits.take(endpoint.allowance.value, key)
        if not visit.verdict.allowed:
            raise RateLimited(
                "too many requests, try again later",
                retry_after_seconds=visit.verdict.reset_seconds,
            )

    def _dress(self, visit: _Visit, answer: Answer) -> list[tuple[bytes, bytes]]:
        """What every answer wears, errors included."""
        headers = [
            (b"trace-id", visit.trace.id.encode()),
            *self._rules.every_answer,
            *self._rules.origins.cors(visit.headers.get(b"origin"), visit.asker.origin),
        ]
        if visit.verdict is not None:
            headers += [
                (b"ratelimit-limit", b"%d" % visit.verdict.limit),
                (b"ratelimit-remaining", b"%d" % visit.verdict.remaining),
                (b"ratelimit-reset", b"%d" % visit.verdict.reset_seconds),
            ]
        if answer.status == 413 and not any(name == b"connection" for name, _ in answer.headers):
            headers.append((b"connection", b"close"))
        now = self._house.clock.now()
        if (
            visit.session is not None
            and visit.user is not None
            and now - visit.session.issued_at > REISSUED_AFTER
            and not any(name == b"set-cookie" for name, _ in answer.headers)
        ):
            headers.append((b"set-cookie", self._house.cookies.session_cookie(visit.user, now)))
        return headers

    async def _serve_page(self, visit: _Visit, scope: Scope, receive: Receive, send: Send) -> int:
        if visit.method not in {"GET", "HEAD"}:
            answer = refusal(MethodNotAllowed("GET, HEAD"), visit.trace.id)
            await _send(send, answer, self._dress(visit, answer))
            return answer.status
        status = 500

        async def dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                extra = self._dress(visit, Answer(status))
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        page_scope = {**scope, "path": visit.path}
        await self._pages(page_scope, receive, dressed)
        return status


def _may_be_a_page(path: str) -> bool:
    return not any(path == start or path.startswith(start + "/") for start in NOT_PAGES)


async def admitted(
    house: House, cookies: bytes | None, *, returning: bool = False
) -> tuple[User, Session]:
    """Who the cookie proves to ask; `NotBelieved` where it does not, an erased walker included."""
    now = house.clock.now()
    jar = house.cookies
    session = jar.open_walker(cookies, now) if returning else jar.open_session(cookies, now)
    try:
        user = await house.walkers.me(session.user_id)
    except WildsideError as error:
        if error.code != "unauthorized":
            raise
        raise NotBelieved(Refusal.UNKNOWN_USER) from error
    if user.session_epoch != session.epoch:
        raise NotBelieved(Refusal.SIGNED_OUT)
    return user, session


def note_refusal(house: House, reason: Refusal, trace: Trace) -> None:
    """Counts and logs a cookie that failed; having none is no failure."""
    if reason is not Refusal.MISSING:
        house.journal.note(SessionRefused(reason.value, trace.id))


async def _whole_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Invalid("the request ended before its body")
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY_BYTES or (
            message.get("more_body", False) and not message.get("body")
        ):
            raise PayloadTooLarge(f"a body has at most {LARGEST_BODY_BYTES} bytes")
        if not message.get("more_body", False):
            return bytes(body)


def _brings_token(scope: Scope) -> bool:
    query: bytes = scope.get("query_string", b"")
    return any(part.partition(b"=")[0] == b"token" for part in query.split(b"&"))


def _query(endpoint: Endpoint, scope: Scope) -> msgspec.Struct | None:
    if endpoint.query is None:
        return None
    query: bytes = scope.get("query_string", b"")
    return read_query(endpoint.query, query.decode("latin-1"))


def _body(endpoint: Endpoint, headers: Mapping[bytes, bytes], body: bytes) -> Any:
    if endpoint.body is None:
        return None
    if not body and endpoint.body_may_be_absent:
        return endpoint.body()
    media_type = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if media_type != b"application/json":
        raise UnsupportedMediaType("the body must be application/json")
    return read_body(endpoint.body, body)


def _claim(request: Request, scope: str) -> Claim | None:
    """The idempotency key, tied to walker, method, path and the meaning of the body."""
    text = request.headers.get(b"idempotency-key")
    if text is None or request.user is None:
        return None
    try:
        key = UUID(text.decode("latin-1"))
    except ValueError as error:
        raise Invalid.field("Idempotency-Key", "invalid", "an Idempotency-Key is a UUID") from error
    # Encoded again from what was understood: white space and the order of keys do not matter.
    meaning = msgspec.json.encode([request.method, request.path, request.body], order="sorted")
    return Claim(request.user.id, key, hashlib.sha256(meaning).hexdigest(), scope)


async def _send(send: Send, answer: Answer, dress: list[tuple[bytes, bytes]]) -> None:
    headers = [*answer.headers, *dress]
    if answer.status not in {204, 304}:
        headers += [
            (b"content-type", answer.content_type),
            (b"content-length", str(len(answer.body)).encode()),
        ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
