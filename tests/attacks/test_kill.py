"""kill -9 under load: what was accepted is there, whole; what was not is not there by half."""

from __future__ import annotations

import itertools
import secrets
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import trio

from tests.end_to_end.server_process import ServerProcess, server

WRITERS = 8
SETTINGS = {
    "ROUTES_PER_MINUTE": "1000000",
    "NEW_WALKERS_PER_MINUTE": "1000000",
    "SOLVER_PROCESSES": "1",
    "SESSION_ALLOW_EPHEMERAL": "0",
}


@dataclass
class Diary:
    """One walker's own account of what the server has told them."""

    cookie: str
    name: str = "Walker"
    names_tried: set[str] = field(default_factory=set)
    accepted: dict[str, str] = field(default_factory=dict)  # request id by idempotency key
    tried: set[str] = field(default_factory=set)  # keys whose answer never came


async def write_until_it_dies(
    running: ServerProcess, diary: Diary, wish: dict[str, Any], note: Callable[[], None]
) -> None:
    """Names and wishes in turn, each noted down when it is answered and not before."""
    headers = {"cookie": diary.cookie}
    try:
        async with httpx.AsyncClient(base_url=running.url, timeout=10, headers=headers) as client:
            while True:
                name, key = f"Walker {secrets.token_hex(4)}", str(uuid4())
                diary.names_tried = {name}
                changed = await client.patch("/api/v1/users/me", json={"display_name": name})
                assert changed.status_code == 200, changed.text
                diary.name, diary.names_tried = name, set()
                diary.tried.add(key)
                asked = await client.post(
                    "/api/v1/routes", json=wish, headers={"Idempotency-Key": key}
                )
                assert asked.status_code == 202, asked.text
                diary.accepted[key] = asked.json()["request_id"]
                diary.tried.discard(key)
                note()
    except httpx.TransportError:
        return


async def arrive(url: str) -> Diary:
    """A new walker."""
    async with httpx.AsyncClient(base_url=url) as client:
        assert (await client.post("/api/v1/users", json={})).status_code == 201
        return Diary(f"session={client.cookies['session']}")


async def under_load_until_killed(
    running: ServerProcess, diaries: list[Diary], wish: dict[str, Any], writes: int
) -> None:
    """Kills the server in the middle of it, once so many wishes have been accepted."""
    enough = trio.Event()
    left = itertools.count(writes - 1, -1)

    def note() -> None:
        if next(left) == 0:
            enough.set()

    async with trio.open_nursery() as nursery:
        for diary in diaries:
            nursery.start_soon(write_until_it_dies, running, diary, wish, note)
        await enough.wait()
        running.process.send_signal(signal.SIGKILL)
        await trio.to_thread.run_sync(running.process.wait)


async def account_for(url: str, diary: Diary, wish: dict[str, Any]) -> None:
    """Everything that was answered is there, and every request ends with a walk that is whole."""
    headers = {"cookie": diary.cookie}
    async with httpx.AsyncClient(base_url=url, timeout=30, headers=headers) as client:
        me = (await client.get("/api/v1/users/me")).json()
        assert me["display_name"] in {diary.name, *diary.names_tried}
        # What was under way either never happened or happened once: the key tells which.
        for key in tuple(diary.tried):
            again = await client.post("/api/v1/routes", json=wish, headers={"Idempotency-Key": key})
            assert again.status_code == 202, again.text
            diary.accepted[key] = again.json()["request_id"]
        diary.tried.clear()
        for key, request_id in diary.accepted.items():
            status: dict[str, Any] = {}
            with trio.fail_after(60):
                while status.get("status") not in {"complete", "failed"}:
                    answer = await client.get(f"/api/v1/routes/status/{request_id}")
                    assert answer.status_code == 200, (key, answer.text)
                    status = answer.json()
            assert status["status"] == "complete", status
            route = await client.get(f"/api/v1/routes/{status['route_id']}")
            assert route.status_code == 200, route.text
            assert route.json()["request_id"] == request_id
            assert len(route.json()["stops"]) == route.json()["summary"]["stop_count"]
        export = (await client.get("/api/v1/users/me/export")).json()
        assert {one["request_id"] for one in export["requests"]} == set(diary.accepted.values())
        assert {one["request_id"] for one in export["routes"]} == set(diary.accepted.values())


async def _killed_again_and_again(
    folder: Path, settings: Mapping[str, str], kills: int, writes: int
) -> None:
    key_file = folder / "session_key"
    key_file.write_text(secrets.token_hex(64))
    settings = {**SETTINGS, "SESSION_KEY_FILE": str(key_file), **settings}
    diaries: list[Diary] = []
    wish: dict[str, Any] = {}
    for _ in range(kills):
        with server(folder, settings=settings) as running:
            if not diaries:
                async with httpx.AsyncClient(base_url=running.url) as client:
                    region = (await client.get("/api/v1/regions")).json()["data"][0]
                wish = {"start_location": region["centre"], "duration_minutes": 30}
                diaries = [await arrive(running.url) for _ in range(WRITERS)]
            await under_load_until_killed(running, diaries, wish, writes)
    with server(folder, settings=settings) as running:
        async with trio.open_nursery() as nursery:
            for diary in diaries:
                nursery.start_soon(account_for, running.url, diary, wish)


@pytest.mark.timeout(180)
async def test_no_accepted_write_is_lost_to_kill_9(
    town_folder: Path, town_settings: Mapping[str, str]
) -> None:
    """Eight walkers writing, the server killed: all that was answered is there, once and whole."""
    await _killed_again_and_again(town_folder, town_settings, kills=1, writes=40)


@pytest.mark.soak
@pytest.mark.timeout(1800)
async def test_no_accepted_write_is_lost_to_kill_9_in_a_long_time(
    town_folder: Path, town_settings: Mapping[str, str]
) -> None:
    """The same with twenty deaths and some thousands of wishes."""
    await _killed_again_and_again(town_folder, town_settings, kills=20, writes=150)
