"""A walker's story on a deployment: two servers, two workers, PostgreSQL and Redis, each a process."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import trio

from tests.data_folder import data_file
from tests.end_to_end.cluster import Cluster, cluster
from tests.end_to_end.walker import Walker, last_word

ROYAL_MILE = "osm/edinburgh-royal-mile.osm.pbf"
Both = tuple[Walker, Walker]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One deployment for all stories."""
    folder: Path = tmp_path_factory.mktemp("cluster")
    with cluster(folder, data_file(ROYAL_MILE), servers=2, workers=2) as running:
        yield running


@pytest.fixture
async def both(running: Cluster) -> AsyncIterator[Both]:
    """The same walker at both servers, as behind a balancer that sends them hither and thither."""
    here = await Walker.arrive(running.servers[0].url)
    there = Walker(httpx.AsyncClient(base_url=running.servers[1].url, cookies=here.http.cookies))
    yield here, there
    await here.leave()
    await there.leave()


@contextmanager
def nobody_working(running: Cluster) -> Iterator[None]:
    """Workers stand still meanwhile: a wish stays unfinished for as long as a test needs it."""
    for worker in running.workers:
        worker.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for worker in running.workers:
            worker.signal(signal.SIGCONT)


def wish(minutes: int) -> dict[str, Any]:
    """A walk on the Royal Mile; each length is another wish."""
    start = {"type": "Point", "coordinates": [-3.1883, 55.9500]}
    return {"start_location": start, "duration_minutes": minutes}


async def heard_end(asking: Walker, hearing: Walker, minutes: int) -> dict[str, Any]:
    """The last word, at one server, on a wish accepted at another."""
    async with trio.open_nursery() as nursery:
        socket = await hearing.socket(nursery)
        accepted = await asking.http.post("/api/v1/routes", json=wish(minutes))
        assert accepted.status_code == 202, accepted.text
        last = await last_word(socket, accepted.json()["request_id"])
        await socket.aclose()
        nursery.cancel_scope.cancel()
    return last


async def test_a_walk_is_asked_for_heard_of_fetched_and_saved_on_whichever_server(
    both: Both,
) -> None:
    """Asked here, heard and fetched there; saved here, listed there; deleted there, gone here."""
    here, there = both
    last = await heard_end(here, there, 40)
    assert last["status"] == "complete"
    path = f"/api/v1/routes/{last['route_id']}"
    route = (await there.http.get(path)).json()
    assert (route["request_id"], len(route["stops"]) > 0) == (last["request_id"], True)
    assert (await here.http.put(f"{path}/saved")).status_code == 204
    saved = (await there.http.get("/api/v1/users/me/routes?saved=true")).json()["data"]
    assert [each["id"] for each in saved] == [last["route_id"]]
    assert (await there.http.delete(path)).status_code == 204
    assert (await here.http.get(path)).status_code == 404


async def test_a_repeated_key_is_one_request_wherever_it_is_repeated(both: Both) -> None:
    """Word for word the same answer from the other server; another payload is a conflict there too."""
    here, there = both
    key = {"Idempotency-Key": str(uuid4())}
    first = await here.http.post("/api/v1/routes", json=wish(41), headers=key)
    again = await there.http.post("/api/v1/routes", json=wish(41), headers=key)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    other = await there.http.post("/api/v1/routes", json=wish(42), headers=key)
    assert other.status_code == 409


async def test_a_wish_is_cancelled_at_a_server_that_did_not_take_it(
    both: Both, running: Cluster
) -> None:
    """Its walker hears the end at the first one, and no worker finds the walk any more."""
    here, there = both
    with nobody_working(running):
        async with trio.open_nursery() as nursery:
            socket = await here.socket(nursery)
            accepted = await here.http.post("/api/v1/routes", json=wish(43))
            request_id = accepted.json()["request_id"]
            cancelled = await there.http.delete(f"/api/v1/routes/status/{request_id}")
            assert cancelled.status_code == 202, cancelled.text
            last = await last_word(socket, request_id)
            await socket.aclose()
            nursery.cancel_scope.cancel()
    assert (last["status"], last["error"]) == ("failed", "cancelled")
    # Workers are at work again, and whatever they held back of it is not to be found.
    assert (await heard_end(there, here, 44))["status"] == "complete"
    status = (await here.http.get(f"/api/v1/routes/status/{request_id}")).json()
    assert (status["status"], status["error"]) == ("failed", "cancelled")
