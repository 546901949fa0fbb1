"""Sockets over real connections: who may come in, what they hear, how they end."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing
from trio_websocket import (
    ConnectionClosed,
    ConnectionRejected,
    WebSocketConnection,
    open_websocket,
    open_websocket_url,
)
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Pong, TextMessage

from actors.testing import Crash
from tests.http.doors import Client, Doors, Served, the_doors, wish
from wildside.domain.traffic import SessionRefused
from wildside.inbound.http.wire import WireLimits
from wildside.inbound.ws.session import OUTBOX_ROOM, TRY_AGAIN_LATER

QUICK = WireLimits(heartbeat_seconds=0.05, silence_seconds=0.2)
USUAL = WireLimits()
HERE = {
    "type": "update_location",
    "route_id": "00000000-0000-4000-8000-000000000000",
    "location": {"type": "Point", "coordinates": [0, 0]},
}


@asynccontextmanager
async def open_doors(
    folder: Path, limits: WireLimits = USUAL
) -> AsyncIterator[tuple[Doors, Served]]:
    """The town over a port; its engine takes a tenth of a second."""
    async with the_doors(folder) as doors:
        doors.town.engine.search_seconds = 0.1
        async with doors.served(limits) as running:
            yield doors, running


def cookie(walker: Client) -> tuple[bytes, bytes]:
    """The header a browser would send."""
    return b"cookie", f"session={walker.cookies['session']}".encode()


def socket_of(walker: Client, running: Served, query: str = "") -> Any:
    """An open socket of the walker's."""
    url = f"ws://127.0.0.1:{running.port}/ws{query}"
    return open_websocket_url(url, extra_headers=[cookie(walker)])


async def heard(connection: WebSocketConnection) -> dict[str, Any]:
    """The next message."""
    with trio.fail_after(5):
        message: dict[str, Any] = json.loads(await connection.get_message())
        return message


async def story(connection: WebSocketConnection, request_id: str) -> list[dict[str, Any]]:
    """Every word about a request until its last."""
    words = []
    while True:
        message = await heard(connection)
        if message["request_id"] == request_id:
            words.append(message)
            if message["status"] in {"complete", "failed"}:
                return words


async def closed_with(connection: WebSocketConnection) -> tuple[int, str | None]:
    """How the server closed."""
    with trio.fail_after(5), pytest.raises(ConnectionClosed) as closed:
        await _until_closed(connection)
    assert closed.value.reason is not None
    return closed.value.reason.code, closed.value.reason.reason


async def _until_closed(connection: WebSocketConnection) -> None:
    while True:
        await connection.get_message()


async def test_a_walker_hears_how_a_wish_comes_along(tmp_path: Path) -> None:
    """pending, in_progress with growing percents, complete with the route; ids grow, traces stay."""
    async with open_doors(tmp_path) as (doors, running):
        walker = await doors.walker()
        async with socket_of(walker, running) as connection:
            accepted = await walker.post("/api/v1/routes", wish())
            words = await story(connection, accepted.json()["request_id"])
    assert words[0]["status"] == "pending"
    assert words[-1]["status"] == "complete"
    assert words[-1]["route_id"]
    percents = [word["progress"] for word in words]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    ids = [word["id"] for word in words]
    assert ids == sorted(set(ids))
    for word in words:
        assert word["type"] == "route_generation_status"
        assert word["trace_id"] == accepted.header("trace-id")
        assert word["timestamp"].endswith("Z")


async def test_nobody_hears_another_walker_s_news(tmp_path: Path) -> None:
    """Two walkers, two sockets, one wish: one of them hears it."""
    async with open_doors(tmp_path) as (doors, running):
        asking, other = await doors.walker(), await doors.walker()
        async with socket_of(asking, running) as one, socket_of(other, running) as two:
            accepted = await asking.post("/api/v1/routes", wish())
            await story(one, accepted.json()["request_id"])
            with trio.move_on_after(0.05) as silence:
                await two.get_message()
            assert silence.cancelled_caught


