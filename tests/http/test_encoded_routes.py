"""Walks that are remembered as bytes: the same answers as ever, within their room."""

from __future__ import annotations

from uuid import uuid4

import trio.testing

from tests.http.doors import Doors, wish
from wildside.domain.identifiers import RouteId
from wildside.inbound.http.encoded_routes import EncodedRoutes


def test_the_one_least_lately_asked_for_goes_first() -> None:
    """Room for two bodies; a body of its own for a route once it is saved."""
    first, second, third = (RouteId(uuid4()) for _ in range(3))
    kept = EncodedRoutes(most_bytes=20)
    kept.keep(first, b"1" * 10, saved=False)
    kept.keep(second, b"2" * 10, saved=False)
    assert kept.find(first, saved=False) == b"1" * 10
    assert kept.find(first, saved=True) is None
    kept.keep(third, b"3" * 10, saved=False)
    assert kept.find(second, saved=False) is None
    assert kept.find(first, saved=False) is not None
    kept.keep(first, b"4" * 5, saved=False)
    assert kept.find(first, saved=False) == b"4" * 5
    assert kept.find(third, saved=False) is not None


def test_what_is_larger_than_all_the_room_is_not_kept() -> None:
    """And leaves the room empty."""
    kept = EncodedRoutes(most_bytes=5)
    route_id = RouteId(uuid4())
    kept.keep(route_id, b"123456", saved=False)
    assert kept.find(route_id, saved=False) is None


async def test_an_answer_from_memory_is_the_answer_of_the_store(
    doors: Doors, autojump_clock: trio.testing.MockClock
) -> None:
    """Word for word; saved and unsaved are told apart; gone is gone, and nobody else sees it."""
    walker, other = await doors.walker(), await doors.walker("192.0.2.8")
    accepted = (await walker.post("/api/v1/routes", wish())).json()
    await trio.sleep(60)
    status = (await walker.get(accepted["status_url"])).json()
    url = f"/api/v1/routes/{status['route_id']}"
    first, again = await walker.get(url), await walker.get(url)
    assert first.status == again.status == 200
    assert first.body == again.body
    assert first.header("vary") == again.header("vary")
    assert (await other.get(url)).status == 404
    await walker.put(f"{url}/saved")
    saved = (await walker.get(url)).json()
    assert saved == {**first.json(), "saved": True}
    assert (await walker.delete(url)).status == 204
    assert (await walker.get(url)).status == 404
