"""The whole pipe on PostgreSQL: ingest, serve, walk, fall and rise again."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import trio

from tests.data_folder import data_file
from tests.end_to_end.server_process import ServerProcess, server, wildside
from tests.end_to_end.walker import Walker
from tests.postgres_server import DATABASE, PostgresServer, migrate, postgres_server
from wildside.outbound.sample_town.town import write_sample_town

ROYAL_MILE = "osm/edinburgh-royal-mile.osm.pbf"
PATIENCE_SECONDS = 30


def a_wish(minutes: int = 30) -> dict[str, object]:
    return {
        "start_location": {"type": "Point", "coordinates": [-3.1897, 55.9500]},
        "duration_minutes": minutes,
    }


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[PostgresServer]:
    """A durable server that tests may stop and kill, with a region in its database."""
    with postgres_server() as running:
        migrate(running, DATABASE)
        yield running


@pytest.fixture(scope="module")
def town(own_postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The region's files; its places are in the database."""
    folder = tmp_path_factory.mktemp("town")
    ingested = wildside(
        *("ingest-osm", data_file(ROYAL_MILE), "--name", "Old Town"),
        data_dir=folder,
        settings={"DATABASE_URL": own_postgres.url(DATABASE)},
    )
    assert ingested.returncode == 0, ingested.stderr
    assert not (folder / "wildside.sqlite3").exists()
    return folder


@contextmanager
def serving(town: Path, url: str, tmp_path: Path) -> Iterator[ServerProcess]:
    """The server on that database; a key outlives it."""
    key_file = tmp_path / "session_key"
    if not key_file.exists():
        key_file.write_text(secrets.token_hex(64))
    settings = {
        "DATABASE_URL": url,
        "SESSION_KEY_FILE": str(key_file),
        "SESSION_ALLOW_EPHEMERAL": "0",
        "DATABASE_WAIT_SECONDS": "1",
    }
    with server(town, settings=settings) as running:
        yield running


async def until_ready(http: httpx.AsyncClient, status: int) -> httpx.Response:
    """Readiness as asked again and again, as an orchestrator would."""
    with trio.fail_after(PATIENCE_SECONDS):
        while True:
            answer = await http.get("/health/ready")
            if answer.status_code == status:
                return answer
            await trio.sleep(0.05)


@pytest.mark.timeout(180)
async def test_a_walk_is_asked_for_found_and_fetched(
    town: Path, own_postgres: PostgresServer, tmp_path: Path
) -> None:
    """POST, complete on the socket, GET; and it is still there after kill -9 of the server."""
    url = own_postgres.url(DATABASE)
    with serving(town, url, tmp_path) as running:
        walker = await Walker.arrive(running.url)
        route = await walker.walk(a_wish())
        assert route["stops"]
        numbers = (await walker.http.get("/metrics")).text
        assert 'database_query_seconds_count{query="routes.save"} 1.0' in numbers
        assert "database_connections_idle" in numbers
        running.stop(signal.SIGKILL)
    with serving(town, url, tmp_path) as again:
        answer = await walker.http.get(f"{again.url}/api/v1/routes/{route['id']}")
        assert answer.status_code == 200, answer.text
        assert answer.json() == route
    await walker.leave()


@pytest.mark.timeout(180)
async def test_the_database_may_go_away_and_come_back(
    town: Path, own_postgres: PostgresServer, tmp_path: Path
) -> None:
    """Meanwhile it is not ready, and answers 503 in the usual shape; nobody restarts the server."""
    with serving(town, own_postgres.url(DATABASE), tmp_path) as running:
        walker = await Walker.arrive(running.url)
        route = await walker.walk(a_wish(minutes=45))
        own_postgres.stop()
        unready = await until_ready(walker.http, 503)
        assert unready.json()["reasons"]["storage"]
        refused = await walker.http.get(f"/api/v1/routes/{route['id']}")
        assert refused.status_code == 503, refused.text
        assert refused.json()["code"] == "service_unavailable"
        assert refused.json()["trace_id"] == refused.headers["trace-id"]
        assert int(refused.headers["retry-after"]) >= 1
        assert (await walker.http.get("/healthz")).status_code == 200
        own_postgres.start()
        await until_ready(walker.http, 200)
        fetched = await walker.http.get(f"/api/v1/routes/{route['id']}")
        assert fetched.json() == route
        assert (await walker.walk(a_wish(minutes=60)))["stops"]
        await walker.leave()


def test_a_server_whose_database_is_not_there_says_so_in_one_line(tmp_path: Path) -> None:
    """Exit code 1, no traceback; the password is not shown."""
    refused = wildside(
        "--mode=server",
        *("--port", "0"),
        data_dir=tmp_path,
        settings={"DATABASE_URL": "postgresql://walker:sesame@127.0.0.1:1/wildside"},
    )
    assert refused.returncode == 1
    lines = [line for line in refused.stderr.splitlines() if line.startswith("wildside:")]
    assert lines == [
        (
            "wildside: the database 127.0.0.1:1/wildside as walker cannot be reached:"
            " nobody listens there; is the server running, is it the right port?"
        )
    ]
    assert "sesame" not in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.timeout(180)