async def test_who_connects_late_hears_the_latest_word_on_each_request(tmp_path: Path) -> None:
    """Those ended within ten minutes and the unfinished ones, once each; every device alike."""
    async with open_doors(tmp_path) as (doors, running):
        walker = await doors.walker()
        async with socket_of(walker, running) as first:
            done = (await walker.post("/api/v1/routes", wish(30))).json()["request_id"]
            last = (await story(first, done))[-1]
        doors.town.engine.search_seconds = 60
        open_still = (await walker.post("/api/v1/routes", wish(40))).json()["request_id"]
        async with socket_of(walker, running) as late:
            words = {message["request_id"]: message for message in [await heard(late)] * 1}
            message = await heard(late)
            words[message["request_id"]] = message
            assert words[done]["status"] == "complete"
            assert words[done]["route_id"] == last["route_id"]
            assert words[open_still]["status"] in {"pending", "in_progress"}


async def test_a_busy_walker_s_many_words_all_arrive_on_connecting(tmp_path: Path) -> None:
    """More requests within ten minutes than the outbox holds are no reason to be let go."""
    async with the_doors(tmp_path, routes_a_minute=1000) as doors, doors.served(USUAL) as running:
        walker = await doors.walker()
        asked = set()
        for _ in range(2 * OUTBOX_ROOM):
            accepted = await walker.post("/api/v1/routes", wish(30))
            asked.add(accepted.json()["request_id"])
        assert len(asked) == 2 * OUTBOX_ROOM
        async with socket_of(walker, running) as connection:
            while asked:
                asked.discard((await heard(connection))["request_id"])


async def test_since_resumes_after_a_message(tmp_path: Path) -> None:
    """What was heard long before is not told again, and ids go on growing."""
    async with open_doors(tmp_path) as (doors, running):
        walker = await doors.walker()
        async with socket_of(walker, running) as first:
            before = (await walker.post("/api/v1/routes", wish(30))).json()["request_id"]
            last = (await story(first, before))[-1]
        long_after = last["id"] + 5_000_000
        # An id from the future would not be believed.
        doors.town.clock.ahead = timedelta(seconds=10)
        async with socket_of(walker, running, f"?since={long_after}") as again:
            request = (await walker.post("/api/v1/routes", wish(50))).json()["request_id"]
            message = await heard(again)
            assert message["request_id"] == request
            assert message["id"] > long_after


@pytest.mark.parametrize(
    ("headers", "path", "status", "code"),
    [
        ([], "/ws", 401, "unauthorized"),
        ([(b"cookie", b"session=forged.x")], "/ws", 401, "unauthorized"),
        ([("own", b""), (b"origin", b"https://evil.example")], "/ws", 403, "forbidden"),
        ([("own", b"")], "/ws?since=x", 400, "invalid_request"),
        ([("own", b"")], "/elsewhere", 404, "not_found"),
    ],
)
async def test_who_may_not_come_in_is_told_before_the_upgrade(
    tmp_path: Path, headers: list[tuple[Any, bytes]], path: str, status: int, code: str
) -> None:
    """A plain HTTP answer in the one error shape, with its trace."""
    async with open_doors(tmp_path) as (doors, running):
        walker = await doors.walker()
        sent = [cookie(walker) if name == "own" else (name, value) for name, value in headers]
        with pytest.raises(ConnectionRejected) as refused:
            async with open_websocket_url(
                f"ws://127.0.0.1:{running.port}{path}", extra_headers=sent
            ):
                pass
        assert refused.value.status_code == status
        assert refused.value.body is not None
        problem = json.loads(refused.value.body)
        assert problem["code"] == code
        named = {name.lower(): value for name, value in refused.value.headers or ()}
        assert named[b"trace-id"].decode() == problem["trace_id"]
        reasons = [e.reason for e in doors.town.diary.events if isinstance(e, SessionRefused)]
        assert reasons == (
            ["bad_signature"] if b"session=forged.x" in dict(headers).values() else []
        )


async def test_our_own_page_may_come_in(tmp_path: Path) -> None:
    """With the Origin a browser sends, and the trace in the upgrade's answer."""
    async with open_doors(tmp_path) as (doors, running):
        walker = await doors.walker()
        own = (b"origin", f"http://127.0.0.1:{running.port}".encode())
        async with open_websocket(
            "127.0.0.1", running.port, "/ws", use_ssl=False, extra_headers=[cookie(walker), own]
        ) as connection:
            assert b"trace-id" in {name.lower() for name, _ in connection.handshake_headers}
        text = doors.metrics.exposition()[0].decode()
        assert "websocket_connections_active" in text


