"""Servers and workers as processes of their own, with one Redis between them."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import trio

from tests.data_folder import data_file
from tests.end_to_end.server_process import ServerProcess, server, wildside
from tests.end_to_end.walker import Walker, last_word
from tests.redis_server import RedisServer

ROYAL_MILE = "osm/edinburgh-royal-mile.osm.pbf"
LEASE_SECONDS = 1.5
ENDS_WITHIN_SECONDS = 40


@pytest.fixture(scope="module")
def royal_mile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one small region and a session key that all servers share."""
    folder = tmp_path_factory.mktemp("data")
    ingested = wildside("ingest-osm", data_file(ROYAL_MILE), data_dir=folder)
    assert ingested.returncode == 0, ingested.stderr
    (folder / "session_key").write_text("k" * 64)
    return folder


PASSWORD = "correct horse"


class Deployment:
    """Starts processes that share a data folder and a Redis."""

    def __init__(self, folder: Path, redis: RedisServer, stack: ExitStack) -> None:
        self._stack = stack
        self._folder = folder
        self._settings = {
            "REDIS_URL": redis.url,
            "SESSION_KEY_FILE": str(folder / "session_key"),
            "SOLVER_PROCESSES": "1",
            "LEASE_SECONDS": str(LEASE_SECONDS),
            "METRICS_PORT": "0",
            "ROUTES_PER_MINUTE": "100000",
        }

    def start(self, mode: str, **more: str) -> ServerProcess:
        """One more server or worker, ready."""
        settings: Mapping[str, str] = {**self._settings, **more}
        return self._stack.enter_context(server(self._folder, f"--mode={mode}", settings=settings))


@pytest.fixture
def deployment(royal_mile: Path, own_redis: RedisServer) -> Iterator[Deployment]:
    """Nothing runs yet but Redis."""
    with ExitStack() as stack:
        yield Deployment(royal_mile, own_redis, stack)


def wish(minutes: int) -> dict[str, Any]:
    """A walk on the Royal Mile; each length is another wish."""
    start = {"type": "Point", "coordinates": [-3.1883, 55.9500]}
    return {"start_location": start, "duration_minutes": minutes}


async def ended(walker: Walker, request_id: str) -> dict[str, Any]:
    """The status once the request has ended."""
    with trio.fail_after(ENDS_WITHIN_SECONDS):
        while True:
            status = (await walker.http.get(f"/api/v1/routes/status/{request_id}")).json()
            if status["status"] in {"complete", "failed"}:
                found: dict[str, Any] = status
                return found
            await trio.sleep(0.05)


async def ask(walker: Walker, minutes: int) -> str:
    """An accepted wish."""
    answer = await walker.http.post("/api/v1/routes", json=wish(minutes))
    assert answer.status_code == 202, answer.text
    request_id: str = answer.json()["request_id"]
    return request_id


async def test_a_wish_at_one_server_is_heard_of_at_another(deployment: Deployment) -> None:
    """A worker finds the walk; the walker's socket is on a server that knew nothing of it."""
    one, two = deployment.start("server"), deployment.start("server")
    worker = deployment.start("worker")
    walker = await Walker.arrive(one.url)
    elsewhere = Walker(httpx.AsyncClient(base_url=two.url, cookies=walker.http.cookies))
    async with trio.open_nursery() as nursery:
        socket = await elsewhere.socket(nursery)
        request_id = await ask(walker, 30)
        last = await last_word(socket, request_id)
        await socket.aclose()
        nursery.cancel_scope.cancel()
    assert last["status"] == "complete"
    route = (await elsewhere.http.get(f"/api/v1/routes/{last['route_id']}")).json()
    assert route["request_id"] == request_id
    # An equal wish is answered from the cache that both share, without the worker.
    assert worker.stop() == 0
    again = await elsewhere.http.post("/api/v1/routes", json=wish(30))
    assert (again.status_code, again.json()["status"]) == (202, "complete")
    for leaving in (walker, elsewhere):
        await leaving.leave()


async def test_a_stopped_workers_job_is_done_by_another_and_only_once(
    deployment: Deployment,
) -> None:
    """Stopped with the job in its hands for longer than its lease; when it goes on, it writes nothing."""
    home = deployment.start("server")
    first = deployment.start("worker")
    walker = await Walker.arrive(home.url)
    first.process.send_signal(signal.SIGSTOP)
    request_id = await ask(walker, 35)
    second = deployment.start("worker")
    status = await ended(walker, request_id)
    assert status["status"] == "complete"
    first.process.send_signal(signal.SIGCONT)
    for minutes in (40, 45, 50):
        assert (await ended(walker, await ask(walker, minutes)))["status"] == "complete"
    pages = (await walker.http.get("/api/v1/users/me/routes")).json()["data"]
    assert len(pages) == 4
    assert (await ended(walker, request_id))["route_id"] == status["route_id"]
    assert [first.stop(), second.stop()] == [0, 0]
    await walker.leave()


