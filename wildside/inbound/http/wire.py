"""Hypercorn's HTTP/1.1 and WebSocket protocols on trio, with the faults repaired that would hurt us.

Two rules. A connection has one deadline, moved as it goes from idle to asking to answered, instead
of a timer task for each state. A request runs in its connection's own task, after its body has
arrived whole, instead of in a task with a queue of its own. What else differs from hypercorn 0.18:

- nothing is shielded from cancellation, so a client that stops reading cannot hold up the end;
- head and body of an answer leave in one write;
- a body past the limit reaches the application cut off, and never fills a queue that nobody empties;
- permessage-deflate is not agreed to (it costs 100 kB a socket), pongs count as signs of life, a
  malformed frame closes 1008, a message that is too long 1009, silence 1000;
- whatever is refused before the application sees it has the contract's error shape;
- HTTP/2 is left to the proxy in front.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import h11
import structlog
import trio
from hypercorn.config import Config
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.protocol import events as stream_events
from hypercorn.protocol.h11 import STREAM_ID, H11Protocol, H11WSConnection
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.utils import parse_socket_addr, suppress_body

from wildside.inbound.http.message import begin_trace
from wildside.inbound.http.problems import malformed
from wildside.inbound.http.websocket_frames import FrameStream

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY_BYTES = 64 * 1024
READ_BYTES = 64 * 1024
JOINED_BYTES = 64 * 1024  # an answer up to this length leaves in one write
LINGER_SECONDS = 2.0  # closing with unread input would destroy the answer on its way to the client
LINGER_BYTES = 16 * 1024 * 1024
FAREWELL_SECONDS = 2.0  # what a closing socket's application gets to end by itself
BACKLOG = 1024

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WireLimits:
    """How long and how much a client may take."""

    request_seconds: float = 15.0
    keep_alive_seconds: float = 75.0
    heartbeat_seconds: float = 5.0
    silence_seconds: float = 10.0


class Wire:
    """Accepts connections for one application until it is told to stop."""

    def __init__(self, app: App, limits: WireLimits) -> None:
        self.app = app
        self.limits = limits
        self.context = WorkerContext(None)
        self.connections: set[Connection] = set()
        self.config = Config()
        self.config.include_server_header = False
        self.config.errorlog = None
        self.config.accesslog = None
        self._all_gone = trio.Event()

    async def serve(
        self,
        sockets: Sequence[socket.socket],
        stop: trio.Event,
        drain_seconds: float,
        task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """Serves listening sockets until `stop`, then lets answers under way end within the drain."""
        listeners = [trio.SocketListener(trio.socket.from_stdlib_socket(sock)) for sock in sockets]
        async with trio.open_nursery() as connections:
            async with trio.open_nursery() as accepting:
                for listener in listeners:
                    accepting.start_soon(self._accept, listener, connections)
                task_status.started()
                await stop.wait()
                accepting.cancel_scope.cancel()
            for listener in listeners:
                await listener.aclose()
            await self._drain(drain_seconds)
            connections.cancel_scope.cancel()

    async def _accept(self, listener: trio.SocketListener, connections: trio.Nursery) -> None:
        # trio.serve_listeners does the same, sleeping where no file descriptor is left.
        await trio.serve_listeners(
            lambda stream: Connection(self, stream).run(), [listener], handler_nursery=connections
        )

    async def _drain(self, seconds: float) -> None:
        await self.context.terminated.set()
        for connection in tuple(self.connections):
            connection.end_if_idle()
        if not self.connections:
            self._all_gone.set()
        with trio.move_on_after(seconds):
            await self._all_gone.wait()

    async def all_gone(self) -> None:
        """Returns when, after the stop, the last connection is closed."""
        await self._all_gone.wait()

    def forget(self, connection: Connection) -> None:
        """The connection is closed."""
        self.connections.discard(connection)
        if not self.connections and self.context.terminated.is_set():
            self._all_gone.set()


class Connection:
    """One client: reads, hands over to the protocol, writes, and always lets go."""

    def __init__(self, wire: Wire, stream: trio.SocketStream) -> None:
        self.wire = wire
        self.stream = stream
        self.heartbeat_seconds = wire.limits.heartbeat_seconds
        self.silence_seconds = wire.limits.silence_seconds
        self._lifetime = trio.CancelScope(
            deadline=trio.current_time() + wire.limits.request_seconds
        )
        self._idle = True  # nothing of a request has arrived
        self._closing = False
        self._gone = False
        self._writing = trio.Lock()

    async def run(self) -> None:
        """Until either side ends it or its time is up."""
        self.wire.connections.add(self)
        try:
            with self._lifetime:
                await self._converse()
        except OSError as error:
            log.debug("connection failed", error=str(error))
        finally:
            self.wire.forget(self)
            await trio.aclose_forcefully(self.stream)

    def end_if_idle(self) -> None:
        """The server is going: a connection that asks nothing is closed at once."""
        if self._idle:
            self._lifetime.cancel()

    def live_on(self) -> None:
        """Upgraded to a socket, which has a heartbeat instead of a deadline."""
        self._idle = False
        self._lifetime.deadline = float("inf")

    def give_up(self) -> None:
        """The other side does not answer: nothing more is sent or awaited."""
        self._lifetime.cancel()

    async def _converse(self) -> None:
        peer = self.stream.socket
        async with trio.open_nursery() as nursery:
            protocol = JoiningProtocol(
                self,
                nursery,
                parse_socket_addr(peer.family, peer.getpeername()),
                parse_socket_addr(peer.family, peer.getsockname()),
            )
            self._protocol = protocol
            await self._read(protocol)
            self._lifetime.deadline = min(
                self._lifetime.deadline, trio.current_time() + FAREWELL_SECONDS
            )

    async def _read(self, protocol: JoiningProtocol) -> None:
        discarded = 0
        while not self._gone:
            try:
                data = bytes(await self.stream.receive_some(READ_BYTES))
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                break
            if self._closing:
                discarded += len(data)
                if not data or discarded > LINGER_BYTES:
                    break
                continue
            if self._idle and data:
                self._idle = False
                self._lifetime.deadline = trio.current_time() + self.wire.limits.request_seconds
            await protocol.handle(RawData(data))
            if not data:
                break
        await protocol.handle(Closed())

    async def send(self, event: Event) -> None:
        """What the protocol wants done: bytes sent, the deadline moved, the connection closed."""
        if isinstance(event, RawData):
            await self._write(event.data)
        elif isinstance(event, Closed):
            await self._close()
        elif isinstance(event, Updated) and event.idle:
            self._idle = True
            self._lifetime.deadline = trio.current_time() + self.wire.limits.keep_alive_seconds

    async def _write(self, data: bytes) -> None:
        if self._gone or not data:
            return
        # The reader answers pings while the application sends: one at a time.
        async with self._writing:
            try:
                await self.stream.send_all(data)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                self._gone = True
            except trio.Cancelled:
                # Half a message may be out: nothing that follows would be understood.
                self._gone = True
                raise
        if self._gone:
            await self._protocol.handle(Closed())

    async def _close(self) -> None:
        if self._closing or self._gone:
            return
        self._closing = True
        self._lifetime.deadline = trio.current_time() + LINGER_SECONDS
        try:
            await self.stream.send_eof()
        except (
            trio.BrokenResourceError,
            trio.ClosedResourceError,
            trio.BusyResourceError,
            OSError,
        ):
            self._gone = True
        # The reader waits for the client's own end, so that the answer is not lost to a reset.


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

    def __init__(
        self,
        connection: Connection,
        nursery: trio.Nursery,
        client: tuple[str, int] | None,
        server: tuple[str, int] | None,
    ) -> None:
        wire = connection.wire
        super().__init__(
            wire.app,
            wire.config,
            wire.context,
            Tasks(nursery),
            {},
            False,
            client,
            server,
            connection.send,
        )
        self.owner = connection
        self._unsent = bytearray()

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
        if wants_socket:
            self.stream = FrameStream(self, self.owner)
            self.connection = H11WSConnection(self.connection)
        else:
            self.stream = Exchange(self)
        await self.stream.handle(
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
        path, _, query = event.raw_path.partition(b"?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.1"},
            "http_version": event.http_version,
            "method": event.method,
            "scheme": "http",
            "path": path.decode("ascii"),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": event.headers,
            "client": self._protocol.client,
            "server": self._protocol.server,
            "extensions": {},
        }

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