async def test_compression_is_not_agreed_to(tmp_path: Path) -> None:
    """It costs a hundred kilobytes a socket."""
    async with open_doors(tmp_path) as (doors, running):
        walker = await doors.walker()
        stream = await running.connect()
        await stream.send_all(handshake(walker, "Sec-WebSocket-Extensions: permessage-deflate\r\n"))
        head = bytes(await stream.receive_some(4096)).lower()
        assert head.startswith(b"http/1.1 101")
        assert b"extensions" not in head
        await stream.aclose()


def handshake(walker: Client, more: str = "") -> bytes:
    """A WebSocket client's first words."""
    name, value = cookie(walker)
    return (
        "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"{name.decode()}: {value.decode()}\r\n{more}\r\n"
    ).encode()


async def test_a_handshake_of_another_version_is_refused_in_the_one_shape(tmp_path: Path) -> None:
    """400, and the version that is spoken here."""
    async with open_doors(tmp_path) as (doors, running):
        walker = await doors.walker()
        stream = await running.connect()
        await stream.send_all(handshake(walker).replace(b"Version: 13", b"Version: 8"))
        head, _, body = bytes(await stream.receive_some(4096)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400")
        assert b"sec-websocket-version: 13" in head.lower()
        assert json.loads(body)["code"] == "invalid_request"
        await stream.aclose()


@pytest.mark.parametrize(
    "said",
    [
        "not json",
        "[" * 5000,
        "{}",
        '{"type":"dance"}',
        '{"type":"update_location"}',
        json.dumps(HERE | {"mood": "good"}),
        json.dumps(HERE | {"location": {"type": "Point", "coordinates": [0]}}),
        json.dumps(HERE),
        b"\x00\x01",
    ],
)
async def test_a_message_that_cannot_be_used_is_answered_and_the_socket_stays(
    tmp_path: Path, said: str | bytes
) -> None:
    """An `error` with code and message; the next news come over the same socket."""
    async with open_doors(tmp_path) as (doors, running):
        walker = await doors.walker()
        async with socket_of(walker, running) as connection:
            await connection.send_message(said)
            answer = await heard(connection)
            assert answer["type"] == "error"
            assert answer["code"] in {"invalid_request", "not_found"}
            assert {"id", "timestamp", "trace_id", "message"} <= set(answer)
            request = (await walker.post("/api/v1/routes", wish())).json()["request_id"]
            words = await story(connection, request)
            assert words[0]["id"] > answer["id"]


async def test_a_frame_that_is_too_large_closes_1009(tmp_path: Path) -> None:
    """16 KiB pass, a byte more does not; multi-byte letters count as the bytes they are."""
    async with open_doors(tmp_path) as (doors, running):
        walker = await doors.walker()
        async with socket_of(walker, running) as connection:
            await connection.send_message("x" * 16384)
            assert (await heard(connection))["type"] == "error"
            await connection.send_message("é" * 8193)
            assert (await closed_with(connection))[0] == 1009


@pytest.mark.parametrize(
    "frame",
    [
        b"\x81\x85\x00\x00\x00\x00\xff\xfe\xfd\xfc\xfb",  # text that is not UTF-8
        b"\x83\x80\x00\x00\x00\x00",  # an opcode nobody defined
        b"\xc1\x80\x00\x00\x00\x00",  # a compressed frame where nothing was agreed to
        b"\x81\x02hi",  # unmasked
    ],
)
async def test_a_malformed_frame_closes_1008(tmp_path: Path, frame: bytes) -> None:
    """The close frame says so, then the connection ends."""
    async with open_doors(tmp_path) as (doors, running):
        walker = await doors.walker()
        stream = await running.connect()
        await stream.send_all(handshake(walker))
        await stream.receive_some(4096)
        await stream.send_all(frame)
        found = b""
        with trio.fail_after(5):
            while part := await stream.receive_some(4096):
                found += part
        assert b"\x03\xf0malformed frame" in found
        await stream.aclose()


async def test_silence_is_closed_as_a_heartbeat_timeout(tmp_path: Path) -> None:
    """A client that answers no ping: pings come, then 1000 with the reason."""
    async with open_doors(tmp_path, QUICK) as (doors, running):
        walker = await doors.walker()
        stream = await running.connect()
        await stream.send_all(handshake(walker))
        found = b""
        with trio.fail_after(5):
            while part := await stream.receive_some(4096):
                found += part
        assert found.count(b"\x89\x00") >= 3
        assert b"\x03\xe8heartbeat timeout" in found
        await stream.aclose()


async def test_sockets_opened_at_once_are_pinged_one_after_the_other(tmp_path: Path) -> None:
    """The first pings of ten come spread over the interval, not all as soon as they are in."""
    limits = WireLimits(heartbeat_seconds=0.5, silence_seconds=2.0)
    waited: list[float] = []
    async with open_doors(tmp_path, limits) as (doors, running):
        walker = await doors.walker()

        async def wait_for_ping() -> None:
            stream = await running.connect()
            await stream.send_all(handshake(walker))
            found, opened_at = b"", 0.0
            while b"\x89\x00" not in found:
                found += await stream.receive_some(4096)
                opened_at = opened_at or trio.current_time()
            waited.append(trio.current_time() - opened_at)
            await stream.aclose()

        with trio.fail_after(5):
            async with trio.open_nursery() as nursery:
                for _ in range(10):
                    nursery.start_soon(wait_for_ping)
    assert max(waited) - min(waited) > 0.2


async def test_pongs_keep_a_socket_open(tmp_path: Path) -> None:
    """A client that says nothing but answers pings outlives the silence many times."""
    async with open_doors(tmp_path, QUICK) as (doors, running):
        walker = await doors.walker()
        async with socket_of(walker, running) as connection:
            await trio.sleep(1.0)
            request = (await walker.post("/api/v1/routes", wish())).json()["request_id"]
            assert (await story(connection, request))[-1]["status"] == "complete"


async def test_the_server_going_down_closes_1001(tmp_path: Path) -> None:
    """Every socket, with a reason; one that opens meanwhile at once."""
    async with open_doors(tmp_path) as (doors, running):
        walker = await doors.walker()
        async with socket_of(walker, running) as one, socket_of(walker, running) as two:
            await trio.testing.wait_all_tasks_blocked(0.05)
            doors.sockets.leave(1001, "the server is going down")
            assert await closed_with(one) == (1001, "the server is going down")
            assert (await closed_with(two))[0] == 1001
        async with socket_of(walker, running) as late:
            assert (await closed_with(late))[0] == 1001
    assert doors.sockets.open_sockets == 0


async def test_a_reader_who_is_too_slow_is_told_to_come_back(tmp_path: Path) -> None:
    """Newer words replace older ones; past the outbox's room the socket ends, the server goes on."""
    async with open_doors(tmp_path) as (doors, running):
        walker = await doors.walker()
        slow = await running.connect()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        await slow.send_all(handshake(walker))
        await trio.testing.wait_all_tasks_blocked(0.05)
        (session,) = doors.sockets._open
        # Pong floods would end it as well; here it says more unusable things than anybody reads.
        frame = b"\x81\xfe\x01\x00\x00\x00\x00\x00" + b"x" * 256
        with trio.move_on_after(10):
            while session.alive and session.waiting < OUTBOX_ROOM:
                await slow.send_all(frame * 50)
                await trio.sleep(0.01)
        assert session.waiting >= OUTBOX_ROOM or not session.alive
        assert session.waiting <= OUTBOX_ROOM * 2
        quick = await doors.walker()
        async with socket_of(quick, running) as connection:
            request = (await quick.post("/api/v1/routes", wish())).json()["request_id"]
            assert (await story(connection, request))[-1]["status"] == "complete"
        await slow.aclose()


async def until_closed(stream: trio.SocketStream) -> tuple[list[dict[str, Any]], int]:
    """Reads everything after the handshake: the messages, and the code that closed the socket."""
    client, messages, text, code = Connection(ConnectionType.CLIENT), [], "", 0
    data = b""
    while b"\r\n\r\n" not in data:
        data += await stream.receive_some(65536)
    data = data.partition(b"\r\n\r\n")[2]
    while not code:
        client.receive_data(data)
        for event in client.events():
            if isinstance(event, TextMessage):
                text += event.data
                if event.message_finished:
                    messages.append(json.loads(text))
                    text = ""
            elif isinstance(event, CloseConnection):
                code = event.code
        data = b"" if code else bytes(await stream.receive_some(65536))
        assert code or data, "the connection ended without a word"
    return messages, code


async def test_a_deaf_walker_is_closed_1013_and_has_missed_nothing_when_they_resume(
    tmp_path: Path,
) -> None:
    """More requests move than the outbox holds; alive by its pongs, the socket reads nothing until late.

    What it then reads ends with 1013, and `?since=` brings the last word on each request.
    """
    async with the_doors(tmp_path, routes_a_minute=1000) as doors, doors.served(USUAL) as running:
        doors.town.engine.search_seconds = 0.01
        walker = await doors.walker()
        # Before it connects: the window is agreed on with the handshake.
        plain = trio.socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        await plain.connect(("127.0.0.1", running.port))
        deaf = trio.SocketStream(plain)
        await deaf.send_all(handshake(walker))
        await trio.testing.wait_all_tasks_blocked(0.05)
        (ours,) = running.wire.connections
        ours.stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2048)
        (outbox,) = doors.sockets._open
        asked = set()
        client = Connection(ConnectionType.CLIENT)
        with trio.fail_after(30):
            while outbox.waiting < OUTBOX_ROOM:
                accepted = await walker.post("/api/v1/routes", wish(30))
                asked.add(accepted.json()["request_id"])
                await deaf.send_all(client.send(Pong()))
                await trio.testing.wait_all_tasks_blocked()
            one_more = await walker.post("/api/v1/routes", wish(30))
            asked.add(one_more.json()["request_id"])
            # Only once the server has lost its patience, which puts the goodbye behind the words.
            while outbox.waiting <= OUTBOX_ROOM:
                await deaf.send_all(client.send(Pong()))
                await trio.testing.wait_all_tasks_blocked(0.05)
            words, code = await until_closed(deaf)
        assert code == TRY_AGAIN_LATER
        heard_until = max(word["id"] for word in words)
        last = {word["request_id"]: word["status"] for word in words}
        async with socket_of(walker, running, f"?since={heard_until}") as again:
            with trio.fail_after(20):
                while {name for name, status in last.items() if status == "complete"} != asked:
                    message = await heard(again)
                    last[message["request_id"]] = message["status"]
        await deaf.aclose()


