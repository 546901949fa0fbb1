"""One person's life with a real server: anonymous, claimed, out and in again, signed out everywhere, erased."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import httpx
import pytest
import trio
from trio_websocket import ConnectionClosed, WebSocketConnection

from tests.end_to_end.server_process import NOTHING, ServerProcess, server, wildside
from tests.end_to_end.walker import Walker
from wildside.domain.key_rotation import fingerprint, fresh_key

ADA = {"username": "ada", "password": "correct horse"}
PATIENCE_SECONDS = 20
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "d2lsZHNpZGUtd2lsZHNpZGU=",
}
PRODUCTION = {"APP_ENV": "production", "SESSION_ALLOW_EPHEMERAL": "0", "SOLVER_PROCESSES": "1"}


async def status_of(http: httpx.AsyncClient, path: str = "/api/v1/users/me") -> int:
    return (await http.get(path)).status_code


async def closing_code(socket: WebSocketConnection) -> int:
    """How the server closes."""
    with trio.fail_after(PATIENCE_SECONDS), pytest.raises(ConnectionClosed) as closed:
        await socket.get_message()
    reason = closed.value.reason
    return 0 if reason is None else reason.code


def command(data_dir: Path, *arguments: str, settings: Mapping[str, str] = NOTHING) -> None:
    """A command in a process of its own, beside the server."""
    done = wildside(*arguments, data_dir=data_dir, seconds=60, settings=settings)
    assert done.returncode == 0, done.stderr


async def live(running: ServerProcess, data_dir: Path, settings: Mapping[str, str]) -> None:
    """The story."""
    walker = await Walker.arrive(running.url)
    old_cookies = dict(walker.http.cookies)
    async with trio.open_nursery() as nursery, httpx.AsyncClient(base_url=running.url) as ghost:
        socket = await walker.socket(nursery)
        claimed = await walker.http.patch("/api/v1/users/me", json=ADA)
        assert claimed.status_code == 200, claimed.text
        assert claimed.json()["id"] == walker.user["id"]
        # Whoever copied the cookies before the claim has nothing.
        assert await closing_code(socket) == 1008
        ghost.cookies.update(old_cookies)
        assert await status_of(ghost) == 401

        assert (await walker.http.post("/api/v1/logout")).status_code == 204
        assert await status_of(walker.http) == 401
        assert (await walker.http.post("/api/v1/login", json=ADA)).json()["id"] == walker.user["id"]

        socket = await walker.socket(nursery)
        sign_out = partial(command, data_dir, "users", "sign-out", "ada", settings=settings)
        await trio.to_thread.run_sync(sign_out)
        assert await status_of(walker.http) == 401
        # Another process did it: this one finds out when it next looks.
        assert await closing_code(socket) == 1008

        assert (await walker.http.post("/api/v1/login", json=ADA)).status_code == 200
        socket = await walker.socket(nursery)
        ghost.cookies.clear()
        ghost.cookies.update(dict(walker.http.cookies))
        assert (await walker.http.delete("/api/v1/users/me")).status_code == 204
        assert await closing_code(socket) == 1008
        assert await status_of(ghost) == 401
        assert (await ghost.get("/ws", headers=UPGRADE)).status_code == 401
        assert (await ghost.post("/api/v1/login", json=ADA)).status_code == 401
        assert (await ghost.post("/api/v1/users", json=ADA)).status_code == 201
        nursery.cancel_scope.cancel()
    await walker.leave()


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_a_person_comes_and_goes(
    tmp_path: Path, request: pytest.FixtureRequest, store: str
) -> None:
    """Cookies and sockets end when they should, whoever ended them; no secret is ever logged."""
    keys = tmp_path / "keys"
    keys.write_text(fresh_key())
    data_dir = tmp_path / "data"
    settings = PRODUCTION | {"SESSION_KEY_FILE": str(keys)}
    if store == "postgres":
        settings["DATABASE_URL"] = request.getfixturevalue("database_url")
    with server(data_dir, settings=settings) as running:
        trio.run(live, running, data_dir, settings)
        logged = "".join(running.log_lines)
    assert "Traceback" not in logged
    for secret in (ADA["password"], keys.read_text(), "argon2id"):
        assert secret not in logged
    stored = b"".join(file.read_bytes() for file in data_dir.glob("wildside.sqlite3*"))
    assert ADA["password"].encode() not in stored


def until(condition: Callable[[], bool], what: str) -> None:
    """Asks again until it is so."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up_at, what
        time.sleep(0.02)


def arrived(url: str) -> httpx.Client:
    """A new walker's client."""
    client = httpx.Client(base_url=url)
    assert client.post("/api/v1/users", json={}).status_code == 201
    return client


def test_keys_are_rotated_under_a_running_server(tmp_path: Path) -> None:
    """By command, by hand and by SIGHUP: nobody is signed out before their key is dropped."""
    keys = tmp_path / "keys"
    command(tmp_path, "keys", "generate", "--file", str(keys))
    settings = PRODUCTION | {"SESSION_KEY_FILE": str(keys)}
    with server(tmp_path / "data", settings=settings) as running:

        def told(words: str, count: int = 1) -> None:
            until(
                lambda: sum(words in line for line in running.log_lines) >= count,
                f"{words} was not logged {count} times",
            )

        def is_in(client: httpx.Client) -> bool:
            return client.get("/api/v1/users/me").status_code == 200

        first = arrived(running.url)
        command(tmp_path, "keys", "rotate", "--file", str(keys))
        old, new = keys.read_text().split()
        told("keys changed")
        second = arrived(running.url)
        assert is_in(first)
        assert is_in(second)

        keys.write_text("short\n")
        told("keys unusable")
        assert is_in(first)
        assert is_in(second)

        keys.write_text(f"{new}\n")
        told("keys changed", 2)
        assert not is_in(first)
        assert is_in(second)

        # As many bytes in the same file at the same moment: nobody sees a change until told to look.
        third, before = fresh_key(), keys.stat()
        with keys.open("r+") as file:
            file.write(third)
        os.utime(keys, ns=(before.st_atime_ns, before.st_mtime_ns))
        running.process.send_signal(signal.SIGHUP)
        told("keys changed", 3)
        assert not is_in(second)
        assert is_in(arrived(running.url))

        numbers = first.get("/metrics").text
        assert 'session_validation_failures_total{reason="bad_signature"} 2.0' in numbers
        assert 'key_reloads_total{outcome="refused"} 1.0' in numbers
        logged = "".join(running.log_lines)
        assert fingerprint(new) in logged
        for key in (old, new, third):
            assert key not in logged
        assert running.stop() == 0
