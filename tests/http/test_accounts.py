"""Accounts over HTTP: made, signed into, claimed, exported, erased."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
import trio
import trio.testing

from tests.http.doors import LOGINS_A_MINUTE, NEWCOMERS_A_MINUTE, Client, Doors, Reply, wish
from tests.http.test_routes import answered
from wildside.domain.identifiers import UserId

Clock = trio.testing.MockClock
ADA = {"username": "ada", "password": "correct horse"}
OTHER = "battery staple"


async def with_account(doors: Doors, address: str = "192.0.2.7") -> Client:
    """Ada, signed up and signed in."""
    client = doors.client(address)
    reply = await client.post("/api/v1/users", ADA)
    assert reply.status == 201, reply.body
    return client


async def who(client: Client) -> Any:
    """The username, or the status of a refusal."""
    reply = await client.get("/api/v1/users/me")
    return reply.json().get("username") if reply.status == 200 else reply.status


def faults(reply: Reply) -> list[tuple[str, str]]:
    """Fields at fault and their codes."""
    assert reply.status == 400, reply.body
    return [(fault["field"], fault["code"]) for fault in reply.json()["details"]]


async def test_signing_up_makes_an_account_with_a_session(doors: Doors) -> None:
    """201, the user, the session cookie, and no walker cookie: accounts sign in again."""
    client = doors.client()
    reply = await client.post("/api/v1/users", ADA | {"display_name": "Ada L."})
    assert reply.status == 201
    user = reply.json()
    assert (user["username"], user["display_name"]) == ("ada", "Ada L.")
    assert "password" not in json.dumps(user)
    assert set(client.cookies) == {"session"}
    assert (await client.get("/api/v1/users/me")).json() == user


async def test_a_taken_name_is_409(doors: Doors) -> None:
    """Whatever its case; no cookie is given."""
    await with_account(doors)
    late = doors.client()
    reply = await late.post("/api/v1/users", ADA | {"username": "ADA"})
    assert (reply.status, reply.json()["code"]) == (409, "conflict")
    assert not late.cookies


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"username": "ada"}, ("password", "required")),
        ({"password": "correct horse"}, ("username", "required")),
        (ADA | {"password": "ninechars"}, ("password", "out_of_range")),
        (ADA | {"password": "aaaaaaaaaa"}, ("password", "too_easy")),
        (ADA | {"username": "a"}, ("username", "out_of_range")),
        (ADA | {"username": "ada\n"}, ("username", "invalid")),
        (ADA | {"username": "ada\u0001"}, ("username", "out_of_range")),
        (ADA | {"display_name": "A\u0001da"}, ("display_name", "invalid")),
        (ADA | {"display_name": "A\u202eda"}, ("display_name", "invalid")),
        (ADA | {"role": "admin"}, ("role", "unknown_field")),
        (ADA | {"id": str(UUID(int=1))}, ("id", "unknown_field")),
    ],
)
async def test_what_cannot_be_an_account_is_refused(
    doors: Doors, body: dict[str, Any], fault: tuple[str, str]
) -> None:
    """400 names the field; nobody makes themselves an administrator."""
    assert faults(await doors.client().post("/api/v1/users", body)) == [fault]


async def test_signing_in_gives_a_session(doors: Doors) -> None:
    """On another device, whatever the case of the name."""
    user = (await (await with_account(doors)).get("/api/v1/users/me")).json()
    phone = doors.client("198.51.100.1")
    reply = await phone.post("/api/v1/login", ADA | {"username": "Ada"})
    assert (reply.status, reply.json()) == (200, user)
    assert await who(phone) == "ada"
    assert reply.header("ratelimit-limit") == str(LOGINS_A_MINUTE)


async def test_a_wrong_login_is_401_whatever_is_wrong(doors: Doors) -> None:
    """The same words for all of them, no length rule, no cookie; counted."""
    await with_account(doors)
    stranger = doors.client("198.51.100.2")
    told = set()
    for username, password in (("ada", OTHER), ("bob", ADA["password"]), ("ada", ""), ("x", "y")):
        reply = await stranger.post("/api/v1/login", {"username": username, "password": password})
        problem = reply.json()
        told.add((reply.status, problem["code"], problem["message"]))
    assert told == {(401, "unauthorized", "username or password is wrong")}
    assert not stranger.cookies
    exposition = doors.metrics.exposition()[0].decode()
    assert 'logins_total{outcome="refused"} 4.0' in exposition


async def test_logins_are_limited_by_address(doors: Doors, autojump_clock: Clock) -> None:
    """Ten a minute, right ones included; another address is not hindered, nor is IPv6's next /64."""
    await with_account(doors)
    guesser = doors.client("2001:db8:0:1::1")
    for number in range(LOGINS_A_MINUTE):
        reply = await guesser.post("/api/v1/login", ADA | {"password": f"guess {number}"})
        assert reply.status == 401
        assert reply.header("ratelimit-remaining") == str(LOGINS_A_MINUTE - number - 1)
    neighbour = doors.client("2001:db8:0:1:ffff::2")
    refused = await neighbour.post("/api/v1/login", ADA)
    assert (refused.status, refused.json()["code"]) == (429, "rate_limited")
    assert refused.header("retry-after") == refused.header("ratelimit-reset") == "60"
    assert (await doors.client("2001:db8:0:2::1").post("/api/v1/login", ADA)).status == 200
    await trio.sleep(60)
    assert (await guesser.post("/api/v1/login", ADA)).status == 200


