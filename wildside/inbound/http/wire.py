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
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
import trio
from hypercorn.config import Config
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.utils import parse_socket_addr

from wildside.domain.errors import Unavailable
from wildside.inbound.http.asgi import App
from wildside.inbound.http.heartbeat import Beats
from wildside.inbound.http.http_protocol import JoiningProtocol

READ_BYTES = 64 * 1024
# Closing with unread input would destroy the answer on its way to the client.
LINGER_SECONDS = 0.5
SENDERS_LINGER_SECONDS = 2.0
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


def listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections from now on; Unavailable where the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        reason = error.strerror or error
        raise Unavailable(f"cannot listen on {host}:{port}: {reason}") from error
    listener.setblocking(False)
    return listener


class Wire:
    """Accepts connections for one application until it is told to stop."""

    def __init__(self, app: App, limits: WireLimits) -> None:
        self.app = app
        self.limits = limits
        self.beats = Beats(limits.heartbeat_seconds)
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
        async def converse(stream: trio.SocketStream) -> None:
            connection = Connection(self, stream)
            self.connections.add(connection)
            await connection.run()

        await trio.serve_listeners(converse, [listener], handler_nursery=connections)

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
        self.app, self.config, self.context = wire.app, wire.config, wire.context
        self._limits = wire.limits
        self._forget = wire.forget
        self.stream = stream
        self.beats = wire.beats
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
        try:
            with self._lifetime:
                await self._converse()
        except OSError as error:
            log.debug("connection failed", error=str(error))
        finally:
            self._forget(self)
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
                # Somebody who still sends has not come to reading yet.
                self._lifetime.deadline = trio.current_time() + SENDERS_LINGER_SECONDS
                continue
            if self._idle and data:
                self._idle = False
                self._lifetime.deadline = trio.current_time() + self._limits.request_seconds
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
            self._lifetime.deadline = trio.current_time() + self._limits.keep_alive_seconds
        elif isinstance(event, Updated) and self._idle:
            # The next of several requests that came in one piece.
            self._idle = False
            self._lifetime.deadline = trio.current_time() + self._limits.request_seconds

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
                # Half a message may be out: nothing that follows would be understood. The reader,
                # who waits for a client that waits for us, must not keep the connection open.
                self._gone = True
                self.give_up()
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