async def test_a_client_that_vanishes_leaves_nothing_behind(tmp_path: Path) -> None:
    """The session ends with the connection, and the gauge goes back."""
    async with open_doors(tmp_path) as (doors, running):
        walker = await doors.walker()
        stream = await running.connect()
        await stream.send_all(handshake(walker))
        await trio.testing.wait_all_tasks_blocked(0.05)
        assert doors.sockets.open_sockets == 1
        await stream.aclose()
        await trio.testing.wait_all_tasks_blocked(0.05)
        assert doors.sockets.open_sockets == 0
        text = doors.metrics.exposition()[0].decode()
        assert "websocket_connections_active 0.0" in text


async def test_a_socket_whose_session_crashed_closes_at_once(tmp_path: Path) -> None:
    """1011 without the wait for a handshake: nobody would ever speak to it again."""
    async with open_doors(tmp_path) as (doors, running):
        walker = await doors.walker()
        async with socket_of(walker, running) as connection:
            await trio.testing.wait_all_tasks_blocked(0.05)
            (session,) = doors.system.supervisor("sessions").children.values()
            session.kill(Crash("of a session"))
            assert (await closed_with(connection))[0] == 1011
        assert doors.sockets.open_sockets == 0
        async with socket_of(walker, running) as again:
            accepted = await walker.post("/api/v1/routes", wish())
            words = await story(again, accepted.json()["request_id"])
            assert words[-1]["status"] == "complete"


async def test_a_session_that_crashes_amid_a_word_takes_its_connection_along(
    tmp_path: Path,
) -> None:
    """Half a frame is out: no closing frame could follow, and neither side may wait for the other."""
    async with open_doors(tmp_path) as (doors, running):
        walker = await doors.walker()
        deaf = await running.connect()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        await deaf.send_all(handshake(walker))
        await trio.testing.wait_all_tasks_blocked(0.05)
        (session,) = doors.system.supervisor("sessions").children.values()
        (outbox,) = doors.sockets._open
        frame = b"\x81\xfe\x01\x00\x00\x00\x00\x00" + b"x" * 256
        with trio.fail_after(10):
            while outbox.waiting < 2:
                with trio.move_on_after(0.5) as pushing:
                    await deaf.send_all(frame * 10)
                # The server takes no more because it is stuck in a word of its own: what is wanted.
                if pushing.cancelled_caught:
                    break
                await trio.testing.wait_all_tasks_blocked()
        session.kill(Crash("amid a word"))
        with trio.fail_after(5):
            while running.wire.connections:
                await trio.testing.wait_all_tasks_blocked()
        assert doors.sockets.open_sockets == 0
        await deaf.aclose()
