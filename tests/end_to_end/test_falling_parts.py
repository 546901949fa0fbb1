"""Each part of the tree falls in turn while walkers ask: no request is lost, everybody hears the end."""

from __future__ import annotations

import gc
import io
import itertools
import json
import os
import signal
import socket
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trio

from actors.testing import Crash
from actors.vitals import Status
from tests.data_folder import data_file
from tests.end_to_end.server_process import DEVELOPMENT, server, wildside
from tests.end_to_end.stroller import FINAL, Stroller
from tests.end_to_end.walker import Walker
from wildside.app import Server
from wildside.app_house import build_works
from wildside.app_storage import opened_storage
from wildside.inbound.cli import actors as actors_command
from wildside.inbound.cli.password import Terminal
from wildside.inbound.http.wire import listening
from wildside.settings import gather, parse

ROYAL_MILE = "osm/edinburgh-royal-mile.osm.pbf"
WALKERS = 3
CHILDREN = 2
STORY_SECONDS = 50
LOOK_SECONDS = 0.01
SETTINGS = {
    **DEVELOPMENT,
    "SOLVER_PROCESSES": str(CHILDREN),
    "ROUTES_PER_MINUTE": "1000000",
    "NEW_WALKERS_PER_MINUTE": "1000000",
    "LOGINS_PER_MINUTE": "1000000",
}
OPERATOR, PASSWORD = "operator", "correct horse"
# Every task and supervisor of the tree, by its path below the root. In two lives of a server: more
# than three restarts right below the root within five seconds would, as they should, end it.
PARTS = (
    ("engine/solver-pool", "jobs/scheduler", "jobs/chores", "sessions", "http", "metrics"),
    ("engine", "jobs"),
)


@pytest.fixture(scope="module")
def royal_mile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one small region, for every server of this file in turn."""
    folder = tmp_path_factory.mktemp("data")
    ingested = wildside("ingest-osm", data_file(ROYAL_MILE), data_dir=folder)
    assert ingested.returncode == 0, ingested.stderr
    added = wildside("users", "add", OPERATOR, "--admin", data_dir=folder, given=PASSWORD)
    assert added.returncode == 0, added.stderr
    return folder


@pytest.fixture(scope="module")
def wishes() -> Iterator[dict[str, Any]]:
    """Never the same wish twice: an answer from the cache would ask nothing of the parts."""
    return (
        {
            "start_location": {"type": "Point", "coordinates": [-3.1897, 55.9500]},
            "duration_minutes": minutes,
            "popularity_bias": percent / 100,
        }
        for percent, minutes in itertools.product(range(101), range(60, 91))
    )


@dataclass
class RunningServer:
    """The application in this process, so that its tree is in reach; the doors are real."""

    server: Server
    url: str
    operators_url: str

    async def fell(self, path: str) -> None:
        """Ends the part's life as a crash would, and waits for its next one."""
        root = self.server.system.root
        part = root.find(path)
        assert part is not None, path
        lives = part.restarts
        part.kill(Crash(f"of {path}"))
        while True:
            part = root.find(path)
            if part is not None and part.restarts > lives and part.status is Status.RUNNING:
                return
            await trio.sleep(LOOK_SECONDS)


def address(door: socket.socket) -> str:
    return f"http://127.0.0.1:{door.getsockname()[1]}"


@asynccontextmanager
async def running_server(folder: Path) -> AsyncIterator[RunningServer]:
    """Up and ready; its tree is cancelled at the end."""
    settings = parse(gather({**SETTINGS, "WILDSIDE_DATA_DIR": str(folder)}, {}))
    thresholds = gc.get_threshold()
    with listening("127.0.0.1", 0) as door, listening("127.0.0.1", 0) as metrics_door:
        async with opened_storage(folder) as storage, trio.open_nursery() as nursery:
            running = RunningServer(
                Server(settings, folder, build_works(settings, folder, storage)),
                address(door),
                address(metrics_door),
            )
            nursery.start_soon(running.server.run, door, metrics_door)
            yield running
            nursery.cancel_scope.cancel()
    # A server's process is its own; this one goes on.
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@asynccontextmanager
async def strollers(url: str, wishes: Iterator[dict[str, Any]]) -> AsyncIterator[list[Stroller]]:
    """Walkers who ask without end, each having heard the end of one walk; leaves when all of theirs ended."""
    crowd = [Stroller(await Walker.arrive(url), wishes) for _ in range(WALKERS)]
    async with trio.open_nursery() as nursery:
        for stroller in crowd:
            nursery.start_soon(stroller.stroll)
        await everybody_hears_another_end(crowd)
        yield crowd
        await everybody_hears_another_end(crowd)
        for stroller in crowd:
            stroller.going_home = True
        for stroller in crowd:
            await stroller.at_home.wait()
        nursery.cancel_scope.cancel()
    for stroller in crowd:
        await judge(stroller)
        await stroller.walker.leave()


async def everybody_hears_another_end(crowd: list[Stroller]) -> None:
    for stroller in crowd:
        await stroller.hears_endings(stroller.endings + 1)