async def test_a_map_ingested_while_serving_is_used_by_the_next_walks(
    town: Path, own_postgres: PostgresServer, tmp_path: Path
) -> None:
    """Another process took it in; the server notices by itself."""
    url = own_postgres.url(DATABASE)
    extract = tmp_path / "invented.osm.pbf"
    write_sample_town(extract)
    with serving(town, url, tmp_path) as running:
        walker = await Walker.arrive(running.url)
        assert (await walker.walk(a_wish(minutes=20)))["stops"]
        ingested = wildside(
            *("ingest-osm", extract, "--name", "Invented"),
            data_dir=town,
            settings={"DATABASE_URL": url},
        )
        assert ingested.returncode == 0, ingested.stderr
        with trio.fail_after(PATIENCE_SECONDS):
            while True:
                regions = (await walker.http.get("/api/v1/regions")).json()["data"]
                if len(regions) == 2:
                    break
        invented = next(region for region in regions if region["name"] == "Invented")
        there = {"start_location": invented["centre"], "duration_minutes": 30}
        assert (await walker.walk(there))["stops"]
        assert (await walker.walk(a_wish(minutes=90)))["stops"]
        await walker.leave()


@pytest.mark.timeout(180)
async def test_two_servers_share_one_database(
    town: Path, own_postgres: PostgresServer, tmp_path: Path
) -> None:
    """A walker who arrived at one is known at the other, and so are their wish and its walk."""
    url = own_postgres.url(DATABASE)
    with serving(town, url, tmp_path) as one, serving(town, url, tmp_path) as other:
        walker = await Walker.arrive(one.url)
        accepted = await walker.http.post("/api/v1/routes", json=a_wish(minutes=75))
        status = f"{other.url}{accepted.json()['status_url']}"
        with trio.fail_after(PATIENCE_SECONDS):
            while True:
                told = (await walker.http.get(status)).json()
                if told["status"] == "complete":
                    break
        path = f"/api/v1/routes/{told['route_id']}"
        here, there = [await walker.http.get(url + path) for url in (one.url, other.url)]
        assert here.status_code == 200, here.text
        assert here.json() == there.json()
        await walker.leave()


async def until(condition: Callable[[], bool]) -> None:
    """Looks again and again at what others do meanwhile."""
    with trio.fail_after(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 - the numbers of eight scribes have no event
            await trio.sleep(0.01)


@dataclass
class Scribe:
    """A walker who changes their name again and again; `accepted` is the last that was taken."""

    walker: Walker
    accepted: int = 0
    sent: int = 0
    refusals: int = 0
    wanted: int = 0

    async def write(self) -> None:
        """Until cancelled; only success and 503 are answers."""
        while True:
            self.sent += 1
            answer = await self.walker.http.patch(
                "/api/v1/users/me", json={"display_name": f"Walker {self.sent}"}
            )
            if answer.status_code == 200:
                self.accepted = self.sent
            else:
                assert answer.status_code == 503, answer.text
                assert answer.json()["code"] == "service_unavailable"
                self.refusals += 1
                await trio.sleep(0.02)

    async def name(self) -> int:
        """The number that is stored."""
        answer = await self.walker.http.get("/api/v1/users/me")
        assert answer.status_code == 200, answer.text
        return int(answer.json()["display_name"].removeprefix("Walker") or 0)


@pytest.mark.timeout(180)
async def test_kill_9_of_the_database_under_load_loses_no_accepted_write(
    town: Path, own_postgres: PostgresServer, tmp_path: Path
) -> None:
    """Twice. Whoever heard 200 finds it; meanwhile everybody hears 503, and then 200 again."""
    with serving(town, own_postgres.url(DATABASE), tmp_path) as running:
        scribes = [Scribe(await Walker.arrive(running.url)) for _ in range(8)]
        for _ in range(2):
            for scribe in scribes:
                scribe.wanted = scribe.accepted + 12
            async with trio.open_nursery() as nursery:
                for scribe in scribes:
                    nursery.start_soon(scribe.write)
                await until(lambda: all(scribe.accepted >= scribe.wanted for scribe in scribes))
                await trio.to_thread.run_sync(own_postgres.stop, signal.SIGKILL)
                await until(lambda: all(scribe.refusals for scribe in scribes))
                await trio.to_thread.run_sync(own_postgres.start)
                for scribe in scribes:
                    scribe.wanted = scribe.sent + 1
                await until(lambda: all(scribe.accepted >= scribe.wanted for scribe in scribes))
                nursery.cancel_scope.cancel()
            for scribe in scribes:
                # The one under way when its asker left may have been kept.
                assert scribe.accepted <= await scribe.name() <= scribe.sent
                scribe.refusals = 0
        for scribe in scribes:
            await scribe.walker.leave()
        assert not [line for line in running.log_lines if "Traceback" in line]
