"""Shared walks over HTTP: by link, in every form, until revoked."""

from __future__ import annotations

import trio
import trio.testing

from tests.http.doors import OWN, Client, Doors, wish
from tests.http.test_routes import STRANGE, answered

Clock = trio.testing.MockClock


async def with_a_walk(doors: Doors) -> tuple[Client, str]:
    """A walker and the address of their walk."""
    walker = await doors.walker()
    status = await answered(walker, await walker.post("/api/v1/routes", wish()))
    return walker, f"/api/v1/routes/{status['route_id']}"


async def test_a_link_shows_the_walk_to_anybody(doors: Doors, autojump_clock: Clock) -> None:
    """Data by the token, the route itself with it; nothing is cached."""
    walker, route = await with_a_walk(doors)
    reply = await walker.post(f"{route}/share")
    assert reply.status == 201
    link = reply.json()
    assert link["url"] == f"{OWN}/walk/{link['token']}"
    assert link["expires_at"] > "2026-06"
    stranger = doors.client()
    shown = await stranger.get(f"/api/v1/shared/{link['token']}")
    assert shown.status == 200
    assert shown.json() == (await walker.get(route)).json()
    assert shown.header("cache-control") == "no-store"
    assert shown.header("set-cookie") is None
    itself = await stranger.get(f"{route}?token={link['token']}")
    assert (itself.json(), itself.header("cache-control")) == (shown.json(), "no-store")
    gpx = await stranger.get(f"/api/v1/shared/{link['token']}", accept="application/gpx+xml")
    assert gpx.header("content-type") == "application/gpx+xml"


async def test_the_address_of_a_link_is_the_page_s(doors: Doors) -> None:
    """Which asks for the data itself: a wrong token is told there, in words."""
    page = await doors.client().get("/walk/0123456789abcdef0123456789abcdef")
    assert (page.status, "Wildside" in page.body.decode()) == (200, True)


async def test_a_token_opens_nothing_else(doors: Doors, autojump_clock: Clock) -> None:
    """No other walk, no changing, no status; and without it the walk is not there."""
    walker, route = await with_a_walk(doors)
    token = (await walker.post(f"{route}/share")).json()["token"]
    other_wish = await walker.post("/api/v1/routes", wish(30))
    other = (await answered(walker, other_wish))["route_id"]
    stranger = doors.client()
    assert (await stranger.get(f"/api/v1/routes/{other}?token={token}")).status == 404
    assert (await stranger.get(f"{route}?token={token[:-1]}x")).status == 404
    assert (await stranger.get(f"{route}?token=")).status == 404
    assert (await stranger.get(route)).status == 401
    assert (await stranger.get(f"{route}?xtoken={token}")).status == 401
    for method, target in (
        ("DELETE", f"{route}?token={token}"),
        ("PUT", f"{route}/saved?token={token}"),
        ("POST", f"{route}/share?token={token}"),
        ("POST", f"{route}/tile-token?token={token}"),
    ):
        assert (await stranger.ask(method, target)).status == 401, target
    neighbour = await doors.walker("198.51.100.3")
    assert (await neighbour.get(route)).status == 404
    assert (await neighbour.get(f"{route}?token={token}")).status == 200


async def test_only_the_owner_shares(doors: Doors, autojump_clock: Clock) -> None:
    """To anybody else the walk is not there."""
    walker, route = await with_a_walk(doors)
    token = (await walker.post(f"{route}/share")).json()["token"]
    neighbour = await doors.walker("198.51.100.3")
    for method in ("POST", "DELETE"):
        assert (await neighbour.ask(method, f"{route}/share")).status == 404
        assert (await doors.client().ask(method, f"{route}/share")).status == 401
        assert (await walker.ask(method, f"/api/v1/routes/{STRANGE}/share")).status == 404
    assert (await doors.client().get(f"/api/v1/shared/{token}")).status == 200


async def test_a_revoked_link_is_404_at_once(doors: Doors, autojump_clock: Clock) -> None:
    """All links of the walk, by both addresses; revoking again is no fault."""
    walker, route = await with_a_walk(doors)
    tokens = [(await walker.post(f"{route}/share")).json()["token"] for _ in range(2)]
    assert len(set(tokens)) == 2
    for _ in range(2):
        assert (await walker.delete(f"{route}/share")).status == 204
    for token in tokens:
        assert (await doors.client().get(f"/api/v1/shared/{token}")).status == 404
        assert (await doors.client().get(f"{route}?token={token}")).status == 404


async def test_a_link_ends_after_thirty_days(doors: Doors, autojump_clock: Clock) -> None:
    """To the second."""
    walker, route = await with_a_walk(doors)
    token = (await walker.post(f"{route}/share")).json()["token"]
    await trio.sleep(30 * 86400 - 1)
    assert (await doors.client().get(f"/api/v1/shared/{token}")).status == 200
    await trio.sleep(2)
    assert (await doors.client().get(f"/api/v1/shared/{token}")).status == 404


async def test_a_repeated_share_replays_its_link(doors: Doors, autojump_clock: Clock) -> None:
    """One key, one link."""
    walker, route = await with_a_walk(doors)
    key = "11111111-2222-4333-8444-555555555555"
    first = await walker.post(f"{route}/share", idempotency_key=key)
    again = await walker.post(f"{route}/share", idempotency_key=key)
    assert (again.body, again.header("idempotent-replayed")) == (first.body, "true")
    other = await walker.post(f"/api/v1/routes/{STRANGE}/share", idempotency_key=key)
    assert other.status == 409


async def test_what_cannot_be_a_token_is_404(doors: Doors) -> None:
    """Too short, too long, other characters."""
    for token in ("x", "a" * 129, "a" * 20 + "%00", "a" * 20 + "é", "a" * 20 + "/.."):
        assert (await doors.client().get(f"/api/v1/shared/{token}")).status == 404