async def test_new_accounts_count_as_new_walkers(doors: Doors) -> None:
    """Refused ones too: whoever tries names is slowed down."""
    client = await with_account(doors)
    for _ in range(NEWCOMERS_A_MINUTE - 1):
        assert (await client.post("/api/v1/users", ADA)).status == 409
    assert (await client.post("/api/v1/users", {})).status == 429


async def test_an_anonymous_walker_claims_an_account(doors: Doors, autojump_clock: Clock) -> None:
    """Same id, same walks; old cookies and the walker cookie end, the fresh session goes on."""
    walker = await doors.walker()
    status = await answered(walker, await walker.post("/api/v1/routes", wish()))
    before = (await walker.get("/api/v1/users/me")).json()
    elsewhere = Client(doors.edge, cookies=dict(walker.cookies))
    reply = await walker.patch("/api/v1/users/me", ADA | {"display_name": "Ada"})
    assert reply.status == 200, reply.body
    claimed = reply.json()
    assert (claimed["id"], claimed["username"]) == (before["id"], "ada")
    assert claimed["display_name"] == "Ada"
    assert claimed["revision"] == before["revision"] + 2
    assert walker.cookies["walker"] == ""
    assert await who(walker) == "ada"
    assert (await walker.get(f"/api/v1/routes/{status['route_id']}")).status == 200
    assert await who(elsewhere) == 401
    assert (await elsewhere.post("/api/v1/session")).status == 401
    assert (await doors.client().post("/api/v1/login", ADA)).status == 200


async def test_a_claim_of_a_taken_name_changes_nothing(doors: Doors) -> None:
    """Not even the display name that came along."""
    await with_account(doors)
    walker = await doors.walker()
    before = (await walker.get("/api/v1/users/me")).json()
    reply = await walker.patch("/api/v1/users/me", ADA | {"display_name": "Thief"})
    assert reply.status == 409
    assert (await walker.get("/api/v1/users/me")).json() == before
    half = await walker.patch("/api/v1/users/me", {"username": "bobby"})
    assert faults(half) == [("password", "required")]


async def test_a_password_change_signs_out_every_other_device(doors: Doors) -> None:
    """The current password is asked for; whoever changed it stays signed in."""
    client = await with_account(doors)
    phone = doors.client("198.51.100.1")
    await phone.post("/api/v1/login", ADA)
    change = {"password": OTHER, "current_password": "wrong"}
    wrong = await client.patch("/api/v1/users/me", change)
    assert faults(wrong) == [("current_password", "wrong")]
    assert await who(phone) == "ada"
    changed = await client.patch("/api/v1/users/me", change | {"current_password": ADA["password"]})
    assert changed.status == 200
    assert (await who(client), await who(phone)) == ("ada", 401)
    assert (await phone.post("/api/v1/login", ADA)).status == 401
    assert (await phone.post("/api/v1/login", ADA | {"password": OTHER})).status == 200


async def test_a_found_phone_is_no_place_to_try_passwords(doors: Doors) -> None:
    """Guesses at the current password count as logins."""
    client = await with_account(doors)
    change = {"password": OTHER, "current_password": "guess"}
    for _ in range(LOGINS_A_MINUTE):
        assert (await client.patch("/api/v1/users/me", change)).status == 400
    assert (await client.patch("/api/v1/users/me", change)).status == 429
    assert (await client.post("/api/v1/login", ADA)).status == 429


async def test_leaving_and_coming_back(doors: Doors) -> None:
    """Logout ends this browser's session; a login begins another."""
    client = await with_account(doors)
    assert (await client.post("/api/v1/logout")).status == 204
    assert await who(client) == 401
    assert (await client.post("/api/v1/login", ADA)).status == 200
    assert await who(client) == "ada"