async def somebody_is_served(crowd: list[Stroller]) -> None:
    """Waits until a search is under way as its walker has heard, so that there is something to lose."""
    while not any(stroller.under_way for stroller in crowd):  # noqa: ASYNC110 - any of several walkers' news
        await trio.sleep(LOOK_SECONDS)


async def judge(stroller: Stroller) -> None:
    """What was heard is what is stored: complete with a route to fetch, or failed with a reason."""
    for request_id in stroller.accepted:
        word = stroller.heard[request_id]
        stored = await stroller.fetch(f"/api/v1/routes/status/{request_id}")
        assert stored["status"] == word["status"]
        assert word["status"] in FINAL
        assert stroller.percents[request_id] == sorted(stroller.percents[request_id])
        if word["status"] == "failed":
            assert word["error"]
    assert len(set(stroller.accepted)) == len(stroller.accepted)


async def routes_can_be_fetched(crowd: list[Stroller]) -> None:
    """Every walk told complete so far is there."""
    for stroller in crowd:
        for word in list(stroller.heard.values()):
            if word["status"] == "complete":
                answer = await stroller.fetch(f"/api/v1/routes/{word['route_id']}")
                assert answer["id"] == word["route_id"]


@pytest.mark.timeout(STORY_SECONDS * 2)
@pytest.mark.parametrize("paths", PARTS, ids=("tasks", "supervisors"))
async def test_no_walk_is_lost_when_a_part_falls(
    paths: tuple[str, ...], royal_mile: Path, wishes: Iterator[dict[str, Any]]
) -> None:
    """Each lives again, every accepted request ends, and its walker hears how."""
    with trio.fail_after(STORY_SECONDS):
        async with running_server(royal_mile) as running:
            async with strollers(running.url, wishes) as crowd:
                for path in paths:
                    await somebody_is_served(crowd)
                    await running.fell(path)
                    await everybody_hears_another_end(crowd)
                await routes_can_be_fetched(crowd)
            for path in paths:
                part = await shown(running.operators_url, path)
                assert part["restarts"] == 1
                assert f"of {path}" in part["last_failure"]


async def test_the_tree_is_made_of_these_parts(royal_mile: Path) -> None:
    """A part that is added to the tree is to be felled here too."""
    async with running_server(royal_mile) as running:
        tree = await shown(running.operators_url)
        assert set(paths_below(tree)) == {path for paths in PARTS for path in paths}


def paths_below(part: dict[str, Any], above: str = "") -> Iterator[str]:
    for child in part["children"]:
        yield above + child["name"]
        yield from paths_below(child, above + child["name"] + "/")


async def shown(url: str, path: str = "") -> dict[str, Any]:
    """One part of the tree as `wildside actors --json` prints it."""
    out, err = io.StringIO(), io.StringIO()
    asked = Namespace(url=url, user=OPERATOR, json=True)
    terminal = Terminal(io.StringIO(PASSWORD), out, err)
    assert await trio.to_thread.run_sync(actors_command.run, asked, terminal) == 0, err.getvalue()
    part: dict[str, Any] = json.loads(out.getvalue())
    for name in filter(None, path.split("/")):
        (part,) = (child for child in part["children"] if child["name"] == name)
    return part


@pytest.mark.timeout(STORY_SECONDS * 2)
async def test_every_session_falls_and_every_walker_comes_back(
    royal_mile: Path, wishes: Iterator[dict[str, Any]]
) -> None:
    """The socket of a fallen session closes at once; with ?since= its walker misses nothing."""
    with trio.fail_after(STORY_SECONDS):
        async with (
            running_server(royal_mile) as running,
            strollers(running.url, wishes) as crowd,
        ):
            sessions = running.server.system.supervisor("sessions")
            sockets = [stroller.sockets for stroller in crowd]
            assert sockets == [1] * WALKERS
            for session in list(sessions.children.values()):
                await somebody_is_served(crowd)
                session.kill(Crash("of a session"))
            await everybody_hears_another_end(crowd)
            assert [stroller.sockets for stroller in crowd] == [2] * WALKERS
            assert len(sessions.children) == WALKERS


@pytest.mark.timeout(STORY_SECONDS * 2)
async def test_every_child_of_a_real_server_is_killed_and_no_walk_is_lost(
    royal_mile: Path, wishes: Iterator[dict[str, Any]]
) -> None:
    """`kill -9` of each solver process in turn, in the middle of a search: another takes its place."""
    with server(royal_mile, settings=SETTINGS) as running, trio.fail_after(STORY_SECONDS):
        # The ready line speaks of the door; the solvers start while the first questions come in.
        while len(children := children_of(running.process.pid)) < CHILDREN:
            await trio.lowlevel.checkpoint()
        assert len(children) == CHILDREN
        async with strollers(running.url, wishes) as crowd:
            for child in children:
                await somebody_is_served(crowd)
                os.kill(child, signal.SIGKILL)
                await everybody_hears_another_end(crowd)
            await routes_can_be_fetched(crowd)
        after = children_of(running.process.pid)
        assert len(after) == CHILDREN
        assert not after & children


def children_of(pid: int) -> set[int]:
    """The processes right below this one, from /proc; zombies would be among them."""
    return {
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    }
