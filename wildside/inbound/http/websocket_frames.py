"""Frames of one WebSocket: hypercorn's stream, with heartbeat, limits and close codes of our own."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Protocol

import trio
from hypercorn.protocol import events as stream_events
from hypercorn.protocol.ws_stream import ASGIWebsocketState, WSStream
from wsproto.connection import Connection as FrameConnection
from wsproto.connection import ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage
from wsproto.frame_protocol import CloseReason

from wildside.inbound.http.heartbeat import Beats
from wildside.inbound.http.message import begin_trace
from wildside.inbound.http.problems import malformed

LARGEST_MESSAGE_BYTES = 16 * 1024
GOODBYE_SECONDS = 1.0  # for a close frame to leave; a client that reads nothing gets none
MALFORMED = 1008
TOO_LARGE = 1009


class Heart(Protocol):
    """The connection below, as far as a socket needs it."""

    beats: Beats
    silence_seconds: float

    def live_on(self) -> None: ...
    def give_up(self) -> None: ...


class FrameStream(WSStream):  # type: ignore[misc]
    """One socket from its handshake on."""

    def __init__(self, protocol: Any, heart: Heart) -> None:
        super().__init__(
            protocol.app,
            protocol.config,
            protocol.context,
            protocol.task_group,
            False,
            protocol.client,
            protocol.server,
            protocol.stream_send,
            stream_id=1,
        )
        self._heart = heart
        self._last_frame = trio.current_time()
        self._patience = trio.CancelScope()
        self._parts: list[bytes] = []
        self._part_bytes = 0
        self._ended = trio.Event()

    async def handle(self, event: stream_events.Event) -> None:
        """As hypercorn, but no compression is agreed to, and the heart stops with the socket."""
        if isinstance(event, stream_events.StreamClosed):
            self._ended.set()
        if isinstance(event, stream_events.Request):
            event.headers[:] = [
                (name, value)
                for name, value in event.headers
                if name != b"sec-websocket-extensions"
            ]
        if isinstance(event, stream_events.Body | stream_events.Data) and not self._is_open:
            await self._refuse_haste()
            return
        await super().handle(event)

    @property
    def _is_open(self) -> bool:
        return self.closed or self.handshake.accepted

    async def _refuse_haste(self) -> None:
        """Frames came before the handshake was answered, which RFC 6455 §4.1 forbids: 400, the end.

        Closed before anything is sent: the application, which may accept at this very moment, would
        else speak into an answer that is none of its own.
        """
        self.closed = True
        self._ended.set()
        await self._send_error_response(400)
        await self.send(stream_events.StreamClosed(stream_id=self.stream_id))
        if self.app_put is not None:
            await self.app_put({"type": "websocket.disconnect", "code": 1006})

    async def _accept(self, message: MutableMapping[str, Any]) -> None:
        self.state = ASGIWebsocketState.CONNECTED
        status, headers, _ = self.handshake.accept(
            message.get("subprotocol"), message.get("headers", [])
        )
        # Hypercorn's own always offers permessage-deflate to the frame reader.
        self.connection = FrameConnection(ConnectionType.SERVER)
        self._heart.live_on()
        await self.send(
            stream_events.Response(stream_id=self.stream_id, status_code=status, headers=headers)
        )
        self._last_frame = trio.current_time()
        self.task_group.spawn(self._beat)

    async def _handle_events(self) -> None:
        for event in self.connection.events():
            if isinstance(event, TextMessage | BytesMessage):
                if event.frame_finished:
                    self._heard()
                if not await self._take(event):
                    return
            elif isinstance(event, CloseConnection):
                await self._end(event)
                return
            else:
                self._heard()
                if isinstance(event, Ping):
                    await self._send_wsproto_event(event.response())

    async def _take(self, event: TextMessage | BytesMessage) -> bool:
        """Adds a part of a message; False where it became too long and the socket is closed."""
        part = event.data.encode() if isinstance(event.data, str) else bytes(event.data)
        self._part_bytes += len(part)
        if self._part_bytes > LARGEST_MESSAGE_BYTES:
            await self._hang_up(TOO_LARGE, "message too large")
            return False
        self._parts.append(part)
        if event.message_finished:
            whole, self._parts, self._part_bytes = b"".join(self._parts), [], 0
            await self.app_put(
                {
                    "type": "websocket.receive",
                    "text": whole.decode() if isinstance(event, TextMessage) else None,
                    "bytes": whole if isinstance(event, BytesMessage) else None,
                }
            )
        return True

    async def _end(self, event: CloseConnection) -> None:
        if self.connection.state is ConnectionState.OPEN:
            # Nobody closed: the frame reader could not make sense of what came.
            await self._hang_up(MALFORMED, "malformed frame")
            return
        if self.connection.state is ConnectionState.REMOTE_CLOSING:
            code = event.code if event.code != CloseReason.NO_STATUS_RCVD else 1000
            await self._send_wsproto_event(CloseConnection(code=code))
        await self.send(stream_events.StreamClosed(stream_id=self.stream_id))

    async def _hang_up(self, code: int, reason: str) -> None:
        self.state = ASGIWebsocketState.CLOSED
        with trio.move_on_after(GOODBYE_SECONDS) as goodbye:
            await self._send_wsproto_event(CloseConnection(code=code, reason=reason))
            await self.send(stream_events.StreamClosed(stream_id=self.stream_id))
        if goodbye.cancelled_caught:
            self._heart.give_up()

    async def _beat(self) -> None:
        """Pings, and hangs up on a client that has been silent for too long."""
        beats = self._heart.beats
        next_ping = beats.first_after(trio.current_time())
        while True:
            silent_at = self._last_frame + self._heart.silence_seconds
            with trio.move_on_at(min(next_ping, silent_at)):
                await self._ended.wait()
            if self.closed:
                return
            if trio.current_time() > self._last_frame + self._heart.silence_seconds - 1e-6:
                await self._hang_up(CloseReason.NORMAL_CLOSURE, "heartbeat timeout")
                return
            if trio.current_time() >= next_ping:
                next_ping = beats.next_after(next_ping, trio.current_time())
                await self._ping()

    def _heard(self) -> None:
        """A sign of life, which also gives a ping that waits behind unread words more time."""
        self._last_frame = trio.current_time()
        self._patience.deadline = self._last_frame + self._heart.silence_seconds

    async def _ping(self) -> None:
        deadline = self._last_frame + self._heart.silence_seconds
        with trio.CancelScope(deadline=deadline) as self._patience:
            await self._send_wsproto_event(Ping())
        if self._patience.cancelled_caught:
            self._heart.give_up()

    async def _send_error_response(self, status_code: int) -> None:
        """A handshake that is none, in the contract's error shape."""
        trace = begin_trace(None)
        answer = malformed("this is not a WebSocket handshake of version 13", trace.id)
        await self.send(
            stream_events.Response(
                stream_id=self.stream_id,
                status_code=answer.status if status_code < 500 else status_code,
                headers=[
                    (b"content-type", answer.content_type),
                    (b"content-length", str(len(answer.body)).encode()),
                    (b"trace-id", trace.id.encode()),
                    (b"sec-websocket-version", b"13"),
                    (b"connection", b"close"),
                ],
            )
        )
        await self.send(stream_events.Body(stream_id=self.stream_id, data=answer.body))
        await self.send(stream_events.EndBody(stream_id=self.stream_id))
