"""A server's life as an operator sees it: it starts, it ends, it is killed, its map is replaced."""

from __future__ import annotations

import secrets
import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import trio

from tests.data_folder import data_file
from tests.end_to_end.server_process import ServerProcess, children_of, server, wildside
from tests.end_to_end.walker import Walker

ROYAL_MILE = "osm/edinburgh-royal-mile.osm.pbf"
GONE_SECONDS = 10


@pytest.fixture
def royal_mile(tmp_path: Path) -> Path:
    """A data folder with one small region."""
    ingested = wildside(
        "ingest-osm", data_file(ROYAL_MILE), "--name", "Old Town", data_dir=tmp_path
    )
    assert ingested.returncode == 0, ingested.stderr
    return tmp_path


def _alive(pids: set[int]) -> set[int]:
    """Those that still run; a zombie waits for init and runs no more."""
    alive = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            continue
        if state != "Z":
            alive.add(pid)
    return alive


async def _children_once_there(running: ServerProcess) -> set[int]:
    """The ready line speaks of the door; the solvers start while the first question comes in."""
    with trio.fail_after(GONE_SECONDS):
        while not (children := children_of(running.process.pid)):
            await trio.lowlevel.checkpoint()
    return children


async def _until_gone(pids: set[int]) -> None:
    with trio.fail_after(GONE_SECONDS):
        while _alive(pids):
            await trio.lowlevel.checkpoint()


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody listens on already."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.timeout(120)
async def test_sigterm_ends_server_and_children_with_exit_code_0(royal_mile: Path) -> None:
    """The engine's processes go with the server; nothing is left behind."""
    with server(royal_mile) as running:
        children = await _children_once_there(running)
        assert running.stop(signal.SIGTERM) == 0
        await _until_gone(children)


@pytest.mark.timeout(120)
async def test_a_killed_server_leaves_no_orphans(royal_mile: Path) -> None:
    """A kill -9 gives the server no chance to tell its children; they notice by themselves."""
    with server(royal_mile) as running:
        children = await _children_once_there(running)
        running.stop(signal.SIGKILL)
        await _until_gone(children)


@pytest.mark.timeout(120)
async def test_a_killed_server_keeps_what_it_accepted(royal_mile: Path, tmp_path: Path) -> None:
    """A walk that was told complete before kill -9 can be fetched with the same cookie afterwards."""
    key_file = tmp_path / "session_key"
    key_file.write_text(secrets.token_hex(64))
    kept = {"SESSION_KEY_FILE": str(key_file), "SESSION_ALLOW_EPHEMERAL": "0"}
    with server(royal_mile, settings=kept) as running:
        walker = await Walker.arrive(running.url)
        route = await walker.walk(_wish())
        running.stop(signal.SIGKILL)
    with server(royal_mile, settings=kept) as again:
        answer = await walker.http.get(f"{again.url}/api/v1/routes/{route['id']}")
        assert answer.status_code == 200, answer.text
        assert answer.json() == route
    await walker.leave()


@pytest.mark.timeout(120)
def test_a_busy_port_is_said_in_one_line(royal_mile: Path, taken_port: int) -> None:
    """Exit code 1 and a sentence that names the port, no traceback."""
    refused = wildside("--mode=server", "--port", str(taken_port), data_dir=royal_mile)
    assert refused.returncode == 1
    assert refused.stdout == ""
    lines = [line for line in refused.stderr.splitlines() if line.startswith("wildside:")]
    assert len(lines) == 1
    assert str(taken_port) in lines[0]
    assert "Traceback" not in refused.stderr


@pytest.mark.timeout(180)
async def test_a_map_ingested_while_serving_is_used_by_the_next_walks(royal_mile: Path) -> None:
    """The server notices the new region by itself; nobody restarts anything."""
    with server(royal_mile) as running:
        walker = await Walker.arrive(running.url)
        await walker.walk(_wish())
        monaco = data_file("osm/monaco-2025-01.osm.pbf")
        ingested = wildside("ingest-osm", monaco, "--name", "Monaco", data_dir=royal_mile)
        assert ingested.returncode == 0, ingested.stderr
        with trio.fail_after(30):
            while True:
                regions = (await walker.http.get("/api/v1/regions")).json()["data"]
                if len(regions) == 2:
                    break
        route = await walker.walk(_wish(7.4246, 43.7384))
        assert route["stops"]
        assert (await walker.walk(_wish(minutes=45)))["stops"]
        await walker.leave()


def _wish(
    longitude: float = -3.1897, latitude: float = 55.9500, minutes: int = 30
) -> dict[str, object]:
    return {
        "start_location": {"type": "Point", "coordinates": [longitude, latitude]},
        "duration_minutes": minutes,
    }


async def test_a_starting_server_sweeps_what_a_killed_ingest_left(royal_mile: Path) -> None:
    """The half that was being written goes, and so does a version that no region ever became."""
    incoming, never = royal_mile / "regions" / ".incoming", royal_mile / "regions" / "never" / "1"
    half = incoming / "old-town.abc"
    for folder in (half, never):
        folder.mkdir(parents=True)
        (folder / "graph.walk").write_text("half")
    (incoming / "never.lock").touch()
    (incoming / "never.kept").write_text("1")
    with server(royal_mile), trio.fail_after(GONE_SECONDS):
        while half.exists() or never.parent.exists():
            await trio.lowlevel.checkpoint()
    assert list((royal_mile / "regions" / "old-town").glob("*/graph.walk"))
