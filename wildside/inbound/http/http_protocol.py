"""HTTP/1.1 over one connection: hypercorn's protocol, with answers joined and requests run in place.

Plain requests, which nearly all are, go past h11: it costs more than most of our answers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import chain
from typing import Protocol

import h11
import structlog
import trio
from hypercorn.config import Config
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.protocol import events as stream_events
from hypercorn.protocol.h11 import STREAM_ID, H11Protocol, H11WSConnection
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.utils import suppress_body

from wildside.inbound.http.asgi import App, Message, Receive, Scope
from wildside.inbound.http.message import begin_trace
from wildside.inbound.http.plain_answer import PlainAnswer
from wildside.inbound.http.plain_request import PlainRequest, plain_request
from wildside.inbound.http.problems import malformed
from wildside.inbound.http.websocket_frames import FrameStream, Heart

LARGEST_BODY_BYTES = 64 * 1024
JOINED_BYTES = 64 * 1024  # an answer up to this length leaves in one write

log = structlog.get_logger(__name__)


class Line(Heart, Protocol):
    """The connection below, as far as a protocol needs it."""

    app: App
    config: Config
    context: WorkerContext

    async def send(self, event: Event) -> None: ...


class Tasks:
    """Starts a socket's application beside its connection: hypercorn's TaskGroup, without the trap.

    Hypercorn's queue blocks for ever when the application has left; here the end of the connection
    is the end of the channel, which needs no room.
    """

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery

    async def spawn_app(
        self,
        app: App,
        config: Config,  # noqa: ARG002 - hypercorn's signature
        scope: Scope,
        send: Callable[[Message | None], Awaitable[None]],
    ) -> Callable[[Message], Awaitable[None]]:
        """Starts the application and returns where its messages go."""
        sender, receiver = trio.open_memory_channel[Message](10)
        disconnected: Message = {"type": "websocket.disconnect", "code": 1006}

        async def put(message: Message) -> None:
            if message["type"] == "websocket.disconnect":
                disconnected.update(message)
                sender.close()
                return
            try:
                await sender.send(message)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return

        async def receive() -> Message:
            try:
                return await receiver.receive()
            except trio.EndOfChannel:
                return disconnected

        self._nursery.start_soon(self._run, app, scope, receive, send, receiver)
        return put

    def spawn(self, function: Callable[..., Awaitable[None]], *arguments: object) -> None:
        """Starts something beside the connection."""
        self._nursery.start_soon(function, *arguments)

    async def _run(
        self,
        app: App,
        scope: Scope,
        receive: Receive,
        send: Callable[[Message | None], Awaitable[None]],
        receiver: trio.MemoryReceiveChannel[Message],
    ) -> None:
        with receiver:
            try:
                await app(scope, receive, send)
            except Exception:
                log.exception("a socket's application failed")
        await send(None)


class JoiningProtocol(H11Protocol):  # type: ignore[misc]
    """HTTP/1.1 whose answers leave in one write."""

    connection: h11.Connection | H11WSConnection
    stream: FrameStream | Exchange | None

    def __init__(
        self,
        line: Line,
        nursery: trio.Nursery,
        client: tuple[str, int] | None,
        server: tuple[str, int] | None,
    ) -> None:
        super().__init__(
            line.app,
            line.config,
            line.context,
            Tasks(nursery),
            {},
            False,
            client,
            server,
            line.send,
        )
        self.line = line
        self._unsent = bytearray()

    async def handle(self, event: Event) -> None:
        """Answers plain requests at once; from the first other one on, hypercorn's protocol does."""
        if isinstance(event, RawData) and self._is_between_requests:
            rest = await self._answer_plain_ones(event.data)
            if not rest:
                return
            event = RawData(rest)
        await super().handle(event)

    @property
    def _is_between_requests(self) -> bool:
        """h11 has nothing under way and nothing left over."""
        connection = self.connection
        return (
            self.stream is None
            and not isinstance(connection, H11WSConnection)
            and connection.their_state is h11.IDLE
            and connection.our_state is h11.IDLE
            and not connection.trailing_data[0]
        )

    async def _answer_plain_ones(self, data: bytes) -> bytes:
        """Takes plain requests from the beginning of the data, and gives what is not one."""
        while data:
            request = plain_request(data, LARGEST_BODY_BYTES)
            if request is None:
                return data
            data = data[request.taken_bytes :]
            self.keep_alive_requests += 1
            answer = PlainAnswer(request, self._write, self.config, self._is_last)
            await self.send(Updated(idle=False))
            await self.app(self._plain_scope(request), answer.receive, answer.send)
            if answer.is_last:
                await self.send(Closed())
                return b""
            await self.send(Updated(idle=True))
            if data:
                # Somebody who sends many at once has no right to all of the loop.
                await trio.lowlevel.checkpoint()
        return b""

    def _is_last(self) -> bool:
        """Whether the connection ends with the answer that begins now."""
        most: int = self.config.keep_alive_max_requests
        ending: bool = self.context.terminated.is_set()
        return ending or self.keep_alive_requests >= most

    async def _write(self, data: bytes) -> None:
        await self.send(RawData(data))

    def _plain_scope(self, request: PlainRequest) -> Scope:
        return http_scope(request.method, request.target, request.headers, self.client, self.server)

    async def stream_send(self, event: stream_events.Event) -> None:
        """As hypercorn, but the last answer before the end says that it is the last."""
        if isinstance(event, stream_events.Response) and self.context.terminated.is_set():
            event.headers.append((b"connection", b"close"))
        await super().stream_send(event)

    async def _check_protocol(self, event: h11.Request) -> None:
        """No upgrade to HTTP/2."""

    async def _create_stream(self, request: h11.Request) -> None:
        names = {name: value.strip().lower() for name, value in request.headers}
        wants_socket = (
            names.get(b"upgrade") == b"websocket"
            and b"upgrade" in [part.strip() for part in names.get(b"connection", b"").split(b",")]
            and request.method == b"GET"
        )
        stream: FrameStream | Exchange
        if wants_socket:
            stream = FrameStream(self, self.line)
            self.connection = H11WSConnection(self.connection)
        else:
            stream = Exchange(self)
        self.stream = stream
        await stream.handle(
            stream_events.Request(
                stream_id=STREAM_ID,
                headers=list(request.headers),
                http_version=request.http_version.decode(),
                method=request.method.decode("ascii"),
                raw_path=request.target,
                state={},
            )
        )
        self.keep_alive_requests += 1

    async def _send_h11_event(self, event: h11.Event) -> None:
        try:
            data = self.connection.send(event)
        except h11.LocalProtocolError:
            if self.connection.their_state != h11.ERROR:
                raise
            return
        self._unsent += data or b""
        if isinstance(event, h11.Response | h11.Data) and len(self._unsent) < JOINED_BYTES:
            return
        joined, self._unsent = bytes(self._unsent), bytearray()
        await self.send(RawData(joined))

    async def _send_error_response(self, status_code: int) -> None:
        trace = begin_trace(None)
        message = "the head is too long" if status_code == 431 else "this is not HTTP/1.1"
        answer = malformed(message, trace.id)
        headers = [
            (b"content-type", answer.content_type),
            (b"content-length", str(len(answer.body)).encode()),
            (b"trace-id", trace.id.encode()),
            (b"connection", b"close"),
        ]
        await self._send_h11_event(
            h11.Response(
                status_code=answer.status,
                headers=list(chain(headers, self.config.response_headers("h11"))),
            )
        )
        await self._send_h11_event(h11.Data(data=answer.body))
        await self._send_h11_event(h11.EndOfMessage())


