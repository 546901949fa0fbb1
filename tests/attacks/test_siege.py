"""A real server besieged: floods, drips, clients that never read; it serves the others and ends in time."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
import trio
import trio.lowlevel

from tests.attacks.surface import WITH_BODY, named, target
from tests.end_to_end.server_process import STOP_SECONDS, ServerProcess, server
from wildside.inbound.http.endpoint import Auth, Endpoint

SETTINGS = {
    "REQUEST_SECONDS": "2",
    "KEEP_ALIVE_SECONDS": "2",
    "ROUTES_PER_MINUTE": "1000000",
    "NEW_WALKERS_PER_MINUTE": "1000000",
    "SOLVER_PROCESSES": "1",
}
TEN_MEGABYTES = 10 * 1024 * 1024
LONGEST_END_SECONDS = 5.0


@asynccontextmanager
async def besieged(folder: Path) -> AsyncIterator[ServerProcess]:
    """A server that must be healthy before and after."""
    with server(folder, settings=SETTINGS) as running:
        await healthy(running)
        yield running
        if running.process.poll() is None:
            await healthy(running)
        faults = [
            line for line in running.log_lines if "Traceback" in line or '"level": "error"' in line
        ]
        assert not faults, "\n".join(faults[:3])


async def healthy(running: ServerProcess) -> None:
    """Somebody with manners is served."""
    async with httpx.AsyncClient(base_url=running.url, timeout=10) as client:
        arrived = await client.post("/api/v1/users", json={})
        assert arrived.status_code == 201, arrived.text
        assert (await client.get("/api/v1/users/me")).status_code == 200


async def connected(running: ServerProcess, *, reads: bool = True) -> trio.SocketStream:
    """A plain connection; one that is not to read has no room for what comes."""
    parts = urlsplit(running.url)
    if reads:
        return await trio.open_tcp_stream(parts.hostname or "", parts.port or 0)
    plain = trio.socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    await plain.connect((parts.hostname, parts.port))
    return trio.SocketStream(plain)


async def last_answer(stream: trio.SocketStream) -> tuple[int, dict[str, object]]:
    """Everything until the server closes, read as one answer; its trace is where it belongs."""
    found = b""
    with trio.fail_after(20), contextlib.suppress(trio.BrokenResourceError):
        while part := await stream.receive_some(65536):
            found += part
    head, _, body = found.partition(b"\r\n\r\n")
    problem: dict[str, object] = json.loads(body)
    assert f"trace-id: {problem['trace_id']}".encode() in head.lower()
    assert UUID(str(problem["trace_id"])).version == 4
    return int(head.split()[1]), problem


async def pour(stream: trio.SocketStream, head: bytes, piece: bytes, times: int) -> None:
    """Sends until everything is out or nobody takes it any more."""
    with contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError):
        await stream.send_all(head)
        for _ in range(times):
            await stream.send_all(piece)


async def test_ten_megabytes_are_refused_at_every_endpoint_that_takes_a_body(
    town_folder: Path,
) -> None:
    """Announced or in chunks: 413 with a session, 401 without one where one is needed; then the end."""
    async with besieged(town_folder) as running:
        async with httpx.AsyncClient(base_url=running.url) as client:
            await client.post("/api/v1/users", json={})
            cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        for endpoint in WITH_BODY:
            wants_nobody = endpoint.auth is Auth.ANYBODY
            for sent_cookie, expected in (
                (cookie, 403 if endpoint.auth is Auth.ADMIN else 413),
                ("", 413 if wants_nobody else 401),
            ):
                for chunked in (False, True):
                    answer = await _sent_too_much(running, endpoint, sent_cookie, chunked)
                    assert answer == expected, (named(endpoint), chunked, bool(sent_cookie))


async def _sent_too_much(
    running: ServerProcess, endpoint: Endpoint, cookie: str, chunked: bool
) -> int:
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {TEN_MEGABYTES}"
    head = (
        f"{endpoint.method} {target(endpoint)} HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n"
        f"Content-Type: application/json\r\n{length}\r\n\r\n"
    ).encode()
    piece = b"x" * 65536
    if chunked:
        piece = b"10000\r\n" + piece + b"\r\n"
    stream = await connected(running)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pour, stream, head, piece, TEN_MEGABYTES // 65536)
        status, problem = await last_answer(stream)
        nursery.cancel_scope.cancel()
    await stream.aclose()
    assert problem["code"] in {"payload_too_large", "unauthorized", "forbidden"}
    return status


HEAD = b"GET /api/v1/users/me HTTP/1.1\r\nHost: a\r\n"
FLOODS = {
    "one endless header": (HEAD + b"X: ", b"y" * 65536, 64),
    "a hundred thousand headers": (HEAD, b"X-Flood: 1\r\n" * 1000, 100),
    "an endless path": (b"GET /", b"a" * 65536, 64),
    "an endless query": (b"GET /api/v1/pois?bbox=", b"1" * 65536, 64),
    "an endless cookie": (HEAD + b"Cookie: session=", b"A" * 65536, 64),
    "folded for ever": (HEAD + b"X: y\r\n", b" y\r\n" * 16384, 64),
    "an endless method": (b"", b"G" * 65536, 64),
    "an endless chunk's extension": (
        b"POST /api/v1/users HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;",
        b"e" * 65536,
        64,
    ),
    "two lengths": (
        b"POST /api/v1/users HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\n",
        b"",
        0,
    ),
    "a length that is none": (
        b"POST /api/v1/users HTTP/1.1\r\nHost: a\r\nContent-Length: 0x10\r\n\r\n",
        b"",
        0,
    ),
}


@pytest.mark.timeout(120)
async def test_floods_of_heads_are_cut_off_in_the_one_shape(town_folder: Path) -> None:
    """400 with a trace, then the end; none of them is read to its end."""
    async with besieged(town_folder) as running:
        for name, (head, piece, times) in FLOODS.items():
            stream = await connected(running)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(pour, stream, head, piece, times)
                status, problem = await last_answer(stream)
                nursery.cancel_scope.cancel()
            assert (status, problem["code"]) == (400, "invalid_request"), name
            await stream.aclose()


async def hold(running: ServerProcess, begun: bytes, held: list[trio.SocketStream]) -> None:
    """A client that begins and never goes on, nor reads."""
    stream = await connected(running, reads=False)
    held.append(stream)
    await stream.send_all(begun)


def beginnings(cookie: str) -> list[bytes]:
    """Ways to hold a connection: silence, half a head, half a body, deaf to answers, deaf to news."""
    session = f"Cookie: {cookie}\r\n".encode()
    upgrade = (
        b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    )
    places = b"GET /api/v1/pois?limit=100 HTTP/1.1\r\nHost: a\r\n\r\n"
    unusable = b"\x81\xfe\x01\x00\x00\x00\x00\x00" + b"x" * 256
    return [
        b"",
        b"GET /api/v1/regi",
        b"POST /api/v1/users HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{",
        b"POST /api/v1/users HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        places * 200,
        upgrade + session + b"\r\n",
        upgrade + session + b"\r\n" + unusable * 100,
        upgrade + session + b"\r\n" + b"\x81\xfe\x40\x00",
    ]


async def _siege(town_folder: Path, times: int) -> None:
    async with besieged(town_folder) as running:
        async with httpx.AsyncClient(base_url=running.url) as client:
            await client.post("/api/v1/users", json={})
            cookie = f"session={client.cookies['session']}"
        held: list[trio.SocketStream] = []
        async with trio.open_nursery() as nursery:
            for begun in beginnings(cookie) * times:
                nursery.start_soon(hold, running, begun, held)
            await trio.lowlevel.checkpoint()
            for _ in range(10):
                await healthy(running)
            began = time.monotonic()
            running.process.send_signal(signal.SIGTERM)
            code = await trio.to_thread.run_sync(running.process.wait, STOP_SECONDS)
            seconds = time.monotonic() - began
            nursery.cancel_scope.cancel()
        for stream in held:
            await trio.aclose_forcefully(stream)
        assert code == 0
        assert seconds < LONGEST_END_SECONDS


@pytest.mark.timeout(120)
async def test_held_connections_neither_stop_service_nor_the_end(town_folder: Path) -> None:
    """Eighty slow and deaf clients, HTTP and sockets: others are served, SIGTERM ends it in time."""
    await _siege(town_folder, 10)


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_a_thousand_held_connections(town_folder: Path) -> None:
    """The same with eight hundred."""
    await _siege(town_folder, 100)


async def test_a_slow_loris_loses_its_places(town_folder: Path) -> None:
    """A byte now and then keeps nothing open: the time counts from a request's first byte."""
    async with besieged(town_folder) as running:
        streams = [await connected(running) for _ in range(50)]

        async def drip(stream: trio.SocketStream) -> None:
            with contextlib.suppress(trio.BrokenResourceError):
                await stream.send_all(b"GET / HTTP/1.1\r\nX: ")
                while True:
                    await stream.send_all(b"a")
                    with trio.move_on_after(0.1):
                        if not await stream.receive_some():
                            return

        with trio.fail_after(15):
            async with trio.open_nursery() as nursery:
                for stream in streams:
                    nursery.start_soon(drip, stream)
        for stream in streams:
            await stream.aclose()
