"""The wire over real sockets: joined answers, limits, slow and silent clients, an orderly end."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
from dataclasses import dataclass, field

import pytest
import trio
import trio.testing

from tests.http.doors import Served, nothing_here, served
from wildside.domain.errors import Unavailable
from wildside.inbound.http.asgi import Receive, Scope, Send
from wildside.inbound.http.wire import WireLimits, listening

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
HASTY = WireLimits(request_seconds=0.3, keep_alive_seconds=0.3)
PATIENT = WireLimits()


async def everything(stream: trio.SocketStream) -> bytes:
    """All that comes until the server closes."""
    parts = []
    with trio.fail_after(10):
        while part := await stream.receive_some(65536):
            parts.append(part)
    return b"".join(parts)


async def one_answer(stream: trio.SocketStream, end: bytes = b"hello") -> bytes:
    """What comes until the body's end."""
    found = b""
    with trio.fail_after(10):
        while not found.endswith(end):
            part = await stream.receive_some(65536)
            assert part, found
            found += part
    return found


async def echo_length(scope: Scope, receive: Receive, send: Send) -> None:
    """Tells how long the body was, and whether it was cut off."""
    message = await receive()
    said = f"{len(message['body'])} {message['more_body']}".encode()
    headers = [(b"content-length", str(len(said)).encode())]
    if message["more_body"]:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": said})


async def test_a_connection_is_kept_and_requests_may_come_in_one_piece() -> None:
    """Two requests in one write: two answers, in order, on one connection."""
    async with served(nothing_here, PATIENT) as running:
        stream = await running.connect()
        await stream.send_all(GET + GET)
        assert (await one_answer(stream)).count(b"200") >= 1
        await stream.send_all(GET)
        assert b"hello" in await one_answer(stream)
        assert len(running.wire.connections) == 1
        await stream.aclose()


async def test_head_and_body_leave_in_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """One send for an answer, which hypercorn alone makes three of."""
    sent: list[bytes] = []
    original = trio.SocketStream.send_all

    async def spying(self: trio.SocketStream, data: bytes) -> None:
        if data.startswith(b"HTTP"):
            sent.append(bytes(data))
        await original(self, data)

    monkeypatch.setattr(trio.SocketStream, "send_all", spying)
    async with served(nothing_here, PATIENT) as running:
        stream = await running.connect()
        await stream.send_all(GET)
        await one_answer(stream)
        await stream.aclose()
    assert len(sent) == 1
    assert sent[0].endswith(b"\r\n\r\nhello")


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_past_the_limit_is_cut_off_and_the_answer_arrives(chunked: bool) -> None:
    """Ten megabytes, announced or in chunks: the client reads its answer, then the end."""
    async with served(echo_length, PATIENT) as running:
        stream = await running.connect()
        if chunked:
            head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        else:
            head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10485760\r\n\r\n"
            piece = b"x" * 65536

        async def pour() -> None:
            try:
                await stream.send_all(head)
                for _ in range(160):
                    await stream.send_all(piece)
            except trio.BrokenResourceError:
                return

        async with trio.open_nursery() as nursery:
            nursery.start_soon(pour)
            answer = await everything(stream)
            nursery.cancel_scope.cancel()
        assert b" True" in answer
        assert b"connection: close" in answer.lower()
        await stream.aclose()


async def test_a_body_within_the_limit_arrives_whole() -> None:
    """64 KiB in many pieces is one message."""
    async with served(echo_length, PATIENT) as running:
        stream = await running.connect()
        await stream.send_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n")
        for _ in range(64):
            await stream.send_all(b"x" * 1024)
        assert b"65536 False" in await one_answer(stream, b"False")
        await stream.aclose()


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 300_000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 8 + b"\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_refused_in_the_one_shape(said: bytes) -> None:
    """400 with code, message and the trace of the header, then the end."""
    async with served(nothing_here, PATIENT) as running:
        stream = await running.connect()
        with contextlib.suppress(trio.BrokenResourceError):
            await stream.send_all(said)
        head, _, body = (await everything(stream)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400")
        problem = json.loads(body)
        assert problem["code"] == "invalid_request"
        assert f"trace-id: {problem['trace_id']}".encode() in head.lower()
        await stream.aclose()


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET / HT", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc", GET],
)
async def test_nobody_holds_a_connection_for_ever(begun: bytes) -> None:
    """Silent, slow in the head, slow in the body, idle after an answer: closed in time."""
    async with served(nothing_here, HASTY) as running:
        stream = await running.connect()
        if begun:
            await stream.send_all(begun)
        await everything(stream)
        await stream.aclose()