def http_scope(
    method: str,
    target: bytes,
    headers: list[tuple[bytes, bytes]],
    client: tuple[str, int] | None,
    server: tuple[str, int] | None,
) -> Scope:
    """ASGI's description of a request."""
    path, _, query = target.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.1"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path.decode("ascii"),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": headers,
        "client": client,
        "server": server,
        "extensions": {},
    }


class Exchange:
    """One request and its answer, in place of hypercorn's HTTPStream."""

    def __init__(self, protocol: JoiningProtocol) -> None:
        self._protocol = protocol
        self._body = bytearray()
        self._scope: Scope = {}
        self._started: Message | None = None
        self._head_sent = False
        self._answered = False
        self._given = False

    async def handle(self, event: stream_events.Event) -> None:
        """Collects the request; runs the application when it is whole, or too much of it."""
        if isinstance(event, stream_events.Request):
            self._scope = self._scope_of(event)
            if self._announced_bytes(event) > LARGEST_BODY_BYTES:
                await self._run(cut_off=True)
        elif self._answered:
            return
        elif isinstance(event, stream_events.Body):
            self._body += event.data
            if len(self._body) > LARGEST_BODY_BYTES:
                await self._run(cut_off=True)
        elif isinstance(event, stream_events.EndBody):
            await self._run(cut_off=False)

    def _scope_of(self, event: stream_events.Request) -> Scope:
        protocol = self._protocol
        return http_scope(
            event.method, event.raw_path, event.headers, protocol.client, protocol.server
        )

    @staticmethod
    def _announced_bytes(event: stream_events.Request) -> int:
        # h11 has checked that a content-length is a number.
        return next((int(value) for name, value in event.headers if name == b"content-length"), 0)

    async def _run(self, *, cut_off: bool) -> None:
        self._answered = True
        body = {"type": "http.request", "body": bytes(self._body), "more_body": cut_off}

        async def receive() -> Message:
            if self._given:
                # Nothing more comes while the application runs: this task is the reader.
                await trio.sleep_forever()
            self._given = True
            return body

        await self._protocol.app(self._scope, receive, self._send)
        await self._protocol.stream_send(stream_events.StreamClosed(stream_id=STREAM_ID))

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._started = message
            return
        assert self._started is not None, "an answer begins with its start"  # noqa: S101
        status = int(self._started["status"])
        if not self._head_sent:
            self._head_sent = True
            await self._protocol.stream_send(
                stream_events.Response(
                    stream_id=STREAM_ID,
                    headers=list(self._started["headers"]),
                    status_code=status,
                )
            )
        data = message.get("body", b"")
        if data and not suppress_body(self._scope["method"], status):
            await self._protocol.stream_send(stream_events.Body(stream_id=STREAM_ID, data=data))
        if not message.get("more_body", False):
            await self._protocol.stream_send(stream_events.EndBody(stream_id=STREAM_ID))