async def test_an_erased_walker_leaves_nothing_behind(doors: Doors, autojump_clock: Clock) -> None:
    """204 and both cookies cleared; old cookies open nothing, nor do status, walk, link or tile."""
    walker = await doors.walker()
    status = await answered(walker, await walker.post("/api/v1/routes", wish()))
    route = f"/api/v1/routes/{status['route_id']}"
    share = (await walker.post(f"{route}/share")).json()
    token = (await walker.post(f"{route}/tile-token")).json()["token"]
    ghost = Client(doors.edge, cookies=dict(walker.cookies))
    reply = await walker.delete("/api/v1/users/me")
    assert reply.status == 204
    assert walker.cookies == {"session": "", "walker": ""}
    for method, target in (
        ("GET", "/api/v1/users/me"),
        ("GET", "/api/v1/users/me/export"),
        ("GET", route),
        ("DELETE", "/api/v1/users/me"),
        ("POST", "/api/v1/session"),
        ("POST", "/api/v1/logout"),
    ):
        assert (await ghost.ask(method, target)).status == 401, target
    assert (await ghost.post("/api/v1/routes", wish())).status == 401
    stranger = doors.client()
    assert (await stranger.get(f"/api/v1/shared/{share['token']}")).status == 404
    assert (
        await stranger.get(f"/tiles/routes/{status['route_id']}/0/0/0.pbf?token={token}")
    ).status == 404
    async with doors.town.storage.read() as work:
        assert await work.routes.find(UUID(str(status["route_id"]))) is None  # type: ignore[arg-type]


async def test_a_remembered_answer_dies_with_its_walker(
    doors: Doors, autojump_clock: Clock
) -> None:
    """The key of an erased walker's request replays nothing."""
    walker = await doors.walker()
    key = "11111111-2222-4333-8444-555555555555"
    assert (await walker.post("/api/v1/routes", wish(), idempotency_key=key)).status == 202
    await walker.delete("/api/v1/users/me")
    again = await walker.post("/api/v1/routes", wish(), idempotency_key=key)
    assert again.status == 401


async def test_an_export_is_everything_and_nobody_else_s(
    doors: Doors, autojump_clock: Clock
) -> None:
    """Profile, wishes, walks in full, links without their tokens; to be saved as a file."""
    client = await with_account(doors)
    other = await doors.walker()
    foreign = await answered(other, await other.post("/api/v1/routes", wish(45)))
    status = await answered(client, await client.post("/api/v1/routes", wish()))
    route = f"/api/v1/routes/{status['route_id']}"
    share = (await client.post(f"{route}/share")).json()
    reply = await client.get("/api/v1/users/me/export")
    assert reply.status == 200
    assert reply.header("content-disposition") == 'attachment; filename="wildside-export.json"'
    assert reply.header("cache-control") == "no-store"
    export = reply.json()
    assert export["user"] == (await client.get("/api/v1/users/me")).json()
    assert (export["role"], export["has_password"]) == ("walker", True)
    assert export["routes"] == [(await client.get(route)).json()]
    assert [line["route_id"] for line in export["shares"]] == [status["route_id"]]
    (request,) = export["requests"]
    assert request["wish"]["duration_minutes"] == 60
    assert request["route_id"] == status["route_id"]
    for secret in (share["token"], "argon2", str(foreign["route_id"])):
        assert secret not in reply.body.decode()


async def test_an_export_holds_more_walks_than_a_page(doors: Doors) -> None:
    """All of them, newest first."""
    from tests.contracts.test_storage_routes import a_route

    walker = await doors.walker()
    me = UserId(UUID((await walker.get("/api/v1/users/me")).json()["id"]))
    async with doors.town.storage.write() as work:
        user = await work.accounts.find(me)
        assert user is not None
        made = [a_route(user, minute) for minute in range(103)]
        for route in made:
            await work.routes.save(route)
    export = (await walker.get("/api/v1/users/me/export")).json()
    assert [route["id"] for route in export["routes"]] == [str(route.id) for route in made[::-1]]


async def test_profiles_are_changed_as_before(doors: Doors) -> None:
    """Name and preferences alone ask for no password and end no session."""
    client = await with_account(doors)
    reply = await client.patch(
        "/api/v1/users/me", {"display_name": "Countess", "preferences": {"units": "imperial"}}
    )
    assert reply.json()["display_name"] == "Countess"
    assert reply.json()["preferences"]["units"] == "imperial"
    assert reply.header("set-cookie") is None


async def test_a_language_that_is_none_is_refused_by_field(doors: Doors) -> None:
    """And the one that was chosen before stays."""
    walker = await doors.walker()
    for text in ("--", "en\n", "\u202een"):
        reply = await walker.patch("/api/v1/users/me", {"preferences": {"language": text}})
        (fault,) = reply.json()["details"]
        assert (reply.status, fault["field"]) == (400, "preferences.language")
    reply = await walker.patch("/api/v1/users/me", {"preferences": {"language": "pt-PT"}})
    assert reply.json()["preferences"]["language"] == "pt-PT"


async def test_coming_back_renews_the_walker_cookie(doors: Doors, autojump_clock: Clock) -> None:
    """Half a year counts from the last visit, and the newest key seals it."""
    walker = await doors.walker()
    await trio.sleep(150 * 86400)
    first = walker.cookies["walker"]
    assert (await walker.post("/api/v1/session")).status == 200
    assert walker.cookies["walker"] != first
    await trio.sleep(150 * 86400)
    assert (await walker.post("/api/v1/session")).status == 200
    await trio.sleep(181 * 86400)
    assert (await walker.post("/api/v1/session")).status == 401