async def test_wishes_are_accepted_while_redis_is_away_and_granted_when_it_is_back(
    deployment: Deployment, own_redis: RedisServer
) -> None:
    """The row in storage is the promise: the job is made as soon as there is a queue again."""
    home = deployment.start("server")
    deployment.start("worker")
    walker = await Walker.arrive(home.url)
    own_redis.kill()
    request_id = await ask(walker, 55)
    ready = await walker.http.get("/health/ready")
    assert (ready.status_code, "queue" in ready.json()["reasons"]) == (503, True)
    own_redis.start()
    assert (await ended(walker, request_id))["status"] == "complete"
    await walker.leave()


async def test_a_worker_says_how_it_is(deployment: Deployment, royal_mile: Path) -> None:
    """Health and metrics to anybody, the tree of actors to administrators, and nothing of walkers."""
    added = wildside("users", "add", "boss", "--admin", data_dir=royal_mile, given=PASSWORD)
    assert added.returncode == 0, added.stderr
    worker = deployment.start("worker")
    async with httpx.AsyncClient(base_url=worker.url) as http:
        with trio.fail_after(20):
            while (await http.get("/health/ready")).status_code != 200:  # noqa: ASYNC110
                await trio.sleep(0.05)
        text = (await http.get("/metrics")).text
        for name in ("job_places ", "job_places_busy ", "job_queue_depth{", "solver_children "):
            assert name in text, name
        assert (await http.get("/debug/actors")).status_code == 401
        login = {"username": "boss", "password": PASSWORD}
        assert (await http.post("/api/v1/login", json=login)).status_code == 200
        assert "scheduler" in (await http.get("/debug/actors")).text
        assert (await http.get("/api/v1/regions")).status_code == 404


async def test_operators_see_the_queue_from_outside(
    royal_mile: Path, own_redis: RedisServer
) -> None:
    """`wildside jobs` prints JSON and nothing else; where the queue is in a server's memory it says so."""
    seen = wildside(
        *("jobs", "stats", "--json"), data_dir=royal_mile, settings={"REDIS_URL": own_redis.url}
    )
    assert seen.returncode == 0, seen.stderr
    assert json.loads(seen.stdout)["GenerateRoute"]["waiting"] == 0
    with_redis = {"REDIS_URL": own_redis.url}
    unknown = wildside("jobs", "show", "abcdef", data_dir=royal_mile, settings=with_redis)
    assert unknown.returncode == 1
    assert unknown.stderr.startswith("wildside jobs: ")
    assert "Traceback" not in unknown.stderr
    in_a_file = wildside("jobs", "list", data_dir=royal_mile, settings={"JOBS_IN": "sqlite"})
    assert (in_a_file.returncode, in_a_file.stdout.strip()) == (0, "no dead jobs")
    nowhere = wildside("jobs", "list", data_dir=royal_mile)
    assert nowhere.returncode == 1
    assert "JOBS_IN" in nowhere.stderr


async def test_a_worker_without_redis_is_refused(royal_mile: Path) -> None:
    """One clear line, and no process that waits for jobs that never come."""
    refused = wildside("--mode=worker", data_dir=royal_mile)
    assert refused.returncode == 1
    assert "REDIS_URL" in refused.stderr


async def test_a_worker_on_another_machine_fetches_the_map(
    database_url: str, own_redis: RedisServer, tmp_path: Path
) -> None:
    """Its own folder is empty: what it needs comes out of the database, checked, and it finds walks."""
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
        (folder / "session_key").write_text("k" * 64)
    database = {"DATABASE_URL": database_url}
    ingested = wildside("ingest-osm", data_file(ROYAL_MILE), data_dir=here, settings=database)
    assert ingested.returncode == 0, ingested.stderr
    with ExitStack() as stack:
        home = Deployment(here, own_redis, stack).start("server", **database)
        Deployment(there, own_redis, stack).start("worker", **database)
        walker = await Walker.arrive(home.url)
        assert (await ended(walker, await ask(walker, 30)))["status"] == "complete"
        (version,) = (there / "regions" / "edinburgh-royal-mile").glob("[!.]*")
        assert (version / "graph.walk").stat().st_size > 0
        await walker.leave()
