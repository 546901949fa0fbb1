"""The door for sockets: who may come in, what they hear first, and what becomes of what they say."""

from __future__ import annotations

import itertools
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import msgspec
import structlog
import trio

from actors import ActorError, Address, ChildSpec, Restart
from wildside.domain.accounts import User
from wildside.domain.errors import Forbidden, Invalid, NotFound, WildsideError
from wildside.domain.identifiers import UserId
from wildside.domain.traffic import SocketClosed, SocketMessage, SocketOpened
from wildside.inbound.http.asgi import Receive, Scope, Send
from wildside.inbound.http.edge import EdgeRules, admitted, note_refusal
from wildside.inbound.http.house import House
from wildside.inbound.http.message import Trace, begin_trace
from wildside.inbound.http.problems import refusal
from wildside.inbound.http.session_cookie import NotBelieved
from wildside.inbound.ws.messages import UpdateLocation
from wildside.inbound.ws.session import (
    OUTBOX,
    OUTBOX_ROOM,
    TRY_AGAIN_LATER,
    Leave,
    Refused,
    Session,
    Word,
)
from wildside.use_cases.follow_progress import FollowProgress

ABNORMAL = 1006
CLOSING_SECONDS = 5.0  # for a goodbye to be heard by whoever reads slowly
LOOK_AGAIN_SECONDS = 0.02
LOOKED_UP_AT_ONCE = 500  # sockets' walkers in one look at the store: about three milliseconds
LOOKS_FOR_ROOM = 100  # two seconds: a reader who takes nothing for so long is let go

# 1008 is "policy violation" (RFC 6455, 7.4.1): coming back with the same cookie will not help.
SIGNED_OUT = Leave(1008, "signed out")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Guest:
    """Whose socket it is, and of which session epoch they were when they came."""

    user_id: UserId
    epoch: int


