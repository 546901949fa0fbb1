"""Somebody with a good session of their own, at other walkers' things."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
import trio

from tests.attacks.surface import GUARDED, NOBODYS, fullest_body, named, target
from tests.http.doors import Client, Doors, wish
from wildside.inbound.http.endpoint import Auth, Endpoint

# Everything that has an owner and a name in a path; a new name must be taught here.
OWNED = ("request_id", "route_id")
OWNERLESS = ("poi_id", "user_id", "id", "job_id", "z", "x", "y", "style", "source", "token")
PERSONAL = tuple(
    endpoint
    for endpoint in GUARDED
    if endpoint.auth is Auth.WALKER and any(name in OWNED for name, _ in endpoint.parameters)
)


async def a_walk_of(walker: Client) -> Mapping[str, str]:
    """A wish and its walk, by the names that paths give them."""
    accepted = (await walker.post("/api/v1/routes", wish())).json()
    while True:
        status = (await walker.get(accepted["status_url"])).json()
        if status["status"] == "complete":
            return {"request_id": accepted["request_id"], "route_id": status["route_id"]}
        await trio.sleep(0.01)


def test_every_name_in_a_path_is_known_to_this_attack() -> None:
    """Somebody who adds a path with a new kind of id says here whose it is."""
    names = {name for endpoint in GUARDED for name, _ in endpoint.parameters}
    assert names <= {*OWNED, *OWNERLESS}
    assert len(PERSONAL) >= 6


@pytest.mark.parametrize("endpoint", PERSONAL, ids=named)
async def test_another_walker_s_things_are_not_there(doors: Doors, endpoint: Endpoint) -> None:
    """404, word for word as for an id of nobody's; and nothing has changed."""
    owner, intruder = await doors.walker("192.0.2.1"), await doors.walker("192.0.2.2")
    things = await a_walk_of(owner)
    before = (await owner.get(f"/api/v1/routes/{things['route_id']}")).json()
    body = None if endpoint.body is None else fullest_body(endpoint)
    nobodys = dict.fromkeys(OWNED, NOBODYS)
    told = []
    for ids in (things, nobodys):
        reply = await intruder.ask(endpoint.method, target(endpoint, ids), body)
        assert reply.status == 404, reply.body
        text = reply.body.decode()
        for name in OWNED:
            text = text.replace(ids[name], "id")
        told.append(json.loads(text) | {"trace_id": ""})
    assert told[0] == told[1]
    assert (await owner.get(f"/api/v1/routes/{things['route_id']}")).json() == before
    status = (await owner.get(f"/api/v1/routes/status/{things['request_id']}")).json()
    assert status["status"] == "complete"


async def test_an_idempotency_key_opens_nobody_else_s_answer(doors: Doors) -> None:
    """The same key and payload from another walker make a request of their own."""
    owner, intruder = await doors.walker("192.0.2.1"), await doors.walker("192.0.2.2")
    key = {"idempotency-key": "6b3f1a52-7f53-4d6a-8c1f-0d5f5f3b8f11"}
    first = await owner.ask("POST", "/api/v1/routes", wish(), key)
    stolen = await intruder.ask("POST", "/api/v1/routes", wish(), key)
    assert stolen.status == 202
    assert stolen.header("idempotent-replayed") is None
    assert stolen.json()["request_id"] != first.json()["request_id"]


async def test_a_cursor_of_another_walker_shows_only_one_s_own(doors: Doors) -> None:
    """A cursor is a place in an order, no key to a list."""
    owner, intruder = await doors.walker("192.0.2.1"), await doors.walker("192.0.2.2")
    theirs = [await a_walk_of(owner) for _ in range(3)]
    page = (await owner.get("/api/v1/users/me/routes?limit=1")).json()
    assert page["data"][0]["id"] in {things["route_id"] for things in theirs}
    seen = await intruder.get(page["links"]["next"])
    assert (seen.status, seen.json()["data"]) == (200, [])