async def test_a_head_that_drips_is_no_reason_to_wait_longer() -> None:
    """The time counts from the first byte, not from the latest (slow loris)."""
    async with served(nothing_here, HASTY) as running:
        stream = await running.connect()
        dripped = 0
        with trio.fail_after(10):
            try:
                while True:
                    await stream.send_all(b"X" if dripped else b"GET / HTTP/1.1\r\nA: ")
                    dripped += 1
                    with trio.move_on_after(0.05):
                        assert await stream.receive_some() == b""
                        break
            except trio.BrokenResourceError:
                pass
        assert 2 <= dripped <= 60
        await stream.aclose()


@dataclass
class Flood:
    """An application that sends far more than any buffer between the two holds."""

    begun: trio.Event = field(default_factory=trio.Event)
    over: trio.Event = field(default_factory=trio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.begun.set()
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(400):
                piece = {"type": "http.response.body", "body": b"z" * 100_000, "more_body": True}
                await send(piece)
        finally:
            self.over.set()


async def unread(running: Served) -> trio.SocketStream:
    """A client that asks for a flood and reads nothing."""
    stream = await running.connect()
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    await stream.send_all(GET)
    return stream


async def test_a_client_that_does_not_read_is_let_go() -> None:
    """The request's time ends the sending as well."""
    flood = Flood()
    async with served(flood, HASTY) as running:
        stream = await unread(running)
        with trio.fail_after(10):
            await flood.begun.wait()
            await flood.over.wait()
        await stream.aclose()


async def test_a_client_that_does_not_read_cannot_hold_up_the_end() -> None:
    """Stopping takes the drain's time, not the client's (stock hypercorn waited for ever)."""
    flood = Flood()
    with trio.fail_after(10):
        async with served(flood, PATIENT, drain=0.2) as running:
            stream = await unread(running)
            await flood.begun.wait()
            await trio.testing.wait_all_tasks_blocked(0.05)
            running.stop.set()
        await stream.aclose()


async def test_the_end_lets_an_answer_under_way_arrive() -> None:
    """Listening ends at once, idle connections too; a request under way is answered, and is the last."""
    going = trio.Event()

    async def slowly(scope: Scope, receive: Receive, send: Send) -> None:
        await going.wait()
        await nothing_here(scope, receive, send)

    async with served(slowly, PATIENT, drain=5) as running:
        idle, busy = await running.connect(), await running.connect()
        await busy.send_all(GET)
        await trio.testing.wait_all_tasks_blocked(0.05)
        running.stop.set()
        assert await everything(idle) == b""
        with pytest.raises(OSError, match="attempt"):
            await running.connect()
        going.set()
        answer = await everything(busy)
        assert answer.endswith(b"hello")
        assert b"connection: close" in answer.lower()
        await idle.aclose()
        await busy.aclose()


async def test_a_client_that_vanishes_disturbs_nobody() -> None:
    """A reset in the middle of a request, and the next client is served."""
    async with served(nothing_here, PATIENT) as running:
        rude = await running.connect()
        await rude.send_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab")
        rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await rude.aclose()
        stream = await running.connect()
        await stream.send_all(GET)
        assert b"hello" in await one_answer(stream)
        await stream.aclose()


def test_a_busy_port_is_one_clear_line() -> None:
    """Which address, and why not."""
    taken = listening("127.0.0.1", 0)
    port = taken.getsockname()[1]
    with pytest.raises(Unavailable, match=f"cannot listen on 127.0.0.1:{port}: Address already"):
        listening("127.0.0.1", port)
    taken.close()