class SocketDoor:
    """ASGI's entrance for `/ws`; every open socket is a `Session` below the supervisor of sessions."""

    def __init__(
        self,
        house: House,
        follow_progress: FollowProgress,
        rules: EdgeRules,
        spawn: Callable[[ChildSpec[Word]], Address[Word]],
    ) -> None:
        self._house = house
        self._follow_progress = follow_progress
        self._rules = rules
        self._spawn = spawn
        self._numbers = itertools.count(1)
        self._open: dict[Address[Word], _Guest] = {}
        self._leaving: Leave | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """From the handshake to the end of the socket."""
        headers = dict(scope["headers"])
        trace = begin_trace(headers.get(b"traceparent"))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(trace_id=trace.id, **trace.parent)
        try:
            user, since = await self._admit(scope, headers, trace)
        except WildsideError as error:
            await self._refuse(send, error, trace)
            return
        await receive()  # the connect event
        await send({"type": "websocket.accept", "headers": [(b"trace-id", trace.id.encode())]})
        self._house.journal.note(SocketOpened(user.id, trace.id))
        code = ABNORMAL
        try:
            code = await self._converse(user, since, receive, send)
        finally:
            self._house.journal.note(SocketClosed(user.id, trace.id, code))

    def leave(self, code: int, reason: str) -> None:
        """Says goodbye to every socket, those included that are about to open."""
        self._leaving = Leave(code, reason)
        for session in tuple(self._open):
            _tell(session, self._leaving)

    def dismiss(self, user_id: UserId) -> None:
        """Says goodbye to the sockets of somebody whose sessions have ended."""
        for session, guest in tuple(self._open.items()):
            if guest.user_id == user_id:
                _tell(session, SIGNED_OUT)

    async def review(self) -> None:
        """Dismisses whoever was erased, disabled or signed out, be it by another process."""
        guests = tuple(self._open.items())
        for start in range(0, len(guests), LOOKED_UP_AT_ONCE):
            await self._review(guests[start : start + LOOKED_UP_AT_ONCE])
            # Ten thousand sockets must not make anybody wait.
            await trio.lowlevel.checkpoint()

    @property
    def open_sockets(self) -> int:
        """How many walkers are connected."""
        return len(self._open)

    async def _review(self, guests: Sequence[tuple[Address[Word], _Guest]]) -> None:
        standing = await self._house.walkers.standing({guest.user_id for _, guest in guests})
        for session, guest in guests:
            if standing.get(guest.user_id) != guest.epoch:
                _tell(session, SIGNED_OUT)

    async def _admit(
        self, scope: Scope, headers: MutableMapping[bytes, bytes], trace: Trace
    ) -> tuple[User, int | None]:
        if scope["path"] != "/ws":
            raise NotFound("there is nothing at this path")
        client = scope.get("client")
        scheme = "https" if scope.get("scheme") == "wss" else "http"
        host = headers.get(b"host", b"").decode("latin-1")
        origins = self._rules.origins
        asker = origins.asker(scheme, client[0] if client else None, headers, host)
        try:
            user, _ = await admitted(self._house, headers.get(b"cookie"))
        except NotBelieved as error:
            note_refusal(self._house, error.refusal, trace)
            raise
        if origins.is_foreign(headers.get(b"origin"), asker.origin):
            raise Forbidden("another site's page may not open a socket here")
        return user, _since(scope.get("query_string", b""))

    async def _refuse(self, send: Send, error: WildsideError, trace: Trace) -> None:
        answer = refusal(error, trace.id)
        headers = [
            *answer.headers,
            (b"trace-id", trace.id.encode()),
            *self._rules.every_answer,
            (b"content-type", answer.content_type),
            (b"content-length", str(len(answer.body)).encode()),
            (b"connection", b"close"),
        ]
        await send(
            {
                "type": "websocket.http.response.start",
                "status": answer.status,
                "headers": headers,
            }
        )
        await send({"type": "websocket.http.response.body", "body": answer.body})

    async def _converse(self, user: User, since: int | None, receive: Receive, send: Send) -> int:
        house = self._house
        goodbye = trio.Event()

        def make() -> Session:
            return Session(send, house.clock, house.journal, since or 0, goodbye)

        session = self._spawn(
            ChildSpec(
                f"socket-{next(self._numbers)}",
                make,
                restart=Restart.TEMPORARY,
                mailbox=OUTBOX,
                stop_seconds=CLOSING_SECONDS,
                # One line in the metrics for all of them, those included that end before they begin.
                kind="session",
            )
        )
        self._open[session] = _Guest(user.id, user.session_epoch)
        if self._leaving is not None:
            _tell(session, self._leaving)
        code = ABNORMAL
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._bring_news, user, since, session)
                nursery.start_soon(_until_ended, session, goodbye, nursery)
                code = await self._listen(receive, session)
                nursery.cancel_scope.cancel()
        finally:
            self._open.pop(session, None)
            _tell(session, Leave(1000, ""))
        return code

    async def _bring_news(self, user: User, since: int | None, session: Address[Word]) -> None:
        """The latest words, then every new one, into the session's outbox."""
        try:
            async with self._follow_progress.listen(user.id, since) as words:
                while True:
                    told = await words.__anext__()
                    if not await _has_room(session):
                        _tell(session, Leave(TRY_AGAIN_LATER, "too slow; come back with ?since="))
                        return
                    _tell(session, told)
        except WildsideError:
            log.exception("a socket's news failed")
            _tell(session, Leave(TRY_AGAIN_LATER, "try again later"))

    async def _listen(self, receive: Receive, session: Address[Word]) -> int:
        """Reads what the walker says until they leave; gives the closing code."""
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return int(message.get("code") or ABNORMAL)
            try:
                self._take(message)
            except WildsideError as error:
                if session.waiting >= OUTBOX_ROOM:
                    _tell(session, Leave(TRY_AGAIN_LATER, "too many messages"))
                else:
                    _tell(session, Refused(error, begin_trace(None).id))

    def _take(self, message: MutableMapping[str, Any]) -> None:
        text = message.get("text")
        if text is None:
            raise Invalid("messages are JSON texts")
        try:
            said = msgspec.json.decode(text, type=UpdateLocation)
        except (msgspec.DecodeError, RecursionError) as error:
            self._house.journal.note(SocketMessage("in", "unreadable"))
            raise Invalid(str(error)[:200]) from error
        self._house.journal.note(SocketMessage("in", "update_location"))
        raise NotFound(f"no walk of route {said.route_id} is under way")


async def _has_room(session: Address[Word]) -> bool:
    """Waits a moment for a full outbox: a busy walker's first words come faster than a wire takes them.

    Nothing piles up meanwhile: the news keep only the newest word of each request.
    """
    for _ in range(LOOKS_FOR_ROOM):
        if session.waiting < OUTBOX_ROOM:
            return True
        await trio.sleep(LOOK_AGAIN_SECONDS)
    return False


async def _until_ended(session: Address[Word], goodbye: trio.Event, nursery: trio.Nursery) -> None:
    await session.ended()
    # After a goodbye the client's answer ends the reading. After a crash nobody would ever speak to
    # this socket again: it closes at once, and the walker comes back with ?since=.
    if goodbye.is_set():
        await trio.sleep(CLOSING_SECONDS)
    nursery.cancel_scope.cancel()


def _tell(session: Address[Word], word: Word) -> None:
    # A session that has ended hears nothing more, which is no fault.
    if session.alive:
        try:
            session.tell(word)
        except ActorError:
            return


def _since(query: bytes) -> int | None:
    given = parse_qs(query.decode("latin-1")).get("since")
    if given is None:
        return None
    text = given[-1]
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Invalid.field("since", "invalid", "since is the id of a message")
    return int(text)
